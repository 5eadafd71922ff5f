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

from audit import bundles
from audit.errors import (
    AuditError,
    AuditUnavailable,
    ExportRefused,
    InvalidFilter,
    ManifestUnsigned,
    NotSealedYet,
)
from audit.exports import cover, report, store, tables
from audit.exports.figures import figures_of
from audit.exports.fonts import find_font
from audit.exports.models import Export, ExportFile
from audit.exports.progress import Abandoned, Progress, claimed, pulse
from audit.exports.report import MOST_ROWS
from audit.exports.services import target_of
from audit.models import Event, Manifest, TreeHead
from audit.parties import Origin
from audit.selectors import walk
from audit.services import record

log = logging.getLogger(__name__)

STALL: Final = timedelta(seconds=60)
PATIENCE: Final = timedelta(minutes=10)
# Reports of a month stay as long as its events do.
KEPT: Final = {Export.Kind.EXPORT: timedelta(days=7), Export.Kind.MONTHLY: timedelta(days=400)}
Fate = Literal["done", "waits", "not ours"]
_TABLES: Final[dict[str, tables.Writer]] = {
    Export.Format.CSV: tables.write_csv,
    Export.Format.XLSX: tables.write_xlsx,
    Export.Format.JSONL: tables.write_jsonl,
}


_BUNDLES: Final = {Export.Kind.EXPORT: Manifest.Kind.EXPORT, Export.Kind.MONTHLY: Manifest.Kind.REPORT}


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
    except NotSealedYet as error:
        return _wait(export, error)
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
    return _Work(export, folder).made()


class _Work:
    """One export's files: a table, a bundle that may hold it, a report that names them; as was ordered."""

    def __init__(self, export: Export, folder: Path) -> None:
        self._export = export
        self._stem = folder / f"audit-{timezone.localtime(export.requested_at):%Y%m%d-%H%M%S}"
        self._wanted = export.wanted
        self._events = self._wanted.queryset()
        # Before anything is written: an export that has to wait for a head waits without having worked.
        self._stretch = bundles.stretch_of(self._wanted) if export.with_proof else None
        self._rows = self._events.count()
        self._progress = Progress(export, total=self._rows * self._passes())

    def made(self) -> Made:
        paths = []
        table = self._table()
        if self._stretch:
            paths.append(self._bundle(self._stretch, table))
        elif table:
            paths.append(table)
        if self._is_report:
            paths.insert(0, self._report(paths))
        return Made(self._rows, paths)

    @property
    def _is_report(self) -> bool:
        return self._export.format == Export.Format.PDF

    @property
    def _is_long(self) -> bool:
        return self._rows > MOST_ROWS

    @property
    def _table_format(self) -> str | None:
        """None where a report holds all rows, and where they are in a bundle as JSON lines anyway."""
        if self._is_report:
            return Export.Format.CSV if self._is_long else None
        if self._export.with_proof and self._export.format == Export.Format.JSONL:
            return None
        return self._export.format

    def _passes(self) -> int:
        """How many times the events are gone through."""
        listed = self._is_report and not self._is_long
        return (self._table_format is not None) + self._export.with_proof + listed

    def _walked(self) -> Iterator[Event]:
        return self._progress.over(walk(self._events))

    def _table(self) -> Path | None:
        if self._table_format is None:
            return None
        path = self._stem.with_suffix(f".{self._table_format}")
        before = self._progress.done
        _TABLES[self._table_format](self._walked(), path)
        # What is on record is what is in the file: a slow transaction may have ended since they were counted.
        self._rows = self._progress.done - before
        return path

    def _bundle(self, stretch: bundles.Stretch, table: Path | None) -> Path:
        path = self._stem.with_suffix(".zip")
        with path.open("wb") as target:
            bundle = bundles.write_bundle(
                target,
                self._wanted,
                stretch=stretch,
                kind=_BUNDLES[Export.Kind(self._export.kind)],
                made_by=cover.asked_by(self._export),
                redacted=self._export.redacted,
                attached={f"events{table.suffix}": table} if table else None,
                each=self._progress.over,
            )
        if table is None:
            self._rows = bundle.events
        return path

    def _report(self, attached: list[Path]) -> Path:
        path = self._stem.with_suffix(".pdf")
        told = report.Report(
            title=cover.title_of(self._export),
            facts=cover.facts_of(self._export),
            figures=figures_of(self._events),
            head=self._stretch.last if self._stretch else TreeHead.objects.first(),
            attached=[
                report.Attached(one.name, one.stat().st_size, *store.hashes_of(one)) for one in attached
            ],
            font=_font(),
        )
        report.write_report(told, None if self._is_long else self._walked(), path)
        return path


def _font() -> Path:
    font = find_font(settings.REPORT_FONT)
    if font is None:
        raise ExportRefused(
            code="font_missing",
            message=_(
                "服务器上没有中文字体，无法生成 PDF；请系统管理员安装字体或设置 GOVVOICE_REPORT_FONT。"
            ),
        )
    return font


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
        "expires_at": timezone.now() + KEPT[Export.Kind(export.kind)],
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


def _wait(export: Export, error: NotSealedYet) -> Fate:
    """For a head; not for ever, since a sealer that stands still is a matter for people."""
    if timezone.now() - export.requested_at > PATIENCE:
        _fail(export, error)
        return "done"
    claimed(export).update(state=Export.State.SEALING, claim=None, touched_at=Now())
    return "waits"


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
    if isinstance(error, NotSealedYet | ManifestUnsigned):
        return "not_sealed", _("封存进程没有在规定时间内封存或签名，请联系系统管理员检查封存状态。")
    if isinstance(error, InvalidFilter):
        return "filter_invalid", _("筛选条件已失效，请重新选择条件后再导出。")
    if isinstance(error, AuditUnavailable):
        return error.code, _("审计日志暂时无法写入，导出未完成，请稍后重试。")
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "disk_full", _("服务器磁盘空间不足，导出未完成，请联系系统管理员。")
    return "export_failed", _("导出未能完成，请重试；仍然失败时请联系系统管理员。")
