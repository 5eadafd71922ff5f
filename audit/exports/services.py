"""What an auditor asks of exports. Each step is itself evidence, in the same transaction."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import IO
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.core.files.storage import storages
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from audit.errors import ExportRefused
from audit.exports.models import Export, ExportFile
from audit.exports.store import STORE
from audit.parties import SYSTEM, Actor, Origin, Target
from audit.selectors import EventFilter
from audit.services import record

MOST_UNFINISHED = 5  # of one person: each keeps a worker busy for minutes


@dataclass(frozen=True, slots=True)
class Order:
    """What to export and as what. `redacted` says of a bundle whether personal data is left out of it."""

    wanted: EventFilter
    format: str
    with_proof: bool = False
    redacted: bool = True
    kind: str = Export.Kind.EXPORT

    def as_details(self) -> dict[str, object]:
        told: dict[str, object] = {**self.wanted.as_details(), "format": self.format}
        return {**told, "redacted": self.redacted} if self.with_proof else told


@transaction.atomic
def request_export(*, order: Order, actor: Actor, origin: Origin | None) -> Export:
    """Puts the order down; a worker makes it. Raises ExportRefused and AuditUnavailable."""
    unfinished = Export.objects.filter(actor_id=actor.id, state__in=Export.UNFINISHED).count()
    if unfinished >= MOST_UNFINISHED:
        raise ExportRefused(
            code="too_many_exports",
            message=_("您有 %(count)d 个导出还没有完成，请等待完成或取消后再试。") % {"count": unfinished},
        )
    export = Export.objects.create(
        kind=order.kind,
        format=order.format,
        with_proof=order.with_proof,
        redacted=order.redacted,
        terms=order.wanted.as_details(),
        language=get_language() or settings.LANGUAGE_CODE,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        actor_role=actor.role,
        organisation=actor.organisation,
        request_id=origin.request_id if origin else "",
    )
    record(
        action="audit.export_requested",
        actor=actor,
        origin=origin,
        target=target_of(export),
        details=order.as_details(),
    )
    transaction.on_commit(lambda: _queue(export.pk))
    return export


@transaction.atomic
def cancel(*, export_id: UUID, actor: Actor, origin: Origin | None) -> None:
    """Stops an export that is not finished. Raises ExportRefused when it is."""
    export = Export.objects.select_for_update().get(pk=export_id)
    if not export.is_unfinished:
        raise ExportRefused(code="export_finished", message=_("该导出已经结束，不能取消。"))
    # Its worker no longer finds its claim, and stops.
    export.state, export.claim = Export.State.CANCELLED, None
    export.save(update_fields=["state", "claim"])
    record(action="audit.export_cancelled", actor=actor, origin=origin, target=target_of(export))


@transaction.atomic
def open_file(*, file: ExportFile, actor: Actor, origin: Origin | None) -> IO[bytes]:
    """The file as it lies in the store, once it is on record who takes it. Raises ExportRefused."""
    if file.export.state != Export.State.READY:
        raise ExportRefused(code="export_gone", message=_("文件已到期删除，请重新导出。"), status=404)
    record(
        action="audit.downloaded",
        actor=actor,
        origin=origin,
        target=target_of(file.export),
        details={"file": file.name, "bytes": file.size, "sha256": file.sha256, "sm3": file.sm3},
    )
    try:
        return storages[STORE].open(file.path)
    except FileNotFoundError as error:
        raise ExportRefused(
            code="export_gone", message=_("文件已不在存储中，请重新导出。"), status=404
        ) from error


def forget_expired() -> int:
    """Removes the files of exports whose week is over; returns how many exports that were."""
    over = Export.objects.filter(state=Export.State.READY, expires_at__lt=Now())
    return sum(_expire(export_id) for export_id in over.values_list("pk", flat=True))


@transaction.atomic
def _expire(export_id: UUID) -> bool:
    export = Export.objects.select_for_update().get(pk=export_id)
    if export.state != Export.State.READY:
        return False
    export.state = Export.State.EXPIRED
    export.save(update_fields=["state"])
    record(action="audit.export_expired", actor=SYSTEM, target=target_of(export))
    for file in export.files.all():
        storages[STORE].delete(file.path)
    return True


def target_of(export: Export) -> Target:
    name = export.get_format_display() if export.kind == Export.Kind.EXPORT else export.get_kind_display()
    return Target(type="export", id=str(export.pk), name=str(name))


def _queue(export_id: UUID) -> None:
    # A queue that is down now loses nothing: beat finds the row and queues it again.
    with contextlib.suppress(OperationalError):
        current_app.send_task("audit.exports.tasks.make_export", kwargs={"export_id": str(export_id)})
