"""The log as a file for Excel and WPS."""

from __future__ import annotations

import csv
import hashlib
import io
from zoneinfo import ZoneInfo

import pytest

from audit import exports
from audit.errors import ExportTooLarge
from audit.exports import export_csv, safe_cell
from audit.masking import mask
from audit.parties import Actor, Origin, Target
from audit.selectors import EventFilter
from tests.audit.cast import HOTLINE, committed

SHANGHAI = ZoneInfo("Asia/Shanghai")


def exported(wanted: EventFilter | None = None) -> list[dict[str, str]]:
    content = b"".join(export_csv(wanted or EventFilter()))
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


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
def test_the_file_is_what_its_record_says() -> None:
    for _ in range(3):
        committed()
    export = export_csv(EventFilter())
    content = b"".join(export)
    assert export.rows == 3
    assert export.size == len(content)
    assert export.sha256 == hashlib.sha256(content).hexdigest()
    assert export.file_name.startswith("audit-2")
    assert content.startswith("\ufeff编号,时间,".encode())
    assert content.count(b"\r\n") == 4


@pytest.mark.django_db
def test_only_what_was_asked_for_is_exported_newest_first() -> None:
    committed(actor=HOTLINE)
    ids = [str(committed().id) for _ in range(3)]
    assert [row["编号"] for row in exported(EventFilter(actor="7"))] == ids[::-1]


@pytest.mark.django_db
def test_an_empty_log_has_its_heading() -> None:
    export = export_csv(EventFilter())
    assert export.rows == 0
    assert b"".join(export).count(b"\r\n") == 1


@pytest.mark.django_db
def test_too_many_events_are_refused_with_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_ROWS", 2)
    for _ in range(3):
        committed()
    with pytest.raises(ExportTooLarge, match="3 events match, an export holds at most 2"):
        export_csv(EventFilter())


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


@pytest.mark.abuse(93)
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
