"""PDF reports and the bundles beside them, as a worker makes them on an order."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.utils import timezone

from audit.exports import making
from audit.exports.figures import figures_of
from audit.exports.fonts import find_font
from audit.exports.models import Export, ExportFile
from audit.exports.monthly import report_last_month
from audit.exports.paper import Paper
from audit.exports.report import Report, write_report
from audit.exports.store import STORE
from audit.heads import head_text
from audit.models import Event, Manifest, TreeHead
from audit.parties import Actor, Origin, Target
from audit.sealer import Sealer
from audit.selectors import EventFilter
from tests.audit.cast import committed
from tests.audit.exports.orders import content_of, made, ordered
from tests.audit.exports.pdf_text import pages_of
from tests.audit.sealing import manifests_signed

pytestmark = pytest.mark.django_db
# The sealer, on a thread of its own, sees only what is committed.
beside_a_sealer = pytest.mark.django_db(transaction=True)

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def signed() -> Iterator[None]:
    with manifests_signed():
        yield


def sealed() -> TreeHead:
    sealer = Sealer()
    sealer.seal_pending()
    return sealer.publish_head()


def text_of(file: ExportFile) -> list[str]:
    with storages[STORE].open(file.path) as opened:
        return pages_of(Path(opened.name))


def names_in(file: ExportFile) -> list[str]:
    with storages[STORE].open(file.path) as opened, zipfile.ZipFile(opened) as found:
        return found.namelist()


def test_a_report_tells_whose_log_what_and_how_it_is_proved() -> None:
    committed("broadcast.approved", actor=Actor(kind="staff", id="8", name="王审核 13812345678"))
    committed("speech.requested", outcome="refused", code="text_blocked")
    head = sealed()
    export = made(EventFilter(since=timezone.now() - timedelta(hours=1)), format="pdf")
    (file,) = export.files.all()
    cover, *pages = text_of(file)
    for words in ("审计日志报告", "市政务服务中心", "赵审计（审计管理员）", "全部记录", str(export.pk)):
        assert words in cover
    whole = "\n".join(pages)
    for words in ("记录总数\n2 条", "成功  1  50.0%", "拒绝  1  50.0%", "批准播报", "王审核 138****5678"):
        assert words in whole
    assert "13812345678" not in whole
    told = "".join(head_text(head).split())
    assert told in "".join(whole.split())


def test_pages_are_numbered_to_the_end(tmp_path: Path) -> None:
    for _ in range(60):
        committed()
    pages = text_of(made(format="pdf").files.get())
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert f"第 {number} 页 共 {len(pages)} 页" in page.replace("\n", "")


def test_a_long_one_leaves_its_rows_to_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "MOST_ROWS", 2)
    for _ in range(3):
        committed()
    paper, table = made(format="pdf").files.all()
    assert content_of(table).count(b"\r\n") == 4
    whole = "\n".join(text_of(paper))
    assert "明细见随附表格" in whole
    assert "请求编号" not in whole, "no table"
    assert table.sha256 in whole.replace("\n", "")


@beside_a_sealer
def test_a_bundle_beside_a_report_is_named_by_its_hash(signed: None) -> None:
    committed()
    ordered_export = ordered(EventFilter(action="broadcast.created"), format="pdf", with_proof=True)
    sealed()
    assert making.make(ordered_export.pk) == "done"
    ordered_export.refresh_from_db()
    assert ordered_export.state == Export.State.READY, ordered_export.failure
    paper, bundle = ordered_export.files.all()
    assert bundle.sha256 == hashlib.sha256(content_of(bundle)).hexdigest()
    assert bundle.sha256 in "".join(text_of(paper)).replace("\n", "")
    assert "manifest.sig" in names_in(bundle)
    event = Event.objects.get(action="audit.exported")
    assert [told["file"] for told in event.details["files"]] == [paper.name, bundle.name]


@beside_a_sealer
@pytest.mark.parametrize(
    ("format", "inside"), [("csv", "events.csv"), ("xlsx", "events.xlsx"), ("jsonl", "events.jsonl")]
)
def test_a_bundle_holds_the_table_that_was_asked_for(format: str, inside: str, signed: None) -> None:
    committed()
    export = ordered(EventFilter(action="broadcast.created"), format=format, with_proof=True)
    sealed()
    making.make(export.pk)
    (bundle,) = export.files.all()
    assert inside in names_in(bundle)
    assert Manifest.objects.get().kind == Manifest.Kind.EXPORT


@beside_a_sealer
def test_an_export_waits_for_its_head_and_is_then_made(signed: None) -> None:
    committed()
    export = ordered(EventFilter(action="broadcast.created"), format="jsonl", with_proof=True)
    assert making.make(export.pk) == "waits"
    export.refresh_from_db()
    assert export.state == Export.State.SEALING
    sealed()
    assert making.make(export.pk) == "done"
    export.refresh_from_db()
    assert export.state == Export.State.READY


def test_who_waits_too_long_for_a_head_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    committed()
    export = ordered(format="csv", with_proof=True)
    monkeypatch.setattr(making, "PATIENCE", timedelta(0))
    assert making.make(export.pk) == "done"
    export.refresh_from_db()
    assert export.state == Export.State.FAILED
    assert "封存进程" in export.failure


def test_without_a_font_the_reason_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "REPORT_FONT", str(tmp_path / "none.otf"))
    export = ordered(format="pdf")
    making.make(export.pk)
    export.refresh_from_db()
    assert export.state == Export.State.FAILED
    assert "没有中文字体" in export.failure
    assert Event.objects.get(action="audit.exported").code == "font_missing"


def test_the_font_that_is_named_is_taken(tmp_path: Path) -> None:
    font = tmp_path / "own.otf"
    font.write_bytes(b"OTTO")
    assert find_font(str(font)) == font
    assert find_font(str(tmp_path / "none.otf")) is None


def test_what_the_font_cannot_draw_is_written_by_its_number(tmp_path: Path) -> None:
    font = find_font()
    assert font is not None
    paper = Paper(font=font, running="")
    assert paper.told("停水\U0001f600") == "停水〔U+1F600〕"
    assert paper.told("a\u202eb\nc") == r"a\u202eb\u000ac"


def test_nothing_is_dropped_from_a_row_however_long(tmp_path: Path) -> None:
    committed(target=Target("broadcast", "BC1", "停水" * 90), origin=Origin(request_id="r" * 64))
    font = find_font()
    assert font is not None
    content = Report(
        title="t", facts=[], figures=figures_of(Event.objects.all()), head=None, attached=[], font=font
    )
    write_report(content, Event.objects.all(), tmp_path / "long.pdf")
    table = pages_of(tmp_path / "long.pdf")[-1]
    assert table.replace("\n", "").count("停水") == 90
    assert "r" * 64 in table.replace("\n", "")


def test_figures_are_counted_by_the_day() -> None:
    committed("broadcast.created")
    committed("broadcast.approved", outcome="refused")
    day = figures_of(Event.objects.all())
    assert (day.rows, day.outcomes) == (2, {"succeeded": 1, "refused": 1})
    assert day.times == [(f"{timezone.localtime():%m-%d}", 2)]
    assert day.by_month is False
    assert dict(day.actions) == {"新建播报": 1, "批准播报": 1}


def test_an_empty_log_has_a_report_too() -> None:
    export = made(EventFilter(action="key.issued"), format="pdf")
    assert "没有审计记录" in "".join(text_of(export.files.get())).replace("\n", "")


def test_the_month_before_is_reported_once_after_two_in_the_morning() -> None:
    committed()
    last_month = timezone.localtime() + timedelta(days=40)
    first = last_month.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while (first - timedelta(days=1)).month != timezone.localtime().month:
        first = (first - timedelta(days=1)).replace(day=1)
    assert report_last_month(first + timedelta(hours=1, minutes=59)) is None
    export = report_last_month(first + timedelta(hours=2))
    assert export is not None
    assert (export.kind, export.format, export.with_proof, export.redacted) == ("monthly", "pdf", True, True)
    assert export.wanted.until is not None
    assert export.terms["until"] == first.isoformat()
    assert report_last_month(first + timedelta(days=3)) is None, "it is there already"
    requested = Event.objects.get(action="audit.export_requested")
    assert (requested.actor_kind, requested.object_name) == ("system", "审计月报")


def test_a_month_without_events_has_no_report() -> None:
    committed()
    assert report_last_month(datetime(2020, 1, 2, tzinfo=SHANGHAI)) is None
    assert not Export.objects.exists()
