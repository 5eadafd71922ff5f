"""The report of a month, made by itself on the first of the next, at two in the morning in Shanghai."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from audit.exports.models import Export
from audit.exports.services import Order, request_export
from audit.models import Event
from audit.parties import SYSTEM
from audit.selectors import EventFilter

_HOUR = 2  # when the day before is sealed, and nobody waits for the machine


def report_last_month(now: datetime | None = None) -> Export | None:
    """Orders the report of the month before, once; None when it is there, too early, or about nothing."""
    local = timezone.localtime(now)
    until = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if local < until + timedelta(hours=_HOUR):
        return None
    since = (until - timedelta(days=1)).replace(day=1)
    month = EventFilter(since=since, until=until)
    ordered = Export.objects.filter(kind=Export.Kind.MONTHLY, terms=month.as_details())
    if ordered.exists() or not Event.objects.filter(at__gte=since, at__lt=until).exists():
        return None
    order = Order(wanted=month, format=Export.Format.PDF, with_proof=True, kind=Export.Kind.MONTHLY)
    return request_export(order=order, actor=SYSTEM, origin=None)
