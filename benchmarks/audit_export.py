"""Exports of 1,000,000 events: time and peak memory of each format, and of a bundle that proves itself.

Each is ordered as the portal does it, and made by a Celery worker started for it, whose largest resident
size is told, with all it has imported; it holds no voices. The log is sealed first by the sealer, as a
process, and that is timed as well. `pdf` stands for all reports of more than 10,000 rows: figures and charts,
with the rows in a table beside it. `pdf_listed` is the longest that lists its rows on its own pages.
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
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from benchmarks._big_log import EVENTS, big_log

if TYPE_CHECKING:
    from audit.exports.models import Export

LIMIT_MB = 200
LISTED = 9_900  # rows; orders, too, leave events
ORDERS: dict[str, dict[str, Any]] = {
    "csv": {"format": "csv"},
    "xlsx": {"format": "xlsx"},
    "jsonl": {"format": "jsonl"},
    "pdf": {"format": "pdf"},
    "pdf_listed": {"format": "pdf", "newest": LISTED},
    "bundle": {"format": "jsonl", "with_proof": True},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--only", choices=sorted(ORDERS), action="append")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--make", choices=sorted(ORDERS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        print(json.dumps(_made(**ORDERS[options.make])))
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
    with _process(sys.executable, "-m", "django", "seal"):
        yield


def _sealed(events: int) -> float:
    """Waits for a head over all events; returns the seconds it took."""
    from audit.models import TreeHead

    begun = time.perf_counter()
    while not TreeHead.objects.filter(size__gte=events).exists():
        time.sleep(0.5)
    return time.perf_counter() - begun


def _made(format: str, with_proof: bool = False, newest: int = 0) -> dict[str, float]:
    """Has one export made by a new worker, which is the largest child of this process."""
    with _queue(), _worker() as worker:
        before = worker.memory_info().rss / 2**20
        export = _ordered(format, with_proof, newest)
        while export.is_unfinished:
            time.sleep(0.2)
            export.refresh_from_db()
    assert export.state == "ready", export.failure
    return {
        "rows": float(export.rows or 0),
        "seconds": round((export.finished_at - export.started_at).total_seconds(), 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        "mb_before": round(before),
        "megabytes": round(sum(file.size for file in export.files.all()) / 1e6, 1),
    }


@contextmanager
def _queue() -> Iterator[None]:
    from govvoice.embedded.places import Places
    from govvoice.embedded.valkey import Valkey

    valkey = Valkey(Places(Path(os.environ["GOVVOICE_VAR"])))
    os.environ["REDIS_URL"] = valkey.url
    with _process(sys.executable, "-m", "govvoice.embedded.valkey") as server:
        valkey.wait(60, server)
        yield


@contextmanager
def _worker() -> Iterator[psutil.Process]:
    """As `make run` starts them, once it answers. Django is set up on its queue."""
    import django

    django.setup()
    from govvoice.celery import app

    options = ("-P", "threads", "-c", "2", "-Q", "renders", "-l", "WARNING")
    with _process(sys.executable, "-m", "celery", "-q", "-A", "govvoice", "worker", *options) as process:
        while not app.control.ping(timeout=1):
            assert process.poll() is None, "the worker has ended"
        yield psutil.Process(process.pid)


@contextmanager
def _process(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    # Standard output belongs to the figures.
    process = subprocess.Popen(command, stdout=sys.stderr)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def _ordered(format: str, with_proof: bool, newest: int) -> Export:
    from audit.exports.services import Order, request_export
    from audit.models import Event
    from audit.parties import SYSTEM
    from audit.selectors import EventFilter

    times = Event.objects.order_by("-id").values_list("at", flat=True)
    wanted = EventFilter(since=min(times[:newest])) if newest else EventFilter()
    order = Order(wanted=wanted, format=format, with_proof=with_proof)
    return request_export(order=order, actor=SYSTEM, origin=None)


if __name__ == "__main__":
    main()
