"""Exports of 1,000,000 events: time and peak memory of each format, and of a bundle that proves itself.

Each is ordered and made as a worker does it, in a process of its own, whose largest resident size is told;
the log is sealed first by the sealer, as a process, and that is timed as well. The PDF stands for all reports
of more than 10,000 rows: figures and charts, with the rows in a table beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks._big_log import EVENTS, big_log

LIMIT_MB = 200
ORDERS = {
    "csv": ("csv", False),
    "xlsx": ("xlsx", False),
    "jsonl": ("jsonl", False),
    "pdf": ("pdf", False),
    "bundle": ("jsonl", True),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--only", choices=sorted(ORDERS), action="append")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--make", choices=sorted(ORDERS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        print(json.dumps(_made(*ORDERS[options.make])))
        return
    result: dict[str, Any] = {"events": options.events}
    with big_log(options.events), _sealer():
        result["sealing_s"] = round(_sealed(options.events), 1)
        for name in options.only or ORDERS:
            command = [sys.executable, "-m", "benchmarks.audit_export", "--make", name]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
            result |= {f"{name}_{key}": value for key, value in json.loads(done.stdout).items()}
            print(name, json.loads(done.stdout), flush=True)
    result["load_average"] = round(os.getloadavg()[0], 1)
    print(json.dumps(result) if options.json else "\n".join(f"{name:32} {result[name]}" for name in result))
    sys.exit(any(value > LIMIT_MB for name, value in result.items() if name.endswith("_peak_mb")))


@contextmanager
def _sealer() -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "django", "seal"])
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def _sealed(events: int) -> float:
    """Waits for a head over all events; returns the seconds it took."""
    from audit.models import TreeHead

    begun = time.perf_counter()
    while not TreeHead.objects.filter(size__gte=events).exists():
        time.sleep(0.5)
    return time.perf_counter() - begun


def _made(format: str, with_proof: bool) -> dict[str, float]:
    """Orders and makes one export in this process, which has done nothing else."""
    import django

    django.setup()
    from audit.exports import making
    from audit.exports.models import Export
    from audit.exports.services import Order, request_export
    from audit.parties import SYSTEM
    from audit.selectors import EventFilter

    order = Order(wanted=EventFilter(), format=format, with_proof=with_proof)
    export = request_export(order=order, actor=SYSTEM, origin=None)
    before = _resident()
    begun = time.perf_counter()
    while making.make(export.pk) == "waits":
        time.sleep(1)  # what the orders before this one have recorded is sealed within a minute
        begun = time.perf_counter()
    export.refresh_from_db()
    assert export.state == Export.State.READY, export.failure
    return {
        "rows": float(export.rows or 0),
        "seconds": round(time.perf_counter() - begun, 1),
        "peak_mb": round(_resident()),
        "peak_mb_before": round(before),
        "megabytes": round(sum(file.size for file in export.files.all()) / 1e6, 1),
    }


def _resident() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
