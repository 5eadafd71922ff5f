"""How long evidence stays in the database, and what keeps a month there longer.

Months are those of Shanghai's calendar, as the partitions are. A month leaves the database only when it is
older than GOVVOICE_AUDIT_ONLINE_DAYS, its archive has been verified and that is itself on the sealed record,
and nobody holds it; the database's own function demands all of this again. Six months are the law's least
(网络安全法第二十三条), and six natural months have up to 184 days.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from audit.errors import MonthUnknown, NotHeld
from audit.models import Archive, Hold
from audit.parties import Actor, Origin, Target
from audit.services import record

logger = logging.getLogger(__name__)

LEAST_DAYS = 184
_PARTITION = "audit_event_"


@dataclass(frozen=True, slots=True)
class Month:
    """One month of evidence and where it is."""

    first: date
    is_online: bool
    archive: Archive | None
    hold: Hold | None

    @property
    def is_held(self) -> bool:
        return self.hold is not None

    @property
    def code(self) -> str:
        return f"{self.first:%Y-%m}"


def months() -> list[Month]:
    """Every month that has begun and has a partition or an archive, the newest first."""
    online, archives, holds = _partitions(), Archive.objects.in_bulk(), _holds()
    today = timezone.localdate()
    known = sorted({first for first in {*online, *archives} if first <= today}, reverse=True)
    return [Month(first, first in online, archives.get(first), holds.get(first)) for first in known]


def month_of(code: str) -> Month:
    """The month written as 2026-05. Raises MonthUnknown."""
    for month in months():
        if month.code == code:
            return month
    raise MonthUnknown(code)


def bounds(first: date) -> tuple[datetime, datetime]:
    """When the month begins and the next one does."""
    following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    begins, ends = (timezone.make_aware(datetime(day.year, day.month, 1)) for day in (first, following))
    return begins, ends


def due(now: datetime | None = None) -> list[Month]:
    """Months that are over for so long that they may leave the database."""
    limit = (now or timezone.now()) - timedelta(days=settings.AUDIT_ONLINE_DAYS)
    return [month for month in months() if month.is_online and bounds(month.first)[1] <= limit]


def hold(*, code: str, reason: str, actor: Actor, origin: Origin | None = None) -> Hold:
    """Keeps a month in the database, with its texts, until the hold is lifted. Raises MonthUnknown."""
    month = month_of(code)
    return _said(month.first, Hold.Kind.HOLD, reason, actor, origin)


def lift(*, code: str, reason: str, actor: Actor, origin: Origin | None = None) -> Hold:
    """Raises MonthUnknown, and NotHeld when nothing holds it."""
    month = month_of(code)
    if not month.is_held:
        raise NotHeld(code)
    return _said(month.first, Hold.Kind.LIFT, reason, actor, origin)


def is_held(first: date) -> bool:
    return first in _holds()


def let_go() -> list[str]:
    """Detaches the months that may go, and drops those detached a week ago; returns what became of each.

    Only the sealer's account may: the application cannot remove evidence at all.
    """
    leaving = [month for month in due() if month.archive and not month.is_held]
    old = Archive.objects.filter(detached_at__lt=timezone.now() - timedelta(days=7))
    return [
        *(f"{month.code}: {_detach(month.first)}" for month in leaving),
        *(f"{archive.month:%Y-%m}: {_drop(archive.month)}" for archive in old),
    ]


def _drop(first: date) -> str:
    return _call("SELECT audit_drop_detached_partition(%s)", first)


def _detach(first: date) -> str:
    try:
        return _call("SELECT audit_detach_event_partition(%s, %s)", first, settings.AUDIT_ONLINE_DAYS)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return "busy"
        raise


def _call(statement: str, *values: date | int) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return str(cursor.fetchone()[0])


def _said(first: date, kind: Hold.Kind, reason: str, actor: Actor, origin: Origin | None) -> Hold:
    with transaction.atomic():
        said = Hold.objects.create(kind=kind, month=first, reason=reason, by=actor.name)
        record(
            action="audit.held" if kind == Hold.Kind.HOLD else "audit.hold_lifted",
            actor=actor,
            origin=origin,
            target=Target(type="audit_month", id=f"{first:%Y-%m}", name=f"{first:%Y-%m}"),
            details={"reason": reason},
        )
    return said


def _holds() -> dict[date, Hold]:
    newest = Hold.objects.order_by("month", "-id").distinct("month")
    return {said.month: said for said in newest if said.kind == Hold.Kind.HOLD}


def _partitions() -> set[date]:
    query = (
        "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
        " WHERE inhparent = 'audit_event'::regclass AND relname ~ '^audit_event_[0-9]{4}_[0-9]{2}$'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        names = [name.removeprefix(_PARTITION) for (name,) in cursor.fetchall()]
    return {date(int(name[:4]), int(name[5:]), 1) for name in names}
