"""Where a word of staff's holds: everywhere, or for one organisation, channel, voice or client.

The rooms that own those things say which there are, so that this one need not know the rooms above it.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

NameOf = Callable[[str], str | None]

ALL = "all"
_EVERYWHERE = _("全部")
_owners: dict[str, NameOf] = {}


def register(scope: str, name_of: NameOf) -> None:
    """`name_of` gives the name that belongs to a code of this scope, None when there is no such code."""
    _owners[scope] = name_of


def name_of(scope: str, key: str) -> str | None:
    """The name of what the word holds for; None when there is no such thing."""
    if scope == ALL:
        return str(_EVERYWHERE) if not key else None
    owner = _owners.get(scope)
    return owner(key) if owner and key else None
