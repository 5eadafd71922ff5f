"""What sealing an event costs, in microseconds of processor time: the sealer shares its cores with others.

50,000 events of the year's log, all waiting, are sealed in one go on a database of its own. `sealer` is the
time of the sealer's process, `database` that of its session's backend. Below it the parts of the sealer's
share, each done alone over the same events: reading them, their canonical bytes (with the two hashes of the
personal fields), the two hashes of the leaves, growing both trees, and writing the leaves.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import psutil

from benchmarks._big_log import big_log

EVENTS = 50_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    with big_log(options.events):
        result = measure(options.events)
    lines = (f"{name:28} {value}" for name, value in result.items())
    print(json.dumps(result) if options.json else "\n".join(lines))


def measure(events: int) -> dict[str, float]:
    from django.conf import settings

    from audit.sealer import Sealer

    settings.AUDIT_HEADS = Path(settings.VAR) / "heads.jsonl"
    sealer = Sealer()
    before = _backend_seconds()
    _sealed, seconds = _timed(sealer.seal_pending)
    shares = {"sealer": seconds, "database": _backend_seconds() - before, **_parts()}
    return {"events": events, **{f"{name}_us": round(1e6 * s / events, 1) for name, s in shares.items()}}


def _parts() -> dict[str, float]:
    from audit.canonical import SEALED_FROM, row_bytes
    from audit.merkle import Trees, leaf_hashes
    from audit.models import Event

    rows, reading = _timed(lambda: list(Event.objects.order_by("xid", "id").values(*SEALED_FROM)))
    data, canonical = _timed(lambda: [row_bytes(row) for row in rows])
    hashes, hashing = _timed(lambda: [leaf_hashes(one) for one in data])
    _trees, growing = _timed(lambda: Trees().grown(hashes))
    leaves = [(seq, row["id"], *pair) for seq, row, pair in zip(count(), rows, hashes, strict=False)]
    _written, writing = _timed(lambda: _write(leaves))
    return {
        "reading": reading,
        "canonical": canonical,
        "leaf_hashes": hashing,
        "trees": growing,
        "writing": writing,
    }


def _write(leaves: list[tuple[Any, ...]]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE leaves (LIKE audit_leaf INCLUDING INDEXES)")
        with cursor.copy("COPY leaves FROM STDIN") as copy:
            for leaf in leaves:
                copy.write_row(leaf)


def _timed(part: Callable[[], Any]) -> tuple[Any, float]:
    """What it gives, and the processor seconds of this process that it took."""
    began = time.process_time()
    given = part()
    return given, time.process_time() - began


def _backend_seconds() -> float:
    """Processor seconds of the server's process behind this session."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        spent = psutil.Process(cursor.fetchone()[0]).cpu_times()
    return spent.user + spent.system


if __name__ == "__main__":
    main()
