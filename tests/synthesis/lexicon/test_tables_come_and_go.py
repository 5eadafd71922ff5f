"""Import and export: whole or not at all, told by row and column, and never a formula."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence

import openpyxl
import pytest
import xlsxwriter

from audit.models import Event
from synthesis.lexicon.exchange import HEADINGS, Report, export_table, import_table
from synthesis.lexicon.models import Entry
from synthesis.tables import MAX_BYTES, MAX_ROWS, TableRefused
from tests.portal.broadcasts.cast import Official
from tests.synthesis.lexicon.cast import WORD, active, proposed

pytestmark = pytest.mark.django_db

HEADING = ("词语", "读音", "替换文本", "适用范围", "范围代码")
GOOD = (("单县", "shan4 xian4", "", "全部", ""), ("ETC", "", "电子收费", "渠道", "hall"))


def csv_bytes(*rows: Sequence[object], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    return buffer.getvalue().encode(encoding)


def xlsx_bytes(*rows: Sequence[object]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


def taken_in(data: bytes, staff: Official, name: str = "词典.csv") -> Report:
    return import_table(data=data, name=name, staff=staff.staff, origin=None)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(csv_bytes, id="UTF-8"),
        pytest.param(lambda *rows: csv_bytes(*rows, encoding="utf-8-sig"), id="UTF-8 with a mark"),
        pytest.param(lambda *rows: csv_bytes(*rows, encoding="gbk"), id="GBK"),
        pytest.param(lambda *rows: csv_bytes(*rows, delimiter="\t"), id="tabs"),
        pytest.param(lambda *rows: csv_bytes(*rows, delimiter=";"), id="semicolons"),
        pytest.param(lambda *rows: csv_bytes(*rows, [], ["", ""]), id="empty rows at the end"),
        pytest.param(xlsx_bytes, id="XLSX"),
    ],
)
def test_a_table_becomes_proposals(editor: Official, written: Callable[..., bytes]) -> None:
    report = taken_in(written(HEADING, *GOOD), editor)
    assert (report.rows, report.new, report.changed, report.faults) == (2, 2, 0, ())
    entries = Entry.objects.order_by("word")
    assert [(row.word, row.spoken, row.scope, row.scope_key, row.state) for row in entries] == [
        ("ETC", "电子收费", "channel", "hall", "pending"),
        ("单县", "shan4 xian4", "all", "", "pending"),
    ]
    event = Event.objects.get(action="lexicon.imported")
    assert (event.outcome, event.object_name, event.details["new"]) == ("succeeded", "词典.csv", 2)


@pytest.mark.abuse(94)
def test_one_fault_keeps_all_out(editor: Official) -> None:
    rows = [
        HEADING,
        *GOOD,
        ("重庆", "zhong4", "", "", ""),
        ("空", "", "", "", ""),
        ("单县", "dan1 xian4", "", "", ""),
    ]
    report = taken_in(csv_bytes(*rows), editor)
    assert not report.is_taken
    assert not Entry.objects.exists()
    assert [(fault.row, fault.column, fault.value) for fault in report.faults] == [
        (4, "读音", "zhong4"),
        (5, "读音", ""),
        (6, "词语", "单县"),
    ]
    assert report.faults[0].message == "“重庆”有 2 个字，读音有 1 个音节，应一字一音。"
    assert report.faults[2].message == "与第 2 行是同一词语、同一范围。"
    event = Event.objects.get(action="lexicon.imported")
    assert (event.outcome, event.code, event.details["faults"]) == ("refused", "rows_invalid", 3)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("好😀", "hao3", "", "", ""), "词语"),
        (("单县", "xyz9 xian4", "", "", ""), "读音"),
        (("单县", "shan4 xian4", "单县城", "", ""), "读音"),
        (("单县", "", "网上赌场", "", ""), "替换文本"),
        (("单县", "shan4 xian4", "", "星球", ""), "适用范围"),
        (("单县", "shan4 xian4", "", "渠道", "nowhere"), "范围代码"),
        (("单县", "shan4 xian4", "", "全部", "", "多出的"), "范围代码"),
        (("单县", "shan4 xian4"), "读音"),
    ],
)
def test_a_fault_is_told_by_row_and_column(editor: Official, row: Sequence[str], column: str) -> None:
    report = taken_in(csv_bytes(HEADING, row), editor)
    assert [(fault.row, fault.column) for fault in report.faults] == [(2, column)]
    assert not Entry.objects.exists()


@pytest.mark.parametrize("day", ["2026-13-01", "昨天", "20261121"])
def test_a_day_has_to_be_one(editor: Official, day: str) -> None:
    report = taken_in(csv_bytes(("词语", "读音", "失效日期"), ("单县", "shan4 xian4", day)), editor)
    assert [(fault.column, fault.value) for fault in report.faults] == [("失效日期", day)]


def test_days_are_taken_as_spreadsheets_write_them(editor: Official) -> None:
    heading = ("词语", "读音", "生效日期", "失效日期")
    assert taken_in(
        csv_bytes(heading, ("单县", "shan4 xian4", "2026/1/5", "2026年12月31日")), editor
    ).is_taken
    entry = Entry.objects.get()
    assert (str(entry.effective_from), str(entry.effective_to)) == ("2026-01-05", "2026-12-31")


def test_what_is_in_force_is_changed_or_left(editor: Official, reviewer: Official) -> None:
    same = active(editor, reviewer)
    other = active(editor, reviewer, word="ETC", replacement="电子收费", note="高速公路")
    rows = (("词语", "读音", "替换文本"), ("单县", "dan1 xian4", ""), ("ETC", "", "不停车收费"))
    report = taken_in(csv_bytes(*rows), editor)
    assert (report.new, report.changed, report.unchanged) == (0, 1, 1)
    revision = Entry.objects.get(state="pending")
    assert (revision.supersedes_id, revision.number, revision.note) == (other.pk, 2, "高速公路")
    assert not same.successors.exists()


def test_a_word_that_waits_is_not_brought_in_again(editor: Official) -> None:
    proposed(editor)
    report = taken_in(csv_bytes(("词语", "读音"), tuple(WORD.values())), editor)
    assert [fault.message for fault in report.faults] == ["该词语在此范围已有待审核的词条，请先审核。"]


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (40 * 1024 * 1024))
    return buffer.getvalue()


def workbook_with(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO(xlsx_bytes(HEADING, *GOOD))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.abuse(94)
@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "table_empty", id="nothing"),
        pytest.param(b"\r\n,,\r\n", "table_empty", id="empty rows"),
        pytest.param(csv_bytes(HEADING), "table_empty", id="a heading alone"),
        pytest.param(csv_bytes(("词", "音"), ("单县", "shan4")), "table_heading", id="another heading"),
        pytest.param(csv_bytes(("词语", "说明或依据"), ("单县", "")), "table_heading", id="no reading"),
        pytest.param(csv_bytes(("词语", "词语", "读音"), ("单县", "", "")), "table_heading", id="twice"),
        pytest.param(csv_bytes(HEADING, *GOOD, encoding="utf-16"), "table_encoding", id="UTF-16"),
        pytest.param("词语,读音\n单县,".encode() + b"\xff\xff", "table_encoding", id="no encoding"),
        pytest.param(b"\x00\x01\x02", "table_encoding", id="NUL"),
        pytest.param('词语,读音\n"单县,shan4\n'.encode(), "table_invalid", id="an open quote"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "table_invalid", id="an old .xls"),
        pytest.param(b"PK\x03\x04" + b"\0" * 600, "table_invalid", id="a broken zip"),
        pytest.param(xlsx_bytes(HEADING, *GOOD)[:-200], "table_invalid", id="a cut workbook"),
        pytest.param(bomb(), "table_too_large", id="a zip bomb"),
        pytest.param(b"a" * (MAX_BYTES + 1), "table_too_large", id="too many bytes"),
        pytest.param(b"a\n" * (MAX_ROWS + 2), "table_too_long", id="too many rows"),
        pytest.param(
            workbook_with("xl/externalLinks/externalLink1.xml", b"<x/>"), "table_unsafe", id="links"
        ),
        pytest.param(workbook_with("xl/vbaProject.bin", b"x"), "table_unsafe", id="macros"),
        pytest.param(
            workbook_with("xl/x.xml", b'<!DOCTYPE a [<!ENTITY b "c">]>'), "table_unsafe", id="entities"
        ),
    ],
)
def test_a_file_that_is_no_table_is_refused(editor: Official, data: bytes, code: str) -> None:
    with pytest.raises(TableRefused) as refused:
        taken_in(data, editor)
    assert refused.value.code == code
    assert not Entry.objects.exists()


def test_a_formula_is_no_word(editor: Official) -> None:
    report = taken_in(xlsx_bytes(HEADING, ("=1+1", "yi1", "", "", "")), editor)
    assert [(fault.row, fault.column, fault.message) for fault in report.faults] == [
        (2, "词语", "单元格是公式，请改为文字。")
    ]


def test_a_number_in_a_sheet_is_the_text_it_shows(editor: Official) -> None:
    assert taken_in(xlsx_bytes(("词语", "替换文本"), (12345, "一二三四五")), editor).is_taken
    assert Entry.objects.get().word == "12345"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_goes_out_comes_in_again(editor: Official, reviewer: Official, kind: str) -> None:
    active(editor, reviewer)
    active(
        editor, reviewer, word="ETC", replacement="电子收费", note="=1+1", scope="channel", scope_key="hall"
    )
    proposed(editor, word="等待", reading="deng3 dai4")
    sent = export_table(kind=kind, staff=editor.staff, origin=None)
    assert sent.rows == 2
    report = taken_in(sent.content, editor, sent.file_name)
    assert (report.rows, report.unchanged, report.new, report.faults) == (2, 2, 0, ())
    event = Event.objects.get(action="lexicon.exported")
    assert (event.object_name, event.details["rows"]) == (sent.file_name, 2)


@pytest.mark.abuse(93)
@pytest.mark.parametrize("note", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "＝1+1", "|cmd", " =1"])
def test_no_cell_acts_as_a_formula(editor: Official, reviewer: Official, note: str) -> None:
    active(editor, reviewer, **WORD, note=note)
    column = list(HEADINGS).index("note")
    text = export_table(kind="csv", staff=editor.staff, origin=None).content.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text, newline="")))[1][column] == f"'{note}"
    book = openpyxl.load_workbook(
        io.BytesIO(export_table(kind="xlsx", staff=editor.staff, origin=None).content)
    )
    cell = book.worksheets[0].cell(row=2, column=column + 1)
    assert (cell.data_type, cell.value) == ("s", f"'{note}")


def test_lines_in_a_cell_stay_in_it(editor: Official, reviewer: Official) -> None:
    active(editor, reviewer, **WORD, examples="第一句。\n第二句，含逗号。")
    sent = export_table(kind="csv", staff=editor.staff, origin=None)
    assert taken_in(sent.content, editor).unchanged == 1
