"""What evidence costs the acts it is written with, and how soon it is sealed.

32 writers, spread over several processes, each in transactions of its own: one row of business, 5 ms of
waiting (the rest of what an act does), commit. They do so in turns with and without record() in the
transaction, on a platform of its own with fsync on and its real sealer beside it, as the application's
account. The ratios are of transactions a second, summed over all turns: 1 would mean that evidence is free.

`acts`: what the platform is there for: 32 callers at once ask for a sentence whose sound is cached, some 5 ms
of work each (reading and screening the text, finding voice and sound, counting it), as fast as they can. The
turns without evidence leave record() out and nothing else.
`paced`: the code of the platform (Django, record()) under 1,000 acts a second, all writers together; with it,
what an act takes and by how much evidence prolongs it, which on two cores is mostly waiting for one of them.
`python`: as `paced`, but as fast as the writers can: they share the cores with the database and the sealer,
so on a small machine the ratio tells of processor time, whoever used it, and not of waiting: 32 writers of
5 ms ask for up to 6,400 transactions a second, more than two cores can do with any client.
`pgbench`: as fast as can be too, from a program that costs next to nothing: what the database alone pays.
`cpu_idle` says how much of the machine was free meanwhile.

`lag`: from the commit of an event to the commit of its leaf, seen by asking every 10 ms while the writers
write.

Fails where `acts_ratio` or `paced_ratio` is below 0.95, or the lag's 99th percentile is over 2 s.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from govvoice.embedded.places import Places
from govvoice.embedded.postgres import Postgres
from tests.embedded.running import Platform

WRITERS, PROCESSES = 32, 4
WAIT = 0.005
TURN = 5.0  # seconds
TURNS = 6  # of each kind
PACE = 1_000  # transactions a second, all writers together
LEAST_RATIO, LONGEST_LAG = 0.95, 2.0

_TABLE = "CREATE TABLE written (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text NOT NULL)"
_BUSINESS = "INSERT INTO written (what) VALUES (repeat('x', 200))"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--turns", type=int, default=TURNS)
    arguments = parser.parse_args()
    platform = Platform.in_new_folder()
    try:
        platform.start()
        result = measure(platform, turns=arguments.turns)
    finally:
        platform.stop()
        platform.remove()
    lines = (f"{name:28} {value}" for name, value in result.items())
    print(json.dumps(result) if arguments.json else "\n".join(lines))
    ratio = min(result["acts_ratio"], result["paced_ratio"])
    sys.exit(ratio < LEAST_RATIO or result["lag_p99_s"] > LONGEST_LAG)


def measure(platform: Platform, *, turns: int) -> dict[str, float]:
    server = Postgres(Places(platform.var))
    with psycopg.connect(server.url, autocommit=True) as migrator:
        migrator.execute(_TABLE)
        migrator.execute("GRANT INSERT ON written TO govvoice_app")
    os.environ |= platform.environment | server.environment
    _prepare()
    with _lags() as lags:
        acts, _waits = _python_turns(turns, _acts)
        paced, waits = _python_turns(turns, _rows, every=WRITERS / PACE)
        python, _waits = _python_turns(turns, _rows)
        bare = _pgbench_turns(server, turns)
    return {
        **_told("acts", acts),
        **_told("paced", paced),
        **_told_of_waits(waits),
        **_told("python", python),
        **_told("pgbench", bare),
        **_quantiles(lags),
    }


def _told(name: str, turns: list[tuple[float, float, float]]) -> dict[str, float]:
    without, audited = (sum(turn[side] for turn in turns) for side in (0, 1))
    return {
        f"{name}_ratio": round(audited / without, 3),
        f"{name}_ratio_median": round(statistics.median(turn[1] / turn[0] for turn in turns), 3),
        f"{name}_tps_without": round(without / len(turns)),
        f"{name}_tps_audited": round(audited / len(turns)),
        f"{name}_cpu_idle": round(statistics.mean(turn[2] for turn in turns) / 100, 2),
    }


def _told_of_waits(waits: dict[bool, list[float]]) -> dict[str, float]:
    """Milliseconds that an act takes, by quantile, and what evidence adds to them."""
    told = {}
    for name, at in (("p50", 0.5), ("p99", 0.99)):
        without, audited = (1000 * sorted(waits[side])[int(len(waits[side]) * at)] for side in (False, True))
        told[f"paced_{name}_ms_without"] = round(without, 2)
        told[f"paced_added_{name}_ms"] = round(audited - without, 2)
    return told


def _quantiles(lags: list[float]) -> dict[str, float]:
    ordered = sorted(lags)
    return {
        "lag_p50_s": round(statistics.median(ordered), 2),
        "lag_p99_s": round(ordered[int(len(ordered) * 0.99)], 2),
        "lag_samples": len(ordered),
    }


def _python_turns(
    turns: int, kind: Callable[[bool], AbstractContextManager[Callable[[], None]]], *, every: float = 0
) -> tuple[list[tuple[float, float, float]], dict[bool, list[float]]]:
    """(transactions a second without, with, per cent of the machine's cores that idled) of each pair, and the
    seconds that single transactions took. Each writer begins one `every` so many seconds, or at once.
    """
    context = multiprocessing.get_context("spawn")
    gate: Barrier = context.Barrier(PROCESSES + 1)
    told = context.Queue()
    order = [audited for turn in range(turns) for audited in ((False, True) if turn % 2 else (True, False))]
    writers = [
        context.Process(target=_write, args=(order, kind, every, gate, told), daemon=True)
        for _number in range(PROCESSES)
    ]
    for writer in writers:
        writer.start()
    rates: dict[bool, list[float]] = {False: [], True: []}
    waits: dict[bool, list[float]] = {False: [], True: []}
    idle = []
    for audited in order:
        gate.wait(120)
        psutil.cpu_times_percent()
        found = [wait for _writer in writers for wait in told.get(timeout=120)]
        rates[audited].append(len(found) / TURN)
        waits[audited] += found
        idle.append(psutil.cpu_times_percent().idle)
    for writer in writers:
        writer.join()
    pairs = zip(rates[False], rates[True], (statistics.mean(pair) for pair in _pairs(idle)), strict=True)
    return list(pairs), waits


def _pairs(values: list[float]) -> Iterator[list[float]]:
    return (values[place : place + 2] for place in range(0, len(values), 2))


def _write(order: list[bool], kind: Any, every: float, gate: Barrier, told: Any) -> None:
    """One process of writers: takes its turns with the others, and tells how long each transaction took."""
    _prepare()
    for audited in order:
        with kind(audited) as act:
            gate.wait(120)
            told.put(_turn(act, every))


def _turn(act: Callable[[], None], every: float) -> list[float]:
    begun, waits = time.monotonic(), list[float]()
    threads = [
        threading.Thread(target=_again_and_again, args=(act, begun, every, waits))
        for _number in range(WRITERS // PROCESSES)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits


def _again_and_again(act: Callable[[], None], begun: float, every: float, waits: list[float]) -> None:
    from django.db import connection

    due = begun + random.uniform(0, every)  # noqa: S311 - so that the writers do not keep step
    while (now := time.monotonic()) < begun + TURN:
        if now < due:
            time.sleep(due - now)
        act()
        waits.append(time.monotonic() - max(due, now))
        due += every
    connection.close()


@contextmanager
def _rows(audited: bool) -> Iterator[Callable[[], None]]:
    from django.db import connection, transaction

    def write() -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_BUSINESS)
            time.sleep(WAIT)
            if audited:
                _record_one()

    yield write


@contextmanager
def _acts(audited: bool) -> Iterator[Callable[[], None]]:
    from accounts.models import Client
    from accounts.services import client_actor
    from audit.parties import Origin
    from synthesis import services
    from synthesis.spec import SpeechSpec

    spec, actor = (
        SpeechSpec(text="您好，这里是政务服务热线，您的办件已经受理。"),
        client_actor(Client.objects.get()),
    )
    origin = Origin(
        address="10.1.2.3", peer_address="10.0.0.1", user_agent="hotline/1.0", auth_method="token"
    )

    def speak() -> None:
        services.request_speech(spec=spec, actor=actor, origin=origin)

    speak()  # from now on its sound is in the cache
    with nullcontext() if audited else patch.object(services, "record"):
        yield speak


def _record_one() -> None:
    """As much as a spoken request leaves."""
    from audit.parties import Actor, Origin, Target
    from audit.services import record

    record(
        action="speech.requested",
        actor=Actor(kind="client", id="hotline-12345", name="12345 热线", organisation="市政务服务中心"),
        target=Target(type="speech", id="8c3f6f0e-6d3b-4d1a-9c57-0a5f0a2d7e11", name="zhiyan"),
        origin=Origin(
            address="10.1.2.3",
            peer_address="10.0.0.1",
            user_agent="hotline/1.0",
            request_id="5e0e1c4ed5f94a8c9d5f0e1c4ed5f94a",
            auth_method="token",
            session="0" * 32,
        ),
        status=200,
        text="您好，这里是政务服务热线，您的办件已经受理。",
        details={
            "cache": "hit-l1",
            "format": "wav",
            "voice": "zhiyan",
            "characters": 22,
            "emotions": ["neutral"],
        },
    )


def _pgbench_turns(server: Postgres, turns: int) -> list[tuple[float, float, float]]:
    plain, audited = (server.places.run / name for name in ("plain.sql", "audited.sql"))
    body = f"BEGIN;\n{_BUSINESS};\n\\sleep {round(WAIT * 1000)} ms\n"
    plain.write_text(f"{body}END;\n", encoding="utf-8")
    audited.write_text(f"{body}{_audit_statement(server)};\nEND;\n", encoding="utf-8")
    found = []
    for turn in range(turns):
        psutil.cpu_times_percent()
        rates = {
            path: _pgbench(server, path) for path in ((audited, plain) if turn % 2 else (plain, audited))
        }
        found.append((rates[plain], rates[audited], psutil.cpu_times_percent().idle))
    return found


def _audit_statement(server: Postgres) -> str:
    """An INSERT of the newest event's own values, as record() writes it."""
    from audit.models import GIVEN_BY_WRITER

    columns = sql.SQL(", ").join(map(sql.Identifier, GIVEN_BY_WRITER))
    newest = sql.SQL("SELECT {} FROM audit_event WHERE action = 'speech.requested' ORDER BY id DESC LIMIT 1")
    with psycopg.connect(server.url) as connection:
        row = connection.execute(newest.format(columns)).fetchone() or ()
        values = [sql.Literal(Jsonb(value) if isinstance(value, dict) else value) for value in row]
        add = sql.SQL("INSERT INTO audit_event ({}) VALUES ({})")
        return add.format(columns, sql.SQL(", ").join(values)).as_string(connection)


def _pgbench(server: Postgres, script: Path) -> float:
    command = [server.binaries / "pgbench", "-n", "-M", "prepared", "-c", str(WRITERS), "-j", "2"]
    where = [
        "-T",
        str(round(TURN)),
        "-f",
        script,
        "-h",
        server.socket_folder,
        "-U",
        "govvoice_app",
        "govvoice",
    ]
    done = subprocess.run([*command, *where], capture_output=True, text=True, check=True)
    return float(re.findall(r"tps = ([0-9.]+)", done.stdout)[0])


@contextmanager
def _lags() -> Iterator[list[float]]:
    """Filled, until it ends, with the seconds that single events wait for their leaf."""
    lags: list[float] = []
    stop = threading.Event()
    thread = threading.Thread(target=_watch, args=(lags, stop))
    thread.start()
    try:
        yield lags
    finally:
        stop.set()
        thread.join()


def _watch(lags: list[float], stop: threading.Event) -> None:
    from django.db import connection, transaction

    from audit.models import Leaf
    from audit.parties import SYSTEM
    from audit.services import record

    while not stop.is_set():
        with transaction.atomic():
            event = record(action="auth.login", actor=SYSTEM)
        committed = time.monotonic()
        while not Leaf.objects.filter(event_id=event.pk).exists():
            time.sleep(0.01)
        lags.append(time.monotonic() - committed)
        time.sleep(random.uniform(0, 0.3))  # noqa: S311 - so that it does not keep step with the sealer
    connection.close()


def _prepare() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "govvoice.settings"
    from govvoice.embedded import environ

    environ.fill()
    import django

    django.setup()


if __name__ == "__main__":
    main()
