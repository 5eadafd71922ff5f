"""Makes an export's files, inside a worker, and puts them on record."""

from __future__ import annotations

import errno
import logging
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit.errors import AuditError, AuditUnavailable, ExportRefused, InvalidFilter
from audit.exports import store, tables
from audit.exports.models import Export, ExportFile
from audit.exports.progress import Abandoned, Progress, claimed, pulse
from audit.exports.services import target_of
from audit.parties import Origin
from audit.selectors import walk
from audit.services import record

log = logging.getLogger(__name__)

STALL: Final = timedelta(seconds=60)
KEPT: Final = timedelta(days=7)
Fate = Literal["done", "waits", "not ours"]
_TABLES: Final[dict[str, tables.Writer]] = {
    Export.Format.CSV: tables.write_csv,
    Export.Format.XLSX: tables.write_xlsx,
    Export.Format.JSONL: tables.write_jsonl,
}


@dataclass(frozen=True, slots=True)
class Made:
    rows: int
    paths: list[Path]


def make(export_id: uuid.UUID) -> Fate:
    """Makes the files; a failure is written into the export. "waits": ask again in some seconds."""
    export = _claim(export_id)
    if export is None:
        return "not ours"
    try:
        with translation.override(export.language), pulse(export), _folder(export) as folder:
            _keep(export, _make(export, folder))
    except Abandoned:
        return "not ours"
    except Exception as error:  # whatever it was: the auditor must not wait for a file that never comes
        log.exception("export %s", export_id)
        _fail(export, error)
    return "done"


def stalled() -> Iterator[uuid.UUID]:
    """Exports nobody works on: their worker died, or the queue lost its memory."""
    late = Q(state__in=Export.UNFINISHED, touched_at__lt=timezone.now() - STALL)
    return Export.objects.filter(late).values_list("pk", flat=True).iterator()


def _claim(export_id: uuid.UUID) -> Export | None:
    waiting = Q(state__in=[Export.State.QUEUED, Export.State.SEALING])
    left = Q(state=Export.State.MAKING, touched_at__lt=timezone.now() - STALL)
    claim = uuid.uuid4()
    taken = Export.objects.filter(waiting | left, pk=export_id).update(
        state=Export.State.MAKING, claim=claim, touched_at=Now(), started_at=Now(), steps_done=0
    )
    return Export.objects.get(pk=export_id, claim=claim) if taken else None


@contextmanager
def _folder(export: Export) -> Iterator[Path]:
    """A folder of this export's own; what a killed worker left there is gone first."""
    folder = settings.VAR / "making" / str(export.pk)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make(export: Export, folder: Path) -> Made:
    events = export.wanted.queryset()
    rows = events.count()
    progress = Progress(export, total=rows)
    path = folder / f"{_stem(export)}.{export.format}"
    _TABLES[export.format](progress.over(walk(events)), path)
    return Made(rows, [path])


def _stem(export: Export) -> str:
    return f"audit-{timezone.localtime(export.requested_at):%Y%m%d-%H%M%S}"


def _keep(export: Export, made: Made) -> None:
    """Into the store, and on record: all of it or nothing."""
    files = store.keep(export.pk, made.paths)
    try:
        with transaction.atomic():
            _finish(export, made, files)
    except BaseException:
        store.drop(files)
        raise


def _finish(export: Export, made: Made, files: list[ExportFile]) -> None:
    finished = {
        "state": Export.State.READY,
        "rows": made.rows,
        "finished_at": Now(),
        "expires_at": timezone.now() + KEPT,
    }
    if not claimed(export).update(**finished):
        raise Abandoned
    ExportFile.objects.bulk_create(files)
    record(
        action="audit.exported",
        actor=export.actor,
        target=target_of(export),
        origin=Origin(request_id=export.request_id),
        details={
            **export.terms,
            "format": export.format,
            "rows": made.rows,
            "files": [
                {"file": file.name, "bytes": file.size, "sha256": file.sha256, "sm3": file.sm3}
                for file in files
            ],
        },
    )


def _fail(export: Export, error: Exception) -> None:
    code, reason = _reason(error)
    try:
        with transaction.atomic():
            failed = {"state": Export.State.FAILED, "failure": reason, "finished_at": Now()}
            if claimed(export).update(**failed):
                record(
                    action="audit.exported",
                    outcome="failed",
                    code=code,
                    actor=export.actor,
                    target=target_of(export),
                    origin=Origin(request_id=export.request_id),
                )
    except (DatabaseError, AuditError):
        log.exception("export %s: its failure could not be kept", export.pk)


def _reason(error: Exception) -> tuple[str, str]:
    """A stable code, and a sentence for staff."""
    if isinstance(error, ExportRefused):
        return error.code, error.message
    if isinstance(error, InvalidFilter):
        return "filter_invalid", _("筛选条件已失效，请重新选择条件后再导出。")
    if isinstance(error, AuditUnavailable):
        return error.code, _("审计日志暂时无法写入，导出未完成，请稍后重试。")
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "disk_full", _("服务器磁盘空间不足，导出未完成，请联系系统管理员。")
    return "export_failed", _("导出未能完成，请重试；仍然失败时请联系系统管理员。")
