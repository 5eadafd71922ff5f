from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from audit.clock import Step
from audit.models import Event
from audit.parties import SYSTEM
from audit.sealer import Sealer
from audit.services import record
from govvoice.operations import clock
from govvoice.operations.tasks import watch_clock
from synthesis.cache.redis import connection as valkey

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key() -> Iterator[str]:
    """Where the last reading of this machine is kept; nothing there yet."""
    name = f"govvoice:clock:reading:{clock._BOOT.read_text().strip()}"
    valkey().delete(name)
    yield name
    valkey().delete(name)


def set_back(key: str, seconds: float) -> None:
    """As if the wall clock had been put forward by so many seconds since the last reading."""
    last = clock.Reading.decoded(valkey().get(key).decode())  # type: ignore[union-attr]
    valkey().set(key, replace(last, now=last.now - timedelta(seconds=seconds)).encoded())


def test_a_clock_that_runs_on_is_no_news() -> None:
    assert clock.watch() is None
    assert clock.watch() is None
    assert not Event.objects.exists()


@pytest.mark.abuse(103)
@pytest.mark.parametrize("seconds", [3.0, -3.0, 3600.0, -3600.0])
def test_a_step_is_recorded_once(key: str, seconds: float) -> None:
    clock.watch()
    set_back(key, seconds)
    watch_clock()
    event = Event.objects.get()
    assert event.action == "clock.step"
    assert event.details["stepped"] == pytest.approx(seconds, abs=0.6)
    step = Step.told_by(event)
    assert step is not None, "verification reads what was written"
    assert step.seconds == pytest.approx(seconds, abs=0.6)
    assert step.now <= event.at
    assert timedelta() <= step.now - step.earliest < timedelta(seconds=10)
    assert clock.watch() is None
    assert Event.objects.count() == 1


@pytest.mark.parametrize("seconds", [1.2, -1.2])
def test_slow_correction_is_no_step(key: str, seconds: float) -> None:
    clock.watch()
    set_back(key, seconds)
    assert clock.watch() is None
    assert not Event.objects.exists()


def committed_in_the_future(**ahead: float) -> None:
    """An event as the clock dated it before it was set back."""
    with transaction.atomic():
        event = record(action="auth.login", actor=SYSTEM)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only")
        cursor.execute("UPDATE audit_event SET at = at + %s WHERE id = %s", [timedelta(**ahead), event.id])
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only")


def test_a_clock_set_back_while_nobody_looked_is_told_by_the_log() -> None:
    committed_in_the_future(hours=2)
    step = clock.watch()
    assert step is not None
    assert step.seconds == pytest.approx(-7200, abs=5)
    assert step.now - step.earliest <= timedelta(minutes=10)
    assert Step.told_by(Event.objects.order_by("-id")[0]) == step


def test_a_step_on_record_is_not_told_again_after_the_next_start(key: str) -> None:
    committed_in_the_future(hours=2)
    assert clock.watch() is not None
    valkey().delete(key)
    assert clock.watch() is None


def test_a_head_tells_what_time_it_was_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A night without events: only heads, hour by hour."""
    monkeypatch.setattr("audit.sealer._now", lambda: timezone.now() + timedelta(hours=1))
    Sealer().publish_head()
    step = clock.watch()
    assert step is not None
    assert step.seconds == pytest.approx(-3600, abs=5)
