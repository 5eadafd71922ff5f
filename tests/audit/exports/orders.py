"""Orders of this room's tests, and a worker's visit."""

from __future__ import annotations

from typing import Any

from django.core.files.storage import storages

from audit.exports import making
from audit.exports.models import Export, ExportFile
from audit.exports.services import Order, request_export
from audit.exports.store import STORE
from audit.parties import Actor, Origin
from audit.selectors import EventFilter

AUDITOR = Actor(kind="staff", id="5", name="赵审计", role="审计管理员", organisation="市政务服务中心")
DESK = Origin(address="10.1.2.3", request_id="request-of-the-auditor")


def ordered(wanted: EventFilter | None = None, *, format: str = "csv", **more: Any) -> Export:
    order = Order(wanted=wanted or EventFilter(), format=format, **more)
    return request_export(order=order, actor=AUDITOR, origin=DESK)


def made(wanted: EventFilter | None = None, **more: Any) -> Export:
    """Ordered, and finished by a worker."""
    export = ordered(wanted, **more)
    assert making.make(export.pk) == "done"
    export.refresh_from_db()
    assert export.state == Export.State.READY, export.failure
    return export


def content_of(file: ExportFile) -> bytes:
    with storages[STORE].open(file.path) as opened:
        content: bytes = opened.read()
    return content
