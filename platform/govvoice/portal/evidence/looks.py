"""Every look into the log is itself on record."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from accounts.middleware import origin_of
from accounts.services import staff_actor
from audit.services import record
from govvoice.portal.pages import staff_of


def record_look(request: HttpRequest, terms: dict[str, str]) -> None:
    with transaction.atomic():
        record(
            action="audit.searched",
            actor=staff_actor(staff_of(request)),
            origin=origin_of(request),
            status=200,
            details=terms,
        )
