"""Sends every sealed event to a SIEM, in the order of the log, from a cursor: none left out, at least once.

Syslog has no acknowledgement. So the cursor moves on only once the receiver's machine has acknowledged every
byte (TCP's own acknowledgement), and a new connection begins OVERLAP events before the cursor, for what the
receiver took in and lost when it went down. What comes twice has the same `seq`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

from django.db import Error as DatabaseFailure
from django.db import connection as database
from django.db.models import Max

from audit.models import Event, ForwardCursor, Leaf
from audit.sending import keep_sending
from audit.siem import Record
from audit.syslog import Connection, Receiver

logger = logging.getLogger(__name__)

OVERLAP = 500
_BATCH = 500

Write = Callable[[Record], bytes]


class Forwarder:
    """One receiver, and how far it has got."""

    def __init__(self, receiver: Receiver, write: Write) -> None:
        self._receiver = receiver
        self._write = write
        self._connection: Connection | None = None
        self._next = 0

    def send_new(self) -> int:
        """Sends what is sealed and not sent yet; returns how many. After an OSError call it again."""
        sent = 0
        try:
            while records := list(self._waiting()):
                self._send(records)
                sent += len(records)
        except OSError:
            self.close()
            raise
        return sent

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _waiting(self) -> Iterator[Record]:
        if self._connection is None:
            self._connection = Connection(self._receiver)
            self._next = max(0, _reached(self._receiver) - OVERLAP)
        leaves = list(Leaf.objects.filter(seq__gte=self._next).order_by("seq")[:_BATCH])
        events = Event.objects.in_bulk([leaf.event_id for leaf in leaves])
        for leaf in leaves:
            yield Record(leaf, events.get(leaf.event_id))

    def _send(self, records: list[Record]) -> None:
        assert self._connection is not None  # noqa: S101 - _waiting made it
        for record in records:
            self._connection.send(self._write(record))
        self._connection.wait_until_acknowledged()
        self._next = records[-1].leaf.seq + 1
        if self._next > _reached(self._receiver):
            _reach(self._receiver, self._next)


def behind(receiver: Receiver) -> int:
    """How many sealed events the receiver has not got yet."""
    newest: int | None = Leaf.objects.aggregate(newest=Max("seq"))["newest"]
    return 0 if newest is None else newest + 1 - _reached(receiver)


def run(receiver: Receiver, write: Write) -> None:
    """Sends until the process is told to stop (KeyboardInterrupt). An outage is logged once, its end once."""
    forwarder = Forwarder(receiver, write)

    def send_new() -> int:
        try:
            return forwarder.send_new()
        except (OSError, DatabaseFailure):
            forwarder.close()
            database.close()
            raise

    failures = (OSError, DatabaseFailure)
    never = threading.Event()
    keep_sending(send_new, receiver, what="events", failures=failures, done=never, logger=logger)


def _reached(receiver: Receiver) -> int:
    reached = ForwardCursor.objects.filter(receiver=str(receiver)).values_list("next", flat=True).first()
    return reached or 0


def _reach(receiver: Receiver, place: int) -> None:
    ForwardCursor.objects.update_or_create(receiver=str(receiver), defaults={"next": place})
