"""The words of the audit pages: groups of actions, states of exports, filters as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import Client
from audit.actions import choices
from audit.exports import terms
from audit.exports.models import Export


def action_offers() -> list[tuple[str, list[tuple[str, str]]]]:
    """Actions in groups; each group begins with all of it, where it has more than one."""
    groups = groupby(choices(), key=lambda choice: choice[0].partition(".")[0])
    return [(terms.group_label(name), _all_of(name, list(members))) for name, members in groups]


def object_offers() -> list[tuple[str, str]]:
    return [
        (name, str(label)) for name, label in sorted(terms.OBJECTS.items(), key=lambda entry: str(entry[1]))
    ]


def asked(export_terms: Mapping[str, str]) -> list[tuple[str, str]]:
    """A filter's terms as label and value; a client stands there by its name."""
    code = export_terms.get("client")
    name = Client.objects.filter(code=code).values_list("name", flat=True).first() if code else None
    return terms.asked({**export_terms, "client": name} if name else export_terms)


def _all_of(name: str, members: list[tuple[str, str]]) -> list[tuple[str, str]]:
    if len(members) < 2:
        return members
    return [(f"{name}.*", terms.all_of(name)), *members]


@dataclass(frozen=True, slots=True)
class Badge:
    word: str
    colour: str
    icon: str


_BADGES = {
    Export.State.QUEUED: ("grey", "clock"),
    Export.State.SEALING: ("grey", "lock"),
    Export.State.MAKING: ("blue", "refresh"),
    Export.State.READY: ("green", "check"),
    Export.State.FAILED: ("red", "warning"),
    Export.State.CANCELLED: ("grey", "cross"),
    Export.State.EXPIRED: ("grey", "history"),
}


def badge_of(export: Export) -> Badge:
    return Badge(export.get_state_display(), *_BADGES[Export.State(export.state)])


def name_of(export: Export) -> str:
    """What it is, in one line: 审计月报 2026-10, Excel 表格 (XLSX)·附证据包."""
    if export.kind == Export.Kind.MONTHLY and (since := parse_datetime(export.terms.get("since", ""))):
        return f"{export.get_kind_display()} {timezone.localtime(since):%Y-%m}"
    words = export.get_format_display()
    return f"{words}，{_('附证据包')}" if export.with_proof else words


def time_left(export: Export, now: datetime | None = None) -> str:
    """还需约 3 分钟; empty while it cannot be told."""
    seconds = export.seconds_left(now)
    if seconds is None:
        return ""
    if seconds < 60:
        return _("还需约 %(count)d 秒") % {"count": max(1, seconds)}
    minutes = round(timedelta(seconds=seconds) / timedelta(minutes=1))
    return _("还需约 %(count)d 分钟") % {"count": minutes}
