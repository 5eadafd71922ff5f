"""What a sealed log must look like, and how to run a sealer as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection, transaction

from audit.canonical import event_bytes, head_bytes
from audit.merkle import LeafHashes, Trees, leaf_hashes
from audit.models import Event, Leaf, TreeHead
from audit.services import record
from audit.signatures import are_valid, publish_keys, sign_waiting
from audit.signers import configured_signers
from tests.audit.cast import EDITOR

PATIENCE = 30.0


def assert_whole() -> None:
    """Every event has one leaf; every head sums up its leaves, is signed, and names the one before."""
    events = {event.id: event for event in Event.objects.all()}
    leaves = list(Leaf.objects.order_by("seq"))
    assert [leaf.seq for leaf in leaves] == list(range(len(leaves)))
    assert sorted(leaf.event_id for leaf in leaves) == sorted(events)
    for leaf in leaves:
        assert (bytes(leaf.sha256), bytes(leaf.sm3)) == leaf_hashes(event_bytes(events[leaf.event_id]))
    previous, trees = bytes(32), Trees()
    for number, head in enumerate(TreeHead.objects.order_by("number")):
        assert head.number == number
        assert bytes(head.previous) == previous
        grown = leaves[trees.size : head.size]
        trees = trees.grown([LeafHashes(bytes(leaf.sha256), bytes(leaf.sm3)) for leaf in grown])
        assert trees.size == head.size
        assert bytes(head.root_sha256) == trees.sha256.root()
        assert bytes(head.root_sm3) == trees.sm3.root()
        assert are_valid(head.signatures, head_bytes(head))
        previous = sha256(head_bytes(head)).digest()


def sealed_ids() -> list[int]:
    return list(Leaf.objects.order_by("seq").values_list("event_id", flat=True))


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)


@contextmanager
def slow_writer() -> Iterator[Callable[[], None]]:
    """Another session with an event that is written, and committed when the yielded function is called."""
    written, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            record(action="broadcast.edited", actor=EDITOR)
            written.set()
            go_on.wait()
        connection.close()

    def commit() -> None:
        go_on.set()
        writer.join()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert written.wait(PATIENCE)
        yield commit
    finally:
        commit()


@contextmanager
def manifests_signed() -> Iterator[None]:
    """A sealer's signing beside the test, for what waits in signed_manifest()."""
    done = threading.Event()
    signers = configured_signers()
    publish_keys(signers)

    def sign() -> None:
        while not done.wait(0.05):
            sign_waiting(signers)
        connection.close()

    signer = threading.Thread(target=sign)
    signer.start()
    try:
        yield
    finally:
        done.set()
        signer.join()


def on_test_database() -> dict[str, str]:
    """The environment of a process that works on the database of this test."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return {**os.environ, "DATABASE_URL": url.geturl()}


class SealerProcess:
    """`manage.py seal` on the test database."""

    def __init__(self, log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "django", "seal"],
                env=on_test_database(),
                stdout=output,
                stderr=output,
            )

    def said(self, words: str) -> int:
        """How many times these words are in the log of the process, which must be running."""
        log = self.log.read_text(encoding="utf-8")
        assert self.process.poll() is None, log
        return log.count(words)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """The exit status after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)


@contextmanager
def sealer_process(log: Path) -> Iterator[SealerProcess]:
    running = SealerProcess(log)
    try:
        yield running
    finally:
        running.kill()
