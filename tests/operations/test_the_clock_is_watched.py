from __future__ import annotations

from collections.abc import Iterator

import pytest

from audit.models import Event
from govvoice.operations import clock
from govvoice.operations.tasks import watch_clock
from synthesis.cache.redis import connection as valkey

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key() -> Iterator[str]:
    """Where the last reading of this machine is kept; nothing there yet."""
    name = f"govvoice:clock:{clock._BOOT.read_text().strip()}"
    valkey().delete(name)
    yield name
    valkey().delete(name)


def set_back(key: str, seconds: float) -> None:
    """As if the wall clock had been put forward by so many seconds since the last reading."""
    valkey().set(key, repr(float(valkey().get(key)) - seconds))


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
    assert event.details["seconds"] == pytest.approx(seconds, abs=0.6)
    assert event.details["expected"] != event.details["now"]
    assert clock.watch() is None
    assert Event.objects.count() == 1


@pytest.mark.parametrize("seconds", [1.2, -1.2])
def test_slow_correction_is_no_step(key: str, seconds: float) -> None:
    clock.watch()
    set_back(key, seconds)
    assert clock.watch() is None
    assert not Event.objects.exists()
