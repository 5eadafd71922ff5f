"""The log as tables: CSV, XLSX, JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from audit.exports import tables
from audit.exports.cells import safe_cell
from audit.exports.tables import csv_lines, write_csv, write_jsonl, write_xlsx
from audit.masking import mask
from audit.models import Event
from audit.parties import Actor, Origin, Target
from audit.selectors import EventFilter, walk
from tests.audit.cast import HOTLINE, committed

SHANGHAI = ZoneInfo("Asia/Shanghai")


def exported(wanted: EventFilter | None = None) -> list[dict[str, str]]:
    content = b"".join(csv_lines(walk((wanted or EventFilter()).queryset())))
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def never_stored(**fields: Any) -> Event:
    """An event as no writer of ours would leave it: what comes out of an archive is not trusted more."""
    plain = {
        "id": 1,
        "at": datetime(2026, 11, 21, tzinfo=UTC),
        "action": "broadcast.created",
        "outcome": "succeeded",
    }
    return Event(**{**plain, "actor_kind": "staff", **fields})


def sheets(events: Iterable[Event], folder: Path) -> list[Any]:
    write_xlsx(events, folder / "events.xlsx")
    return list(openpyxl.load_workbook(folder / "events.xlsx").worksheets)


@pytest.mark.django_db
def test_an_event_becomes_a_line_an_official_can_read() -> None:
    event = committed("broadcast.approved", status=200, text="今日停水", details={"revision": 3})
    (row,) = exported()
    assert row["编号"] == str(event.id)
    assert row["操作"] == "批准播报"
    assert row["操作代码"] == "broadcast.approved"
    assert row["结果"] == "成功"
    assert row["操作者类型"] == "工作人员"
    assert row["操作者"] == "李编辑"
    assert row["对象"] == "停水通知"
    assert row["来源地址"] == "10.1.2.3"
    assert row["字数"] == "4"
    assert row["详情"] == '{"revision": 3}'
    assert row["时间"] == f"{event.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S.%f}"


@pytest.mark.django_db
def test_only_what_was_asked_for_is_exported_newest_first() -> None:
    committed(actor=HOTLINE)
    ids = [str(committed().id) for _ in range(3)]
    assert [row["编号"] for row in exported(EventFilter(actor="7"))] == ids[::-1]


def test_a_table_without_events_has_its_heading(tmp_path: Path) -> None:
    write_csv([], tmp_path / "none.csv")
    content = (tmp_path / "none.csv").read_bytes()
    assert content.startswith("\ufeff编号,时间,".encode())
    assert content.count(b"\r\n") == 1
    (sheet,) = sheets([], tmp_path)
    assert (sheet.max_row, sheet["A1"].value) == (1, "编号")


@pytest.mark.django_db
def test_pages_of_a_walk_join_without_a_gap() -> None:
    ids = [committed().id for _ in range(7)]
    assert [event.id for event in walk(EventFilter().queryset(), size=3)] == ids[::-1]


HOSTILE = (
    '=HYPERLINK("http://evil.example")', "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1", "\n=1", "　=1", "＝1",
    "|cmd",
)  # fmt: skip
BREAKING = (
    "a\r\nb",
    "a\x1b[2Jb",
    "a\u2028b",
    "a\u2029b",
    "a\u202eb",
    "a\u2066b",
    "a\x85b",
    "a\x00b",
    "a\ufeffb",
)


@pytest.mark.abuse(93)
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_a_workbook_is_a_formula(text: str, tmp_path: Path) -> None:
    (sheet,) = sheets([never_stored(object_name=text, details={text: text})], tmp_path)
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)
    assert sheet["Q2"].value[0] in "'\\", "a quote mark, or the escape of a control character"


@pytest.mark.parametrize("text", BREAKING)
def test_no_cell_breaks_its_line_or_hides_in_it(text: str, tmp_path: Path) -> None:
    event = never_stored(object_name=text, user_agent=text, details={"note": text})
    (sheet,) = sheets([event], tmp_path)
    line = b"".join(csv_lines([event])).decode("utf-8-sig").split("\r\n")[1]
    shown = [str(cell.value) for cell in sheet[2]]
    for told in (line, *shown):
        assert told.isprintable()
    assert f"\\u{ord(text[1]):04x}" in sheet["Q2"].value


@pytest.mark.parametrize("text", BREAKING)
def test_json_lines_keep_every_character_and_break_nowhere(text: str, tmp_path: Path) -> None:
    write_jsonl([never_stored(object_name=text, details={text: text})] * 2, tmp_path / "events.jsonl")
    content = (tmp_path / "events.jsonl").read_text(encoding="utf-8")
    lines = content.splitlines()
    assert len(lines) == 2, "also for those who split at U+2028"
    assert all(line.isprintable() for line in lines)
    assert json.loads(lines[0])["object_name"] == text
    assert json.loads(lines[0])["details"] == {text: text}


@pytest.mark.parametrize("text", ["字" * 40_000, "𠮷" * 20_000])
def test_a_cell_too_long_for_a_workbook_says_so_and_is_whole_elsewhere(text: str, tmp_path: Path) -> None:
    event = never_stored(object_name=text)
    (sheet,) = sheets([event], tmp_path)
    shown = sheet["Q2"].value
    assert len(shown.encode("utf-16-le")) // 2 <= tables.CELL_CHARACTERS
    assert shown.startswith(text[:16_000])
    assert f"此格共 {len(text)} 个字符" in shown
    assert "JSONL" in shown
    write_jsonl([event], tmp_path / "events.jsonl")
    assert json.loads((tmp_path / "events.jsonl").read_bytes())["object_name"] == text
    assert list(csv.reader(io.StringIO(b"".join(csv_lines([event])).decode())))[1][16] == text


def test_a_full_sheet_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "SHEET_ROWS", 4)
    found = sheets((never_stored(id=number) for number in range(1, 8)), tmp_path)
    assert [sheet.title for sheet in found] == ["审计日志", "审计日志 2", "审计日志 3"]
    assert [[cell.value for cell in sheet["A"]] for sheet in found] == [
        ["编号", "1", "2", "3"],
        ["编号", "4", "5", "6"],
        ["编号", "7"],
    ]


def test_personal_numbers_are_masked_in_json_lines_too(tmp_path: Path) -> None:
    event = never_stored(actor_name="王 13812345678", details={"note": ["回拨 13812345678"]})
    write_jsonl([event], tmp_path / "events.jsonl")
    fields = json.loads((tmp_path / "events.jsonl").read_bytes())
    assert fields["actor_name"] == "王 138****5678"
    assert fields["details"] == {"note": ["回拨 138****5678"]}


@pytest.mark.abuse(93)
@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("http://evil.example","x")',
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "  =1+1",
        "\u3000=1+1",
        "\u00a0=1+1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM",
        "|cmd",
        "\tharmless",
    ],
)
def test_a_formula_becomes_text(cell: str) -> None:
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "停水通知", "a=1", "1-2", "10.1.2.3", '{"a": 1}', "'quoted"])
def test_plain_text_stays_as_it_is(cell: str) -> None:
    assert safe_cell(cell) == cell


def test_nul_is_shown_not_dropped() -> None:
    assert safe_cell("a\x00b") == r"a\u0000b"


@pytest.mark.django_db
def test_nothing_that_strangers_wrote_becomes_a_formula() -> None:
    sent = '=cmd|"/C calc"!A0'
    committed(
        code=sent,
        actor=Actor(kind="client", id=sent, name=sent, role=sent, organisation=sent),
        target=Target(type=sent, id=sent, name=sent),
        origin=Origin(forwarded_for=sent, user_agent=sent, request_id=sent),
    )
    (row,) = exported()
    assert [cell for cell in row.values() if cell.startswith("'=cmd")] == [f"'{sent}"] * 11
    assert not [cell for cell in row.values() if cell.startswith("=")]


@pytest.mark.django_db
def test_quotes_commas_and_long_cells_survive() -> None:
    name = 'a,"b",' + "字" * 150
    committed(target=Target(type="broadcast", name=name))
    assert exported()[0]["对象"] == name


@pytest.mark.django_db
def test_personal_numbers_are_masked() -> None:
    committed(
        actor=Actor(kind="staff", id="9", name="王 13812345678"),
        target=Target(type="broadcast", name="联系 110101199003071234"),
    )
    (row,) = exported()
    assert row["操作者"] == "王 138****5678"
    assert row["对象"] == "联系 110***********1234"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("13812345678", "138****5678"),
        ("电话13812345678。", "电话138****5678。"),
        ("+86 13812345678", "+86 138****5678"),
        ("8613812345678", "86138****5678"),
        ("008613812345678", "0086138****5678"),
        ("138-1234-5678", "138******5678"),
        ("138 1234 5678", "138******5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("13812345678和13912345678", "138****5678和139****5678"),
        ("11010119900307123X", "110***********123X"),
        ("110101900307123", "110*********123"),
        ("１１０１０１１９９００３０７１２３Ｘ", "１１０***********１２３Ｘ"),
        # Nobody's number: a hash, a UUID, a longer number, a landline, a time, an id with a wrong birth date.
        ("a13812345678b", "a13812345678b"),
        ("0b1e0c4e-0000-4000-8000-13812345678f", "0b1e0c4e-0000-4000-8000-13812345678f"),
        ("138123456789", "138123456789"),
        ("010-12345678", "010-12345678"),
        ("20261121090512", "20261121090512"),
        ("110101199013071234", "110101199013071234"),
    ],
)
def test_masks(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert len(masked) == len(text)
