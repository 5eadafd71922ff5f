"""Where an entry holds: everywhere, or for one organisation, channel or voice.

The rooms that own those things say which there are, so that this one need not know the rooms above it.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import models
from django.utils.translation import gettext_lazy as _

NameOf = Callable[[str], str | None]


class Scope(models.TextChoices):
    """From the widest to the narrowest: of two entries for one word, the narrower one is spoken."""

    ALL = "all", _("全部")
    ORGANISATION = "organisation", _("部门")
    CHANNEL = "channel", _("渠道")
    VOICE = "voice", _("发音人")


_owners: dict[str, NameOf] = {}


def register(scope: Scope, name_of: NameOf) -> None:
    """`name_of` gives the name that belongs to a code of this scope, None when there is no such code."""
    _owners[scope] = name_of


def name_of(scope: str, key: str) -> str | None:
    """The name of what the entry holds for; None when there is no such thing."""
    if scope == Scope.ALL:
        return str(Scope.ALL.label) if not key else None
    owner = _owners.get(scope)
    return owner(key) if owner and key else None


def may_meet(scope: str, key: str, other: str, other_key: str) -> bool:
    """Whether one text can fall under both: two entries of two organisations never do."""
    return scope != other or key == other_key
