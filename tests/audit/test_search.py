"""Finding events again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from audit import selectors
from audit.errors import InvalidFilter
from audit.models import Event
from audit.parties import Actor, Origin, Target
from audit.sealer import Sealer
from audit.selectors import (
    EventFilter,
    Found,
    object_timeline,
    page,
    request_timeline,
    search,
    with_seal,
)
from tests.audit.cast import DESK, EDITOR, HOTLINE, committed

pytestmark = pytest.mark.django_db


@pytest.fixture
def log() -> dict[str, int]:
    """A small log: what each event is called here -> its id."""
    remote = Origin(address="2001:db8::7", peer_address="10.0.0.1", request_id="request-2")
    events = {
        "written": committed("broadcast.created"),
        "approved": committed("broadcast.approved", actor=Actor(kind="staff", id="8", name="王审核")),
        "refused": committed(
            "speech.requested",
            outcome="refused",
            code="text_blocked",
            actor=HOTLINE,
            target=None,
            origin=remote,
        ),
        "keyed": committed("key.issued", target=Target(type="client", id=HOTLINE.id, name=HOTLINE.name)),
    }
    return {name: event.id for name, event in events.items()}


@pytest.mark.parametrize(
    ("terms", "names"),
    [
        ({}, ["keyed", "refused", "approved", "written"]),
        ({"action": "broadcast.approved"}, ["approved"]),
        ({"outcome": "refused"}, ["refused"]),
        ({"actor": "李"}, ["keyed", "written"]),
        ({"actor": "8"}, ["approved"]),
        ({"actor": "%"}, []),
        ({"client": "hotline-12345"}, ["keyed", "refused"]),
        ({"object": "停水"}, ["approved", "written"]),
        ({"object": "BB-0001", "object_type": "broadcast", "actor": "7"}, ["written"]),
        ({"address": "10.1.2.3"}, ["keyed", "approved", "written"]),
        ({"address": "::ffff:10.1.2.3"}, ["keyed", "approved", "written"]),
        ({"address": "10.1.0.0/16"}, ["keyed", "approved", "written"]),
        ({"address": "2001:db8::/32"}, ["refused"]),
        ({"address": "10.0.0.1"}, []),
        ({"request_id": "request-2"}, ["refused"]),
        ({"request_id": "  ", "actor": " 8 "}, ["approved"]),
        ({"since": "2000-01-01", "until": "2001-01-01"}, []),
    ],
)
def test_each_term_narrows_the_list(log: dict[str, int], terms: dict[str, str], names: list[str]) -> None:
    found = [event.id for event in EventFilter.parse(terms).queryset()]
    assert found == [log[name] for name in names]


def test_today_is_found_by_its_day_and_by_its_minutes(log: dict[str, int]) -> None:
    now = timezone.localtime()
    today = {"since": f"{now:%Y-%m-%d}", "until": f"{now:%Y-%m-%d}"}
    assert EventFilter.parse(today).queryset().count() == 4
    ago, ahead = now - timedelta(minutes=5), now + timedelta(minutes=5)
    minutes = {"since": f"{ago:%Y-%m-%d %H:%M}", "until": ahead.isoformat()}
    assert EventFilter.parse(minutes).queryset().count() == 4


def test_days_are_those_of_shanghai() -> None:
    wanted = EventFilter.parse({"since": "2026-11-21", "until": "2026-11-21"})
    assert wanted.since == datetime(2026, 11, 20, 16, tzinfo=UTC)
    assert wanted.until == datetime(2026, 11, 21, 16, tzinfo=UTC)


@pytest.mark.abuse(92)
@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("since", "9999-99-99"),
        ("since", "yesterday"),
        ("since", "0001-01-01"),
        ("until", "9999-12-31"),
        ("until", "2026-11-21T25:61"),
        ("action", "broadcast.exploded"),
        ("action", "'; DROP TABLE audit_event"),
        ("outcome", "maybe"),
        ("actor", "a\x00b"),
        ("actor", "lone\ud800"),
        ("object", "x" * 201),
        ("address", "10.1.2"),
        ("address", "10.1.2.3/33"),
        ("address", "fe80::%eth0/64"),
        ("password", "x"),
        ("filter[__class__]", "x"),
    ],
)
def test_terms_that_cannot_be_read_are_named(field: str, text: str) -> None:
    with pytest.raises(InvalidFilter) as refusal:
        EventFilter.parse({field: text, "outcome": "failed"} if field != "outcome" else {field: text})
    assert list(refusal.value.problems) == [field]


def test_a_time_that_ends_before_it_begins_is_named() -> None:
    with pytest.raises(InvalidFilter, match="结束时间应晚于开始时间"):
        EventFilter.parse({"since": "2026-11-21 10:00", "until": "2026-11-21 09:00"})


def test_a_filter_can_be_put_on_record() -> None:
    wanted = EventFilter.parse({"since": "2026-11-21", "actor": "李"})
    assert wanted.as_details() == {"since": "2026-11-20T16:00:00+00:00", "actor": "李"}


def test_pages_neither_skip_nor_repeat_while_events_come_in() -> None:
    ids = [committed().id for _ in range(7)]
    _same_microsecond()
    seen: list[int] = []
    below = None
    while True:
        events, below = page(EventFilter().queryset(), size=3, below=below)
        seen += [event.id for event in events]
        committed()
        if below is None:
            break
    assert seen == ids[::-1]


@pytest.mark.parametrize("counted", [100, 3])
def test_a_search_finds_the_same_few_or_many(counted: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "COUNTED", counted)
    ids = [committed().id for _ in range(7)]
    _same_microsecond()
    committed(actor=HOTLINE)
    seen: list[int] = []
    below = None
    while True:
        found = search(EventFilter(actor="7").queryset(), size=3, below=below)
        seen += [event.id for event in found.events]
        assert found.count == (7 if counted == 100 else None)
        assert not any(event.sealed for event in found.events)  # type: ignore[attr-defined]  # with_seal's
        below = found.below
        if below is None:
            break
    assert seen == ids[::-1]
    assert search(EventFilter(actor="nobody").queryset(), size=3) == Found([], None, 0)


def test_timelines_run_from_first_to_last(log: dict[str, int]) -> None:
    assert [event.id for event in request_timeline(DESK.request_id)] == [
        log["written"],
        log["approved"],
        log["keyed"],
    ]
    assert [event.id for event in object_timeline(object_type="broadcast", object_id="BB-0001")] == [
        log["written"],
        log["approved"],
    ]


def test_the_list_can_tell_what_is_sealed(log: dict[str, int]) -> None:
    first = Event.objects.order_by("id").values()[:1]
    Sealer()._seal(list(first))
    sealed: Any = with_seal(EventFilter().queryset())
    assert [event.sealed for event in sealed] == [False, False, False, True]
    assert EDITOR.name == sealed[3].actor_name


def _same_microsecond() -> None:
    """Puts all events there are at one time, as a burst on several processes may."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only")
        cursor.execute("UPDATE audit_event SET at = (SELECT min(at) FROM audit_event)")
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only")
