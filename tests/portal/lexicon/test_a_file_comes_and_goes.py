"""导入 and 导出: whole or not at all, with a report by row."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.models import Event
from synthesis.lexicon.models import Entry
from synthesis.tables import read_table, write_xlsx
from tests.portal.broadcasts.cast import Official
from tests.portal.lexicon.cast import in_force, proposed

pytestmark = pytest.mark.django_db

GOOD = "词语,读音,替换文本\n单县,shan4 xian4,\ne政通,,亿政通\n"


def bring_in(person: Official, data: bytes, name: str = "words.csv") -> tuple[int, str]:
    response = person.press("lexicon-import", file=SimpleUploadedFile(name, data))
    return response.status_code, response.content.decode()


def test_good_rows_become_proposals(editor: Official) -> None:
    assert bring_in(editor, GOOD.encode())[0] == 302
    entries = Entry.objects.order_by("pk")
    assert [(entry.word, entry.spoken, entry.state) for entry in entries] == [
        ("单县", "shan4 xian4", "pending"),
        ("e政通", "亿政通", "pending"),
    ]
    page = editor.see("lexicon-list").content.decode()
    assert "已导入 2 条：新词条 2 条，修改 0 条，没有变化 0 条；批准后生效。" in page


def test_a_workbook_is_taken_too(editor: Official) -> None:
    data = write_xlsx([["词语", "读音"], ["六安", "lù ān"]], sheet="词典")
    assert bring_in(editor, data, "words.xlsx")[0] == 302
    assert Entry.objects.get().reading == "lu4 an1"


def test_one_wrong_row_keeps_all_out_and_is_named(editor: Official) -> None:
    status, page = bring_in(editor, (GOOD + "六安,liu,\n").encode())
    assert status == 422
    assert "没有导入任何词条" in page
    assert "文件共 3 行，有 1 处需要更正。" in page
    for words in ('data-label="行">4<', 'data-label="列">读音<', 'data-label="内容">liu<'):
        assert words in page
    assert not Entry.objects.exists()
    assert Event.objects.get(action="lexicon.imported").outcome == "refused"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "这个文件是空的，请重新选择。"),
        (b"\n\n", "文件是空的。"),
        ("词语\n六安\n".encode(), "表头须有“词语”，以及“读音”或“替换文本”。"),
        (b"\x00" * 100, "无法识别文件编码"),
        (b"PK\x03\x04 no zip", "文件不是有效的 XLSX 工作簿，或已损坏。"),
        (b"x" * (2 * 1024 * 1024 + 1), "文件超过 2 MB"),
        ("词语,读音\n单县,<b>x</b>\n".encode(), "&lt;b&gt;x&lt;/b&gt;"),
    ],
)
def test_a_file_that_cannot_be_taken_says_why(editor: Official, data: bytes, sentence: str) -> None:
    status, page = bring_in(editor, data)
    assert status == 422
    assert sentence in page


def test_without_a_file_one_is_asked_for(editor: Official) -> None:
    response = editor.press("lexicon-import")
    assert response.status_code == 422
    assert "请选择要导入的 CSV 或 XLSX 文件。" in response.content.decode()


def test_what_is_in_force_goes_out_and_comes_back_unchanged(editor: Official, reviewer: Official) -> None:
    in_force(editor, reviewer)
    proposed(editor, word="水管", reading="shui3 guan3")
    response = reviewer.see("lexicon-export", format="csv")
    assert response["Content-Disposition"].startswith('attachment; filename="lexicon-')
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [(row["词语"], row["读音"]) for row in rows] == [("管网", "guan3 wang4")]
    assert bring_in(editor, response.content)[0] == 302
    assert Entry.objects.filter(word="管网").count() == 1
    assert Event.objects.get(action="lexicon.exported").details["rows"] == 1


def test_a_filtered_list_goes_out_as_it_is_filtered(editor: Official, reviewer: Official) -> None:
    in_force(editor, reviewer)
    proposed(editor, word="水管", reading="shui3 guan3")
    rows = read_table(editor.see("lexicon-export", format="xlsx", state="pending").content)
    assert [row.cells[0] for row in rows] == ["词语", "水管"]
    assert editor.see("lexicon-export", format="exe").status_code == 404
