"""Watches the clock that dates the evidence: the database's, against one that nobody sets.

Both run on at the same pace, unless somebody turns the wall clock or the machine stood still. Two readings of
one machine are compared, ten seconds apart, so that slow correction by NTP is no step.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import connection, transaction

from audit.parties import SYSTEM
from audit.services import record
from synthesis.cache.redis import connection as valkey

STEP = 2.0  # seconds
_SLOWEST = 0.5  # seconds; an answer that took longer says too little about its time
_KEPT = 3600  # seconds; a step is told from the reading before, not from one of yesterday
_KEY = "govvoice:clock:{boot}"
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def watch() -> float | None:
    """Records clock.step when the clock has stepped since the last call; returns by how many seconds."""
    offset = _offset()
    if offset is None:
        return None
    # One step for all processes of a machine: whoever brings the reading takes the one before away.
    key = _KEY.format(boot=_BOOT.read_text(encoding="ascii").strip())
    before = valkey().set(key, repr(offset), ex=_KEPT, get=True)
    step = 0.0 if before is None else offset - float(before)
    if abs(step) <= STEP:
        return None
    _record(step)
    return step


def _offset() -> float | None:
    """The database's clock less the seconds since this machine was started, sleep included."""
    began = time.clock_gettime(time.CLOCK_BOOTTIME)
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        now: float = cursor.fetchone()[0]
    took = time.clock_gettime(time.CLOCK_BOOTTIME) - began
    return None if took > _SLOWEST else now - began - took / 2


def _record(step: float) -> None:
    now = datetime.now(UTC)
    details = {
        "seconds": round(step, 3),
        "now": now.isoformat(),
        "expected": (now - timedelta(seconds=step)).isoformat(),
    }
    with transaction.atomic():
        record(action="clock.step", actor=SYSTEM, details=details)
