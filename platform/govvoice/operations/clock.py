"""Watches the clock that dates the evidence: the database's, against one that nobody sets.

Both run on at the same pace, unless somebody turns the wall clock or the machine stood still. Two readings of
one machine are compared, ten seconds apart, so that slow correction by NTP is no step. Where there is no
reading before, after a start of the machine, the clock is held against the newest times of the log itself.

The step is told by the application, which adds events; the sealer, which dates heads by the same clock, may
write none, and waits for it (audit.sealer).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection, transaction

from audit.clock import CLOCK_STEP, Step, latest_time
from audit.parties import SYSTEM
from audit.services import record
from synthesis.cache.redis import connection as valkey

STEP = timedelta(seconds=2)
_SLOWEST = 0.5  # seconds; an answer that took longer says too little about its time
_KEPT = 3600  # seconds; a step is told from the reading before, not from one of yesterday
_UNWATCHED = 600.0  # seconds; how long a clock may have run unwatched after a start
_KEY = "govvoice:clock:reading:{boot}"
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the database's clock showed, so many seconds after this machine was started, sleep included."""

    now: datetime
    running: float

    def encoded(self) -> str:
        return f"{self.now.isoformat()} {self.running!r}"

    @classmethod
    def decoded(cls, text: str) -> Reading:
        now, running = text.split(" ")
        return cls(datetime.fromisoformat(now), float(running))


def watch() -> Step | None:
    """Records clock.step when the clock has stepped since the last call; returns the step."""
    reading = _reading()
    if reading is None:
        return None
    # One step for all processes of a machine: whoever brings the reading takes the one before away.
    key = _KEY.format(boot=_BOOT.read_text(encoding="ascii").strip())
    before: bytes | None = valkey().set(key, reading.encoded(), ex=_KEPT, get=True)  # type: ignore[assignment]
    step = _since_start(reading) if before is None else _between(Reading.decoded(before.decode()), reading)
    if step is not None:
        with transaction.atomic():
            record(action=CLOCK_STEP, actor=SYSTEM, details=step.as_details())
    return step


def _reading() -> Reading | None:
    began = time.clock_gettime(time.CLOCK_BOOTTIME)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    took = time.clock_gettime(time.CLOCK_BOOTTIME) - began
    return None if took > _SLOWEST else Reading(now, began + took / 2)


def _between(before: Reading, reading: Reading) -> Step | None:
    passed = timedelta(seconds=reading.running - before.running)
    expected = before.now + passed
    if abs(reading.now - expected) <= STEP:
        return None
    return Step(now=reading.now, expected=expected, earliest=reading.now - passed)


def _since_start(reading: Reading) -> Step | None:
    """A clock set back while nobody looked is behind the log; one put forward contradicts nothing."""
    latest = latest_time()
    if latest is None or latest - reading.now <= STEP:
        return None
    unwatched = timedelta(seconds=min(reading.running, _UNWATCHED))
    return Step(now=reading.now, expected=latest, earliest=reading.now - unwatched)
