"""A clock that was set back is told apart from a row that was dated back, and hides none.

The clock of this machine stays as it is: events are dated by the superuser before they are sealed, and heads
through the sealer's own question for the time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from audit.assurance import verify_log
from audit.bundles import write_bundle
from audit.clock import CLOCK_STEP, Step
from audit.findings import Outcome
from audit.models import Archive, Event, Leaf, TreeHead
from audit.parties import SYSTEM
from audit.sealer import Sealer
from audit.selectors import EventFilter
from audit.verification import Scope, verify
from tests.audit.cast import committed
from tests.audit.offline.program import Auditor
from tests.audit.sealing import manifests_signed
from tests.audit.superuser import Superuser, superuser

pytestmark = pytest.mark.django_db(transaction=True)

HOURS = timedelta(hours=2)
MINUTES = timedelta(minutes=10)
DAY = timedelta(days=1)


class Platform:
    """A log whose clock can be set; it has twelve events and a head before anybody does."""

    def __init__(self, dba: Superuser, monkeypatch: pytest.MonkeyPatch) -> None:
        self._dba = dba
        self._off = timedelta()
        self.sealer = Sealer()
        monkeypatch.setattr("audit.sealer._now", self.now)
        self.heads()

    def now(self) -> datetime:
        return timezone.now() + self._off

    def set_clock(self, by: timedelta) -> None:
        self._off += by

    def event(self, action: str = "broadcast.created", *, off: timedelta = timedelta(), **more: Any) -> int:
        """Its id; dated by the clock, or so much off it."""
        event = committed(action, **more)
        self._dba.does("UPDATE audit_event SET at = at + %s WHERE id = %s", self._off + off, event.id)
        return event.id

    def step(self, by: timedelta, **changed: datetime) -> Step:
        """Noticed and put on record now; `changed` are lies in it."""
        now = self.now()
        step = replace(Step(now=now, expected=now - by, earliest=now - timedelta(seconds=10)), **changed)
        self.event(CLOCK_STEP, actor=SYSTEM, target=None, origin=None, details=step.as_details())
        return step

    def heads(self) -> None:
        """Four events and a head over them."""
        for _ in range(4):
            self.event()
        self.head()

    def head(self) -> None:
        self.sealer.seal_pending()
        self.sealer.publish_head()


@pytest.fixture
def dba(tmp_path: Path, settings: Any) -> Iterator[Superuser]:
    settings.AUDIT_HEADS = tmp_path / "heads.jsonl"
    with superuser() as session:
        yield session


@pytest.fixture
def platform(dba: Superuser, monkeypatch: pytest.MonkeyPatch) -> Platform:
    return Platform(dba, monkeypatch)


def found() -> set[tuple[str, int | None]]:
    """(code, id of the event) of each finding."""
    return {(finding.code, finding.event) for finding in verify().findings}


def steps_in(outcome: Outcome) -> list[str]:
    return [note for note in outcome.notes if "时钟跳变" in note]


@pytest.mark.parametrize("back", [HOURS, MINUTES])
def test_a_step_on_record_is_a_notice(platform: Platform, back: timedelta) -> None:
    platform.event()
    platform.set_clock(-back)
    platform.event()
    step = platform.step(-back)
    platform.heads()
    platform.heads()
    outcome = verify_log(actor=SYSTEM)
    assert outcome.findings == []
    assert outcome.steps == 1
    [note] = steps_in(outcome)
    leaf = Leaf.objects.get(event_id=Event.objects.get(action=CLOCK_STEP).id)
    assert f"序号 {leaf.seq}（编号 {leaf.event_id}）" in note
    assert f"{step.seconds:+.1f} 秒" in note
    assert Event.objects.order_by("-id")[0].details["clock_steps"] == 1


def test_without_the_record_it_is_a_finding(platform: Platform) -> None:
    old = platform.event()
    platform.set_clock(-HOURS)
    new = platform.event()
    platform.head()
    assert found() == {("head_shrinks", None), ("wrong_time", old), ("wrong_time", new)}


def test_both_ways_within_a_minute(platform: Platform) -> None:
    """A machine that starts by a wrong time and is put right by NTP."""
    platform.event()
    platform.set_clock(-HOURS)
    platform.event()
    platform.step(-HOURS)
    platform.set_clock(HOURS)
    platform.event()
    platform.step(HOURS)
    platform.head()
    outcome = verify()
    assert outcome.findings == []
    assert len(steps_in(outcome)) == 2


def test_a_slow_transaction_when_the_clock_is_put_forward(platform: Platform) -> None:
    """Written before the step, committed after a head of the new time."""
    platform.set_clock(HOURS)
    platform.head()
    late = platform.event(off=-HOURS)
    platform.sealer.seal_pending()
    assert found() == {("wrong_time", late)}
    platform.step(HOURS)
    platform.head()
    assert found() == set()


@pytest.mark.parametrize("off", [-MINUTES, DAY - MINUTES])
def test_a_forged_row_beside_a_true_step(platform: Platform, off: timedelta) -> None:
    """Dated before the new time; or by the old time, but after the step."""
    platform.set_clock(-DAY)
    platform.event()
    platform.step(-DAY)
    forged = platform.event(off=off)
    platform.head()
    assert found() == {("wrong_time", forged)}


def test_a_forged_row_long_after_a_true_step(platform: Platform) -> None:
    platform.set_clock(-HOURS)
    platform.step(-HOURS)
    platform.heads()
    forged = platform.event(off=-HOURS)
    platform.head()
    assert found() == {("wrong_time", forged)}


def test_a_forged_step_that_the_heads_know_nothing_of(platform: Platform) -> None:
    """One row more does not excuse another: the clock has not gone on from there."""
    platform.event()
    platform.set_clock(-HOURS)
    platform.step(-HOURS)
    forged = platform.event()
    platform.set_clock(HOURS)
    platform.heads()
    step = Event.objects.get(action=CLOCK_STEP)
    assert found() == {("wrong_time", step.id), ("wrong_time", forged)}


@pytest.mark.parametrize(
    "lie",
    [
        {"earliest": -timedelta(days=300)},  # wide enough for anything
        {"now": -HOURS},  # noticed at another time than it was written
        {"expected": -HOURS},  # from too early a time
    ],
)
def test_a_step_that_claims_too_much_or_too_little(platform: Platform, lie: dict[str, timedelta]) -> None:
    platform.set_clock(-HOURS)
    platform.step(-HOURS, **{name: platform.now() + off for name, off in lie.items()})
    platform.head()
    assert ("head_shrinks", None) in found()


def test_a_step_changed_after_it_was_sealed(platform: Platform, dba: Superuser) -> None:
    platform.set_clock(-HOURS)
    platform.step(-HOURS)
    platform.head()
    assert found() == set()
    dba.does("UPDATE audit_event SET details = details || '{\"stepped\": 0}' WHERE action = %s", CLOCK_STEP)
    step = Event.objects.get(action=CLOCK_STEP)
    assert found() == {("event_changed", step.id), ("head_shrinks", None), ("wrong_time", step.id)}


@pytest.mark.parametrize("details", [{}, {"now": 1}, {"now": "x", "expected": "y", "earliest": "z"}])
def test_a_step_without_its_times_excuses_nothing(platform: Platform, details: dict[str, Any]) -> None:
    platform.set_clock(-HOURS)
    platform.event(CLOCK_STEP, actor=SYSTEM, details=details)
    platform.head()
    assert ("head_shrinks", None) in found()


def test_absurd_times_break_nothing(platform: Platform) -> None:
    edges = {"expected": "0001-01-01T00:00:00.000000Z", "earliest": "9999-12-31T23:59:59.000000Z"}
    platform.event(CLOCK_STEP, actor=SYSTEM, details={"now": "9999-12-31T23:59:59.000000Z", **edges})
    platform.event(CLOCK_STEP, actor=SYSTEM, details={**platform.step(HOURS).as_details(), **edges})
    platform.head()
    assert verify().holds


def test_a_step_in_an_archived_month_was_judged_when_it_was_archived(
    platform: Platform, dba: Superuser
) -> None:
    platform.set_clock(-HOURS)
    platform.step(-HOURS)
    platform.heads()
    size = TreeHead.objects.order_by("-number")[0].size
    Archive.objects.create(
        month=date(2026, 5, 1), rows=size, ranges=[[0, size - 1]], name="a", bytes=1, sha256="ab"
    )
    dba.does("UPDATE audit_archive SET detached_at = now()")
    dba.does("DELETE FROM audit_event")
    platform.event("audit.archived", details={"sha256": "ab"})
    platform.head()
    outcome = verify()
    assert outcome.findings == []
    assert any("在归档中，归档时已校验" in note for note in outcome.notes)


def test_reading_on_from_a_time_that_the_clock_passed_twice(platform: Platform) -> None:
    since = platform.now()
    platform.heads()
    platform.set_clock(-HOURS)
    platform.step(-HOURS)
    platform.heads()
    assert verify(scope=Scope(since=since)).heads == 3


def test_the_sealer_waits_with_its_head_for_the_record(platform: Platform) -> None:
    """So that the record lies between the same two heads as the step."""
    sealer = platform.sealer
    platform.event()
    platform.set_clock(-HOURS)
    platform.event()
    sealer._head_time -= 60
    sealer.step()
    assert (sealer.trees.size, TreeHead.objects.count()) == (6, 1)
    platform.step(-HOURS)
    sealer.step()
    assert TreeHead.objects.count() == 2
    assert found() == set()


def test_a_sealer_that_was_started_anew_waits_too(platform: Platform) -> None:
    platform.event()
    platform.sealer.seal_pending()
    platform.set_clock(-MINUTES)
    platform.sealer = Sealer()
    platform.sealer._head_time -= 60
    platform.sealer.step()
    assert TreeHead.objects.count() == 1


def test_the_sealer_does_not_wait_for_ever(platform: Platform) -> None:
    platform.set_clock(-HOURS)
    platform.event()
    platform.sealer._head_time = time.monotonic() - 60 - 600
    platform.sealer.step()
    assert TreeHead.objects.count() == 2
    assert ("head_shrinks", None) in found()


def test_an_export_over_a_step_passes_at_the_auditors(
    platform: Platform, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.set_clock(-HOURS)
    platform.step(-HOURS)
    platform.heads()
    bundle = tmp_path / "bundle.zip"
    wanted = EventFilter(action="broadcast.created")
    with bundle.open("wb") as target, manifests_signed():
        write_bundle(target, wanted, kind="export", made_by="赵审计", redacted=True)
    answer = Auditor(capsys).checks(bundle)
    assert (answer.status, answer.said["findings"]) == (0, [])
    assert any("时钟跳变" in note["zh"] for note in answer.said["notes"])
