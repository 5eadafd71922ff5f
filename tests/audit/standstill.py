"""A log that nobody seals any more, without waiting for it."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from audit.models import Heartbeat
from tests.audit.cast import committed


def silent_for(**time: float) -> None:
    """The sealer's last sign of life was that long ago."""
    Heartbeat.objects.update_or_create(
        id=1, defaults={"at": timezone.now() - timedelta(**time), "sealed_below": 1}
    )


def waiting_for(**time: float) -> None:
    """One more event that nobody has sealed, and all of them older by that much."""
    committed()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only")
        cursor.execute("UPDATE audit_event SET at = at - %s", [timedelta(**time)])
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER audit_event_append_only")
