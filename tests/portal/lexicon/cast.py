"""Entries at any point of their way."""

from __future__ import annotations

from typing import Any

from synthesis.lexicon import services
from synthesis.lexicon.models import Entry
from tests.portal.broadcasts.cast import Official

FIELDS: dict[str, Any] = {"word": "管网", "reading": "guan3 wang4"}
POSTED: dict[str, str] = {
    "word": "管网",
    "way": "reading",
    "reading": "guǎn wàng",
    "replacement": "",
    "place": "all:",
    "effective_from": "2026-01-01",
    "effective_to": "",
    "examples": "因管网检修停水。",
    "note": "测试用",
}


def proposed(author: Official, **changed: Any) -> Entry:
    return services.propose(fields=FIELDS | changed, staff=author.staff, origin=None)


def in_force(author: Official, reviewer: Official, **changed: Any) -> Entry:
    entry = proposed(author, **changed)
    services.approve(entry=entry, staff=reviewer.staff, origin=None)
    return now(entry)


def now(entry: Entry) -> Entry:
    return Entry.objects.get(pk=entry.pk)
