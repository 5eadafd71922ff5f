"""Events as tables: CSV and XLSX for people, JSON lines for machines; written row by row, flat in memory."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from audit.exports.cells import Words, headings, masked_fields, row_of
from audit.models import Event

Writer = Callable[[Iterable[Event], Path], None]

_BOM = "\ufeff"  # without it Excel takes UTF-8 for GBK
# Limits of the format (ECMA-376): rows of a sheet, the heading among them, and characters of a cell.
SHEET_ROWS = 1_048_576
CELL_CHARACTERS = 32_767
_KEPT_CHARACTERS = 32_600
_WIDE = {1: 26, 2: 20, 9: 16, 16: 24, 21: 20, 24: 40}  # widths of columns, in characters; others are 12
# JSON escapes the lower controls by itself; these would still break, reorder or hide a line that is shown.
_INVISIBLE = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def write_csv(events: Iterable[Event], target: Path) -> None:
    """UTF-8 with a byte order mark, RFC 4180."""
    with target.open("wb") as file:
        file.writelines(csv_lines(events))


def csv_lines(events: Iterable[Event]) -> Iterator[bytes]:
    """The heading, with the byte order mark, and a line for each event."""
    words = Words.in_this_language()
    buffer = io.StringIO()
    writer = csv.writer(buffer)  # RFC 4180: CRLF, quotes doubled
    buffer.write(_BOM)
    writer.writerow(headings())
    yield _taken(buffer)
    for event in events:
        writer.writerow(row_of(event, words))
        yield _taken(buffer)


def write_jsonl(events: Iterable[Event], target: Path) -> None:
    """One JSON object a line, UTF-8; nothing is cut, and nothing in it breaks a line."""
    with target.open("wb") as file:
        for event in events:
            file.write(json_line(masked_fields(event)))


def json_line(fields: dict[str, Any]) -> bytes:
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    if not text.isprintable():
        text = _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return text.encode() + b"\n"


def write_xlsx(events: Iterable[Event], target: Path) -> None:
    """Strings only, so that nothing is a formula, a link or a number; a full sheet is followed by another."""
    words = Words.in_this_language()
    options = {"constant_memory": True, "tmpdir": str(target.parent)}
    with xlsxwriter.Workbook(str(target), options) as book:
        book.use_zip64()
        sheets = _Sheets(book)
        for event in events:
            sheets.add(row_of(event, words))


class _Sheets:
    """Rows onto sheets, one after another."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._bold = book.add_format({"bold": True, "bg_color": "#E7EEFA", "bottom": 1})
        self._count = 0
        self._open()

    def add(self, cells: list[str]) -> None:
        if self._row == SHEET_ROWS:
            self._open()
        for column, text in enumerate(cells):
            if text:
                self._sheet.write_string(self._row, column, _fitted(text))
        self._row += 1

    def _open(self) -> None:
        self._count += 1
        name = _("审计日志") if self._count == 1 else f"{_('审计日志')} {self._count}"
        self._sheet: Worksheet = self._book.add_worksheet(name)
        for column, heading in enumerate(headings()):
            self._sheet.set_column(column, column, _WIDE.get(column, 12))
            self._sheet.write_string(0, column, heading, self._bold)
        self._sheet.freeze_panes(1, 2)
        self._row = 1


def _fitted(text: str) -> str:
    """A cell takes no more than CELL_CHARACTERS (UTF-16 units): a longer text tells where it is whole."""
    units = len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
    if units <= CELL_CHARACTERS:
        return text
    kept = text.encode("utf-16-le")[: _KEPT_CHARACTERS * 2].decode("utf-16-le", "ignore")
    return kept + _("……【此格共 %(count)d 个字符，已超出表格上限，全文请导出 JSONL 查看】") % {
        "count": len(text)
    }


def _taken(buffer: io.StringIO) -> bytes:
    line = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return line
