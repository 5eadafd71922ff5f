"""An export from the order to its end: made by a worker, cancelled, failed, taken over, forgotten."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.utils import timezone

from audit.errors import AuditUnavailable, ExportRefused
from audit.exports import making, progress, services, store, tables
from audit.exports.models import Export
from audit.exports.store import STORE
from audit.models import Event
from audit.parties import SYSTEM
from audit.selectors import EventFilter
from tests.audit.cast import HOTLINE, committed
from tests.audit.exports.orders import AUDITOR, DESK, content_of, made, ordered

pytestmark = pytest.mark.django_db


def told(action: str) -> Event:
    return Event.objects.get(action=action)


@pytest.mark.parametrize("format", ["csv", "xlsx", "jsonl"])
def test_the_file_is_what_its_record_says(format: str) -> None:
    for _ in range(3):
        committed()
    export = made(EventFilter(action="broadcast.created"), format=format)
    (file,) = export.files.all()
    content = content_of(file)
    assert (export.rows, file.size) == (3, len(content))
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert file.sm3 == hashlib.new("sm3", content).hexdigest()
    assert file.name.startswith("audit-2")
    assert file.name.endswith(f".{format}")
    event = told("audit.exported")
    assert (event.actor_id, event.object_id, event.request_id) == ("5", str(export.pk), DESK.request_id)
    assert event.details["action"] == "broadcast.created"
    assert (event.details["rows"], event.details["format"]) == (3, format)
    assert event.details["files"] == [
        {"file": file.name, "bytes": file.size, "sha256": file.sha256, "sm3": file.sm3}
    ]


def test_an_order_is_on_record_with_what_was_asked() -> None:
    ordered(EventFilter(actor="李", outcome="refused"), format="jsonl")
    event = told("audit.export_requested")
    assert event.actor_name == AUDITOR.name
    assert event.details == {"actor": "李", "outcome": "refused", "format": "jsonl"}


def test_nothing_from_after_the_order_is_in_it() -> None:
    committed(actor=HOTLINE)
    export = ordered(format="jsonl")
    late = committed(actor=HOTLINE)
    making.make(export.pk)
    ids = [json.loads(line)["id"] for line in content_of(export.files.get()).splitlines()]
    assert late.id not in ids
    assert len(ids) == 1


def test_who_is_still_waiting_for_five_is_told_to_wait() -> None:
    for _ in range(5):
        ordered()
    with pytest.raises(ExportRefused, match="too_many_exports"):
        ordered()
    Export.objects.update(state=Export.State.CANCELLED)
    ordered()


def test_a_cancelled_export_is_never_made() -> None:
    export = ordered()
    services.cancel(export_id=export.pk, actor=AUDITOR, origin=DESK)
    assert making.make(export.pk) == "not ours"
    export.refresh_from_db()
    assert (export.state, export.files.count()) == (Export.State.CANCELLED, 0)
    assert told("audit.export_cancelled").object_id == str(export.pk)
    with pytest.raises(ExportRefused, match="export_finished"):
        services.cancel(export_id=export.pk, actor=AUDITOR, origin=DESK)


def test_cancelling_stops_the_worker_in_its_midst(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_EVERY", 0.0)
    export = ordered()

    def write(events: Iterator[Event], target: Path) -> None:
        next(events)
        services.cancel(export_id=export.pk, actor=AUDITOR, origin=DESK)
        for _ in range(1_000):
            next(events)
        raise AssertionError("nobody stopped it")

    monkeypatch.setitem(making._TABLES, "csv", write)
    monkeypatch.setattr(making, "walk", lambda _events: (Event() for _ in range(2_000)))
    assert making.make(export.pk) == "not ours"
    export.refresh_from_db()
    assert export.state == Export.State.CANCELLED
    assert not (settings.VAR / "making" / str(export.pk)).exists()
    assert not Event.objects.filter(action="audit.exported").exists()


def test_progress_is_told_in_percent_and_in_time() -> None:
    begun = timezone.now()
    export = Export(state=Export.State.MAKING, started_at=begun, steps_done=25, steps_total=100)
    assert export.percent == 25
    assert export.seconds_left(begun + timedelta(seconds=30)) == 90
    assert export.seconds_left(begun + timedelta(seconds=1)) is None, "too early to tell"
    export.steps_done = 100
    assert export.percent == 99, "until its files are in the store"


def test_a_failure_is_kept_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(events: Iterator[Event], target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(making._TABLES, "csv", write)
    export = ordered()
    making.make(export.pk)
    export.refresh_from_db()
    assert export.state == Export.State.FAILED
    assert "磁盘空间不足" in export.failure
    event = told("audit.exported")
    assert (event.outcome, event.code) == ("failed", "disk_full")
    assert making.make(export.pk) == "not ours", "a failed one is left alone"


def test_no_record_no_export(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_event: object) -> None:
        raise AuditUnavailable("audit.exported could not be recorded")

    export = ordered()
    monkeypatch.setattr(making, "record", refuse)
    making.make(export.pk)
    export.refresh_from_db()
    assert (export.state, export.files.count()) == (Export.State.MAKING, 0)
    assert not storages[STORE].exists(f"{export.pk}/audit.csv")
    assert storages[STORE].listdir(str(export.pk)) == ([], [])


def test_a_dead_workers_export_is_taken_over_and_a_living_ones_is_not() -> None:
    committed()
    export = ordered()
    Export.objects.filter(pk=export.pk).update(state=Export.State.MAKING, claim=uuid4())
    assert making.make(export.pk) == "not ours"
    assert list(making.stalled()) == []
    Export.objects.update(touched_at=timezone.now() - making.STALL * 2)
    assert list(making.stalled()) == [export.pk]
    assert making.make(export.pk) == "done"
    export.refresh_from_db()
    assert export.state == Export.State.READY


def test_one_export_is_made_at_a_time() -> None:
    committed()
    first, second = ordered(), ordered()
    Export.objects.filter(pk=first.pk).update(state=Export.State.MAKING, claim=uuid4())
    assert making.make(second.pk) == "waits"
    second.refresh_from_db()
    assert second.state == Export.State.QUEUED
    Export.objects.filter(pk=first.pk).update(touched_at=timezone.now() - making.STALL * 2)
    assert making.make(second.pk) == "done", "the first one's worker is dead"


def test_leftovers_of_a_killed_worker_are_gone_first() -> None:
    committed()
    export = ordered()
    folder = settings.VAR / "making" / str(export.pk)
    folder.mkdir(parents=True)
    (folder / "half.csv").write_bytes(b"x")
    making.make(export.pk)
    assert not folder.exists()
    assert export.files.get().name != "half.csv"


def test_taking_a_file_is_on_record_with_its_hash() -> None:
    file = made().files.get()
    with services.open_file(file=file, actor=AUDITOR, origin=DESK) as opened:
        assert hashlib.sha256(opened.read()).hexdigest() == file.sha256
    event = told("audit.downloaded")
    assert (event.details["file"], event.details["sha256"]) == (file.name, file.sha256)


def test_files_go_after_a_week_and_the_row_stays() -> None:
    committed()
    export = made()
    file = export.files.get()
    assert services.forget_expired() == 0
    Export.objects.update(expires_at=timezone.now())
    assert services.forget_expired() == 1
    export.refresh_from_db()
    assert (export.state, export.rows) == (Export.State.EXPIRED, 1)
    assert not storages[STORE].exists(file.path)
    assert told("audit.export_expired").actor_name == SYSTEM.name
    with pytest.raises(ExportRefused, match="export_gone"):
        services.open_file(file=export.files.get(), actor=AUDITOR, origin=DESK)


def test_a_file_that_is_lost_is_told_plainly() -> None:
    file = made().files.get()
    store.drop([file])
    with pytest.raises(ExportRefused, match="export_gone"):
        services.open_file(file=file, actor=AUDITOR, origin=DESK)


def test_headings_are_in_the_language_of_who_asked() -> None:
    export = made(EventFilter(action="key.issued"))
    Export.objects.update(state=Export.State.QUEUED, language="en")
    export.files.all().delete()
    making.make(export.pk)
    assert "编号" not in content_of(export.files.get()).decode()
    assert tables.csv_lines([]).__next__().decode("utf-8-sig").startswith("编号")
