"""Tables as staff keep them, CSV or XLSX, read into rows of text within limits. Knows nothing of entries."""

from __future__ import annotations

import csv
import io
import logging
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.exports.cells import safe_cell
from synthesis.errors import SpeechError

log = logging.getLogger(__name__)

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 10_000
MAX_COLUMNS = 32
# A sheet of 10,000 rows unpacks to a few megabytes; a zip bomb to gigabytes.
_MAX_UNPACKED = 32 * 1024 * 1024
_BAD_ARCHIVE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError)
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = (",", "\t", ";", "，")
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")
_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class TableRefused(SpeechError):
    """The file as a whole cannot be read."""

    code = "table_invalid"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message, code=code, field="file")


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is numbered in the spreadsheet, from 1. `faults` maps the index of a cell to what it is."""

    number: int
    cells: tuple[str, ...]
    faults: dict[int, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell, its column by its heading, its row as the spreadsheet numbers it."""

    row: int
    column: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class Export:
    file_name: str
    media_type: str
    content: bytes
    rows: int


def read_table(data: bytes, *, most_rows: int = MAX_ROWS, most_bytes: int = MAX_BYTES) -> list[Row]:
    """The rows that hold anything, the heading first. Raises TableRefused."""
    check_size(data, most_bytes)
    if data.startswith(_OLE):
        raise TableRefused(_("这是旧版 .xls 文件，请在 Excel 或 WPS 中另存为 .xlsx 后导入。"))
    rows: list[Row] = []
    for row in _sheet_rows(data) if data.startswith(_ZIP) else _csv_rows(decode(data)):
        if row.number > most_rows + 1:
            raise TableRefused(
                _("表格超过 %(limit)d 行，请分成几个文件导入。") % {"limit": most_rows}, code="table_too_long"
            )
        if any(cell.strip() for cell in row.cells) or row.faults:
            rows.append(row)
    if not rows:
        raise TableRefused(_("文件是空的。"), code="table_empty")
    return rows


def check_size(data: bytes, most: int) -> None:
    """Raises TableRefused."""
    if len(data) > most:
        megabytes = most // 1024 // 1024
        raise TableRefused(
            _("文件超过 %(limit)d MB，请分成几个文件导入。") % {"limit": megabytes}, code="table_too_large"
        )


def columns_of(heading: Row, *, known: Mapping[str, str], shown: Iterable[str] = ()) -> list[str]:
    """The field of each column by its heading, empty for those that are only shown. Raises TableRefused.

    `known` maps fields to their headings; a field's own name will do as well.
    """
    names = {heading: name for name, heading in known.items()} | {name: name for name in known}
    written = [cell.strip() for cell in heading.cells]
    unknown = [cell for cell in written if cell and cell not in names and cell not in shown]
    if unknown:
        raise TableRefused(
            _("不认识的列：%(unknown)s。可用的列：%(known)s。")
            % {"unknown": "、".join(unknown)[:100], "known": "、".join(known.values())},
            code="table_heading",
        )
    columns = [names.get(cell, "") for cell in written]
    if repeated := [known[name] for name in known if columns.count(name) > 1]:
        raise TableRefused(_("列重复：%(names)s。") % {"names": "、".join(repeated)}, code="table_heading")
    return columns


def date_of(written: str) -> date:
    """2026-11-21, 2026/11/21, 2026.11.21 or 2026年11月21日. Raises ValueError."""
    for form in _DATES:
        try:
            return datetime.strptime(written, form).date()
        except ValueError:
            continue
    raise ValueError(_("日期应如 2026-11-21。"))


def as_file(rows: Sequence[Sequence[str]], *, kind: str, name: str, sheet: str) -> Export:
    """The rows, their heading first, as a `csv` or `xlsx` file. Raises ValueError for another kind."""
    if kind not in _MEDIA_TYPES:
        raise ValueError(f"a table is written as csv or xlsx, not {kind!r}")
    content = write_csv(rows) if kind == "csv" else write_xlsx(rows, sheet=sheet)
    stamp = f"{timezone.localtime():%Y%m%d-%H%M%S}"
    return Export(f"{name}-{stamp}.{kind}", _MEDIA_TYPES[kind], content, len(rows) - 1)


