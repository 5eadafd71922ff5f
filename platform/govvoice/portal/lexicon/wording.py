"""Entries as staff read them: state, sound, place and time in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from govvoice.portal.broadcasts.wording import Badge
from synthesis.lexicon.models import Entry
from synthesis.lexicon.scopes import Scope
from synthesis.text.spelling import marked

_STATES = {
    Entry.State.DRAFT: ("grey", "edit"),
    Entry.State.PENDING: ("amber", "stamp"),
    Entry.State.ACTIVE: ("green", "check"),
    Entry.State.REFUSED: ("orange", "return"),
    Entry.State.RETIRED: ("grey", "ban"),
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """How a word is said: `marked` is its pinyin with tone marks, empty when `written` is said instead."""

    marked: str
    written: str


def entry_badge(state: str) -> Badge:
    state = Entry.State(state)
    return Badge(str(state.label), *_STATES[state])


def spoken_of(reading: str, replacement: str) -> Spoken:
    if not reading:
        return Spoken("", replacement)
    return Spoken(" ".join(map(marked, reading.split())), reading)


def scope_of(entry: Entry) -> str:
    """Where it holds: 全部, 渠道：政务大厅广播."""
    if entry.scope == Scope.ALL:
        return entry.scope_name
    return _("%(kind)s：%(name)s") % {"kind": Scope(entry.scope).label, "name": entry.scope_name}


def effective_of(entry: Entry) -> str:
    """When it holds: 2026-11-21 起, 2026-11-21 至 2026-12-31."""
    since, until = entry.effective_from, entry.effective_to
    if until is None:
        return _("%(since)s 起") % {"since": since.isoformat()}
    return _("%(since)s 至 %(until)s") % {"since": since.isoformat(), "until": until.isoformat()}
