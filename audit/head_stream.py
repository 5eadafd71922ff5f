"""Sends heads to a syslog receiver as they come, from the head file and with a cursor beside it.

A thread of its own: a receiver that is away, slow or hostile costs sealing nothing, and gets all it missed
when it is back. Each head arrives at least once; after a new connection the last one is sent again.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from audit.sending import keep_sending
from audit.syslog import Connection, Receiver, message

logger = logging.getLogger(__name__)


class HeadStream:
    """What is sent is remembered in `<heads>.sent`: byte offsets after the last line sent, and before it."""

    def __init__(self, heads: Path, receiver: Receiver) -> None:
        self._heads = heads
        self._cursor = heads.with_name(f"{heads.name}.sent")
        self._receiver = receiver
        self._connection: Connection | None = None

    def send_new(self) -> int:
        """Sends what the file has and the receiver has not; returns how many. Raises OSError."""
        before, after = self._read_cursor()
        try:
            if self._connection is None:
                self._connection = Connection(self._receiver)
                after = before
            return self._send_from(after, self._connection)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send_from(self, offset: int, connection: Connection) -> int:
        sent = 0
        for line in self._lines(offset):
            connection.send(_message(line))
            self._write_cursor(offset, offset + len(line))
            offset += len(line)
            sent += 1
        return sent

    def _lines(self, offset: int) -> Iterator[bytes]:
        """Whole lines from there on; a line still being written waits for the next call."""
        if not self._heads.exists():
            return
        with self._heads.open("rb") as file:
            file.seek(offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                yield line

    def _read_cursor(self) -> tuple[int, int]:
        """Where the last line sent begins and ends; 0, 0 when nothing was sent or the file is another one."""
        try:
            found = json.loads(self._cursor.read_text(encoding="ascii"))
            before, after = int(found["before"]), int(found["after"])
            return (before, after) if after <= self._heads.stat().st_size else (0, 0)
        except (OSError, ValueError, KeyError, TypeError):
            return 0, 0

    def _write_cursor(self, before: int, after: int) -> None:
        fresh = self._cursor.with_name(f"{self._cursor.name}.new")
        fresh.write_text(json.dumps({"before": before, "after": after}), encoding="ascii")
        fresh.replace(self._cursor)


@contextmanager
def streaming(heads: Path, receiver: Receiver) -> Iterator[None]:
    """Streams on a thread as long as the block lasts. An outage is logged once, and its end once."""
    done = threading.Event()
    thread = threading.Thread(target=_run, args=(HeadStream(heads, receiver), receiver, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()


def _run(stream: HeadStream, receiver: Receiver, done: threading.Event) -> None:
    failures = (OSError, ValueError, KeyError)  # the last two: a line that is no head
    keep_sending(stream.send_new, receiver, what="heads", failures=failures, done=done, logger=logger)
    stream.close()


def _message(line: bytes) -> bytes:
    head = json.loads(line)
    return message(
        at=datetime.fromisoformat(head["at"]),
        severity="notice",
        name="treehead",
        text=line.decode().rstrip("\n"),
        data={"origin": head["origin"], "number": str(head["number"]), "size": str(head["size"])},
    )