def decode(data: bytes) -> str:
    """UTF-8 with or without its mark, or GBK (GB 18030), as Excel and WPS save CSV. Raises TableRefused."""
    if data.startswith(_UTF16):
        raise TableRefused(
            _("文件是 UTF-16 编码，请另存为 UTF-8 编码的 CSV 或 .xlsx。"), code="table_encoding"
        )
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise TableRefused(_("无法识别文件编码，请另存为 UTF-8 编码的 CSV 或 .xlsx。"), code="table_encoding")


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with the mark that Excel needs, RFC 4180; no cell can act as a formula."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    csv.writer(buffer).writerows([safe_cell(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode()


def write_xlsx(rows: Iterable[Sequence[str]], *, sheet: str) -> bytes:
    """A workbook whose cells are all strings; the guard stays, for whoever saves it as CSV."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        worksheet = workbook.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                worksheet.write_string(number, column, safe_cell(cell))
    return buffer.getvalue()


# --- CSV -------------------------------------------------------------------------------------------------


def _csv_rows(text: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    width = 0
    try:
        for number, cells in enumerate(reader, 1):
            width = width or len(cells)
            yield Row(number, tuple(map(_unguarded, cells)), _ragged(cells, width))
    except csv.Error as error:
        message = _("第 %(line)d 行的引号或换行不合 CSV 格式，请检查。") % {"line": reader.line_num}
        raise TableRefused(message) from error


def _separator(text: str) -> str:
    heading = text.lstrip("\r\n").partition("\n")[0]
    return max(_SEPARATORS, key=heading.count)


def _ragged(cells: Sequence[str], width: int) -> dict[int, str]:
    """Empty cells at the end are what spreadsheets add; anything else has slipped out of its column."""
    if not any(cells) or len(cells) == width or (len(cells) > width and not any(cells[width:])):
        return {}
    message = _("表头有 %(width)d 列，这一行有 %(cells)d 列。") % {"width": width, "cells": len(cells)}
    return {min(len(cells), width) - 1: message}


def _unguarded(cell: str) -> str:
    """Without the quote mark that our own export put there."""
    return cell[1:] if cell[:1] == "'" and safe_cell(cell[1:]) == cell else cell


# --- XLSX ------------------------------------------------------------------------------------------------


def _sheet_rows(data: bytes) -> Iterator[Row]:
    import openpyxl

    _check_archive(data)
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # a sheet may claim any size; only what is there counts
        for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), 1):
            yield Row(
                number,
                tuple(_unguarded(_text(cell.value)) for cell in cells),
                {index: _fault(cell) for index, cell in enumerate(cells) if _fault(cell)},
            )
    except MemoryError:
        raise
    except Exception as error:  # the parser says of a broken file whatever its own code stumbled over
        log.info("a workbook could not be read: %r", error)
        raise _broken() from error


def _check_archive(data: bytes) -> None:
    """Before anything is parsed: no bomb, no entities, no links to other files, no program."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > 1000 or sum(member.file_size for member in members) > _MAX_UNPACKED:
                raise TableRefused(_("文件解压后过大，未予读取。"), code="table_too_large")
            for member in members:
                _check_member(member.filename, archive.read(member))
    except _BAD_ARCHIVE as error:
        raise _broken() from error


def _check_member(name: str, content: bytes) -> None:
    if name.startswith("xl/externalLinks/") or name.endswith("vbaProject.bin"):
        raise TableRefused(_("文件含有外部链接或宏，请去掉后再导入。"), code="table_unsafe")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise TableRefused(_("文件含有不允许的 XML 声明。"), code="table_unsafe")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _fault(cell: Any) -> str:
    if cell.data_type == "f":
        return _("单元格是公式，请改为文字。")
    return _("单元格是错误值。") if cell.data_type == "e" else ""


def _broken() -> TableRefused:
    return TableRefused(_("文件不是有效的 XLSX 工作簿，或已损坏。"))
