"""The partitions of the event table: a month's must exist before its first event comes."""

from __future__ import annotations

import logging
from datetime import date

from django.db import OperationalError, connection
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from audit.errors import PartitionsBusy

logger = logging.getLogger(__name__)

MONTHS_AHEAD = 3


def make_partitions(*, ahead: int = MONTHS_AHEAD, today: date | None = None) -> list[str]:
    """Makes this month's partition and those of the next `ahead` months; returns the months made, as 2026-11.

    Raises PartitionsBusy when somebody reads or writes the table for so long that the lock is not to be had.
    """
    made = []
    for month in _months(today or timezone.localdate(), ahead):
        outcome = _make(month)
        if outcome == "made":
            made.append(f"{month:%Y-%m}")
        elif outcome == "in default":
            logger.warning(
                "events of %s came before its partition: they stay in the default one", f"{month:%Y-%m}"
            )
    return made


def _months(first: date, ahead: int) -> list[date]:
    count = first.year * 12 + first.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(count, count + ahead + 1)]


def _make(month: date) -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT audit_make_event_partition(%s)", [month])
            return str(cursor.fetchone()[0])
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise PartitionsBusy(f"{month:%Y-%m}") from error
        raise
