"""kill -9, twenty times, while events are written: no gap, no duplicate, heads consistent."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from audit.heads import head_line
from audit.models import Event, Leaf, TreeHead
from audit.watch import seal_lag
from tests.audit.cast import committed
from tests.audit.sealing import assert_whole, eventually, on_test_database

pytestmark = pytest.mark.django_db(transaction=True)

EVENTS, WRITERS, TOGETHER, KILLS = 10_000, 4, 10, 20
PAUSE = 0.04  # seconds after each transaction, so that there is something to seal for as long as kills last


@pytest.fixture
def start() -> Iterator[Callable[[], int]]:
    """Starts a sealer and returns its process number."""
    command = [sys.executable, "-m", "tests.audit.sealers"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started: list[int] = []

    def start_one() -> int:
        launcher.stdin.write("one\n")
        launcher.stdin.flush()
        started.append(int(launcher.stdout.readline()))
        return started[-1]

    with subprocess.Popen(command, env=on_test_database(), **pipes) as launcher:
        try:
            yield start_one
        finally:
            for number in started:
                kill(number)
            launcher.stdin.close()


def kill(number: int) -> None:
    try:
        os.kill(number, signal.SIGKILL)
    except ProcessLookupError:
        return


def write(many: int) -> None:
    for _ in range(many // TOGETHER):
        with transaction.atomic():
            for _ in range(TOGETHER):
                committed()
        time.sleep(PAUSE)
    connection.close()


def test_twenty_kills_leave_no_gap_and_no_duplicate(start: Callable[[], int]) -> None:
    writers = [threading.Thread(target=write, args=(EVENTS // WRITERS,)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    chance = random.Random(9)  # noqa: S311 - only how long a sealer lives
    caught_unfinished = 0
    for number in range(KILLS):
        rows = (Leaf if number % 2 else TreeHead).objects  # one dies among leaves, the next after a head
        sealer, before = start(), rows.count()
        eventually(lambda rows=rows, before=before: rows.count() > before or not _are_alive(writers))
        time.sleep(chance.uniform(0, 0.3))
        kill(sealer)
        caught_unfinished += seal_lag() is not None
    for writer in writers:
        writer.join()
    start()
    eventually(lambda: seal_lag() is None and Leaf.objects.count() == EVENTS)
    eventually(lambda: TreeHead.objects.filter(size=EVENTS).exists())
    assert Event.objects.count() == EVENTS
    assert caught_unfinished > KILLS / 4, "most kills came while there was something to seal"
    assert TreeHead.objects.count() > 1
    assert_whole()
    lines = Path(settings.AUDIT_HEADS).read_bytes().splitlines()
    assert lines == [head_line(head) for head in TreeHead.objects.order_by("number")]


def _are_alive(writers: list[threading.Thread]) -> bool:
    return any(writer.is_alive() for writer in writers)
