"""Where a word of staff's may hold, as choices of a form: `channel:hall` -> its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Client, Organisation
from govvoice.broadcasts.models import Channel
from synthesis.models import Voice
from synthesis.scopes import ALL

_Rows = Callable[[], list[tuple[str, str]]]


def places(*scopes: str, only: Organisation | None = None) -> list[Any]:
    """What a word can hold for, in a group each scope; everywhere comes first. Of departments `only` this."""
    groups: dict[str, tuple[str, _Rows]] = {
        "organisation": (_("仅某部门"), lambda: [(only.code, only.name)] if only else _organisations()),
        "channel": (_("仅某渠道"), _channels),
        "voice": (_("仅某发音人"), _voices),
        "client": (_("仅某接入系统"), _clients),
    }
    chosen = [(scope, *groups[scope]) for scope in scopes if scope in groups]
    return [
        (place_of(ALL, ""), _("全部播报和接口")),
        *((label, _group(scope, rows)) for scope, label, rows in chosen),
    ]


def place_of(scope: str, key: str) -> str:
    return f"{scope!s}:{key}"


def _group(scope: str, rows: _Rows) -> list[tuple[str, str]]:
    return [(place_of(scope, code), name) for code, name in rows()]


def _organisations() -> list[tuple[str, str]]:
    return [(row.code, row.name) for row in Organisation.objects.filter(is_active=True)]


def _channels() -> list[tuple[str, str]]:
    return [(row.code, row.name) for row in Channel.objects.filter(is_active=True)]


def _voices() -> list[tuple[str, str]]:
    voices = Voice.objects.filter(is_active=True).select_related("speaker")
    return [(row.code, f"{row} ({row.code})") for row in voices]


def _clients() -> list[tuple[str, str]]:
    return [(row.code, row.name) for row in Client.objects.filter(is_active=True)]
