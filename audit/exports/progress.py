"""How far an export is, told to whoever waits for it; and how its worker learns that nobody does any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import Error as DatabaseFailure
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from audit.errors import AuditError
from audit.exports.models import Export

T = TypeVar("T")

_EVERY = 1.0  # seconds between two tellings
_PULSE = 10.0


class Abandoned(AuditError):
    """The export was cancelled, or another worker has taken it over."""


def claimed(export: Export) -> QuerySet[Export]:
    """The export's row, while it is still ours."""
    return Export.objects.filter(pk=export.pk, claim=export.claim, state=Export.State.MAKING)


class Progress:
    """Counts steps, a step being one event written to one file."""

    def __init__(self, export: Export, *, total: int) -> None:
        self._export = export
        self.done = 0
        self._told = time.monotonic()
        claimed(export).update(steps_total=total)

    def over(self, items: Iterable[T]) -> Iterator[T]:
        """The same items, each counted. Raises Abandoned in their midst when nobody waits any more."""
        for item in items:
            self.done += 1
            if self.done % 256 == 0 and time.monotonic() - self._told >= _EVERY:
                self._tell()
            yield item

    def _tell(self) -> None:
        self._told = time.monotonic()
        if not claimed(self._export).update(steps_done=self.done, touched_at=Now()):
            raise Abandoned


@contextmanager
def pulse(export: Export) -> Iterator[None]:
    """Keeps the export from being taken for dead in a long step without news, such as closing a workbook."""
    over = threading.Event()
    beating = threading.Thread(target=_beat, args=(export, over), daemon=True)
    beating.start()
    try:
        yield
    finally:
        over.set()
        beating.join()


def _beat(export: Export, over: threading.Event) -> None:
    try:
        while not over.wait(_PULSE):
            claimed(export).update(touched_at=Now())
    except DatabaseFailure:
        pass  # the worker itself will notice, and somebody else take over
    finally:
        connection.close()
