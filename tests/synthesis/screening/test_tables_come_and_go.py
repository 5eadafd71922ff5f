"""Lists come in and go out as files: CSV, XLSX, TXT, whole or not at all, with a report by row."""

from __future__ import annotations

import pytest

from audit.models import Event
from synthesis.screening import lists, vault
from synthesis.screening.documents import Document, Word
from synthesis.screening.exchange import Report, export_table, import_table
from synthesis.screening.models import ListVersion
from synthesis.tables import TableRefused, write_xlsx
from tests.portal.broadcasts.cast import Official, official
from tests.synthesis.screening.cast import draft, now

pytestmark = pytest.mark.django_db

GOOD = (
    "词语,类型,处理方式,替换文本,生效日期\n甲词,,,,\n乙词,敏感词,替换,别的说法,2026-01-31\n甲词典,放行词,,,\n"
)


@pytest.fixture
def author(voice: object) -> Official:
    return official("security_admin")


def bring_in(author: Official, version: ListVersion, data: bytes, name: str = "a.csv", **how: bool) -> Report:
    return import_table(
        version=version, data=data, name=name, staff=author.staff, origin=None, **{"replacing": False} | how
    )


def document(version: ListVersion) -> Document:
    return vault.take(now(version))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", GOOD.encode()),
        ("a.csv", GOOD.encode("gb18030")),
        ("a.xlsx", write_xlsx([line.split(",") for line in GOOD.splitlines()], sheet="词")),
    ],
)
def test_good_rows_become_words_and_allowances(author: Official, name: str, data: bytes) -> None:
    version = draft(author, "原有")
    report = bring_in(author, version, data, name)
    assert (report.rows, report.faults) == (3, ())
    held = document(version)
    assert [word.text for word in held.words] == sorted(["原有", "甲词", "乙词"])
    assert held.by_form["乙词"].level == "mask"
    assert held.by_form["乙词"].substitute == "别的说法"
    assert str(held.by_form["乙词"].since) == "2026-01-31"
    assert held.allowed == ("甲词典",)


def test_a_text_file_holds_a_word_a_line(author: Official) -> None:
    version = draft(author)
    assert bring_in(author, version, "甲词\n\n 乙词 \r\n".encode("utf-8-sig"), "words.TXT").rows == 2
    assert [word.text for word in document(version).words] == sorted(["甲词", "乙词"])


def test_a_file_can_take_the_place_of_the_whole_list(author: Official) -> None:
    version = draft(author, "原有", "甲词")
    difference = bring_in(author, version, "甲词\n乙词\n".encode(), "a.txt", replacing=True).difference
    assert difference is not None
    assert [word.text for word in difference.removed] == ["原有"]
    assert [word.text for word in difference.added] == ["乙词"]


@pytest.mark.abuse(94)
def test_one_wrong_row_keeps_all_out_and_is_named(author: Official) -> None:
    version = draft(author)
    rows = "词语,处理方式,失效日期,类型\n甲词,,,\n甲词,,,\n乙词,大声,,\n丙词,,昨天,\n丁词,,,形容词\n,拦截,,\n"
    report = bring_in(author, version, rows.encode())
    assert not report.is_taken
    assert [(fault.row, fault.column, fault.value) for fault in report.faults] == [
        (3, "词语", "甲词"),
        (4, "处理方式", "大声"),
        (5, "失效日期", "昨天"),
        (6, "类型", "形容词"),
        (7, "词语", ""),
    ]
    assert document(version).words == ()
    assert Event.objects.get(action="wordlist.imported").outcome == "refused"


@pytest.mark.parametrize(
    "data", ["处理方式\n拦截\n", "词语\n", "词语,词语\n甲,乙\n", "词语,脾气\n甲,大\n", ""]
)
def test_a_file_of_another_shape_is_refused(author: Official, data: str) -> None:
    with pytest.raises(TableRefused):
        bring_in(author, draft(author), data.encode())


def test_what_goes_out_comes_back_the_same(author: Official) -> None:
    version = draft(author)
    bring_in(author, version, GOOD.encode())
    before = document(version)
    for kind in ("csv", "xlsx"):
        made = export_table(version=now(version), kind=kind, staff=author.staff, origin=None)
        other = draft(author)
        bring_in(author, other, made.content, made.file_name)
        assert document(other) == before
    assert Event.objects.filter(action="wordlist.exported").count() == 2


@pytest.mark.abuse(93)
def test_a_word_that_is_a_formula_goes_out_as_a_word(author: Official) -> None:
    version = draft(author)
    lists.put_words(version=version, words=[Word("=1+1")], staff=author.staff, origin=None)
    made = export_table(version=now(version), kind="csv", staff=author.staff, origin=None)
    assert "'=1+1" in made.content.decode("utf-8-sig")
    other = draft(author)
    bring_in(author, other, made.content, made.file_name)
    assert [word.text for word in document(other).words] == ["=1+1"]
