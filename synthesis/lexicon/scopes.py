"""Where an entry holds, and which entries one text may fall under."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """From the widest to the narrowest: of two entries for one word, the narrower one is spoken."""

    ALL = "all", _("全部")
    ORGANISATION = "organisation", _("部门")
    CHANNEL = "channel", _("渠道")
    VOICE = "voice", _("发音人")


def may_meet(scope: str, key: str, other: str, other_key: str) -> bool:
    """Whether one text can fall under both: two entries of two organisations never do."""
    return scope != other or key == other_key
