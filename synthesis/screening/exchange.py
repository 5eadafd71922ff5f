"""A word list as a file: taken in whole or not at all, with a report by row, and given out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.services import staff_actor
from audit.parties import Origin
from audit.services import record
from synthesis.screening import lists, vault
from synthesis.screening.checking import check_allowed, check_word
from synthesis.screening.documents import Difference, Document, Word, form_of
from synthesis.screening.models import LEVELS, ListVersion
from synthesis.tables import (
    Export,
    Fault,
    Row,
    TableRefused,
    as_file,
    check_size,
    columns_of,
    date_of,
    decode,
    read_table,
)

# The headings of the file, in Chinese whatever language the page is in: it goes from hand to hand.
HEADINGS = {
    "text": "词语",
    "kind": "类型",
    "level": "处理方式",
    "substitute": "替换文本",
    "reason": "说明",
    "basis": "法律依据",
    "since": "生效日期",
    "until": "失效日期",
}
FORBIDDEN, ALLOWED = "敏感词", "放行词"
MAX_ROWS = lists.MAX_WORDS
MAX_BYTES = 16 * 1024 * 1024
_LEVEL_WORDS = {"block": "拦截", "review": "待审", "mask": "替换", "record": "仅记录"}
_VALUE_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did to a draft; with a fault it did nothing, and `difference` is None."""

    rows: int
    difference: Difference | None
    faults: tuple[Fault, ...]

    @property
    def is_taken(self) -> bool:
        return self.difference is not None


def import_table(
    *,
    version: ListVersion,
    data: bytes,
    name: str,
    replacing: bool,
    staff: Staff,
    origin: Origin | None,
) -> Report:
    """Writes the words of a CSV, XLSX or TXT file (a word a line) into a draft, all or none of them.

    `replacing` makes the draft hold these words and allowances and no others; rules stay as they are.
    Raises TableRefused, ListRefused.
    """
    reader = _Reader()
    reader.read(_lines(data) if name.lower().endswith(".txt") else _table(data))
    told = {
        "file": name,
        "rows": reader.rows,
        "replacing": replacing,
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    if reader.faults:
        _record_refused(version, staff, origin, told | {"faults": len(reader.faults)})
        return Report(reader.rows, None, tuple(reader.faults))
    difference = lists.change(
        version=version,
        to=lambda held: reader.onto(Document(rules=held.rules) if replacing else held),
        staff=staff,
        origin=origin,
        action="wordlist.imported",
        told=told,
    )
    return Report(reader.rows, difference, ())


@transaction.atomic
def export_table(*, version: ListVersion, kind: str, staff: Staff, origin: Origin | None) -> Export:
    """The words and allowances of a version as `csv` or `xlsx`. Raises ValueError, ListSealed."""
    document = vault.take(version)
    rows = [[*HEADINGS.values()], *map(_cells, document.words), *map(_allowed_cells, document.allowed)]
    made = as_file(
        rows, kind=kind, name=f"wordlist-{version.word_list_id}-v{version.number}", sheet="敏感词库"
    )
    record(
        action="wordlist.exported",
        actor=staff_actor(staff),
        target=lists.target_of(version),
        origin=origin,
        details={
            "revision": version.number,
            "rows": made.rows,
            "sha256": hashlib.sha256(made.content).hexdigest(),
        },
    )
    return made


@dataclass(slots=True)
class _Reader:
    """Rows turned into words and allowances, one after the other."""

    words: list[Word] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rows: int = 0
    _columns: list[str] = field(default_factory=list)
    _seen: dict[str, int] = field(default_factory=dict)

    def read(self, rows: Sequence[Row]) -> None:
        """Raises TableRefused when the heading is not ours."""
        self._columns = columns_of(rows[0], known=HEADINGS)
        if "text" not in self._columns:
            raise TableRefused(_("表头须有“词语”。"), code="table_heading")
        for row in rows[1:]:
            self.rows += 1
            before = len(self.faults)
            self.faults += self._told(row)
            if len(self.faults) == before:
                self._take(row)
        if not self.rows:
            raise TableRefused(_("表头之下没有词语。"), code="table_empty")

    def onto(self, document: Document) -> Document:
        return document.with_words(self.words).with_allowed([*document.allowed, *self.allowed])

    def _told(self, row: Row) -> Iterator[Fault]:
        for index, message in row.faults.items():
            column = self._columns[index] if 0 <= index < len(self._columns) else ""
            yield self._fault(row, column, message)

    def _take(self, row: Row) -> None:
        cells = {name: cell.strip() for name, cell in zip(self._columns, row.cells, strict=False) if name}
        try:
            self._keep(cells, row.number)
        except ValidationError as error:
            for column, errors in error.error_dict.items():
                self.faults += [self._fault(row, column, text) for one in errors for text in one.messages]

    def _keep(self, cells: dict[str, str], number: int) -> None:
        """Raises ValidationError."""
        kind = cells.pop("kind", "") or FORBIDDEN
        if kind not in {FORBIDDEN, ALLOWED}:
            known = {"known": f"{FORBIDDEN}、{ALLOWED}"}
            raise ValidationError({"kind": _("类型应为以下之一：%(known)s。") % known})
        first = self._seen.setdefault(f"{kind} {form_of(cells['text'])}", number)
        if first != number:
            raise ValidationError({"text": _("与第 %(row)d 行重复。") % {"row": first}})
        if kind == ALLOWED:
            check_allowed(cells["text"])
            self.allowed.append(cells["text"])
            return
        word = Word(**_values(cells))
        check_word(word)
        self.words.append(word)

    def _fault(self, row: Row, column: str, message: str) -> Fault:
        column = "text" if column == "allowed" else column
        place = self._columns.index(column) if column in self._columns else len(row.cells)
        value = row.cells[place] if place < len(row.cells) else ""
        return Fault(row.number, HEADINGS.get(column, column), value[:_VALUE_SHOWN], message)


def _table(data: bytes) -> list[Row]:
    return read_table(data, most_rows=MAX_ROWS, most_bytes=MAX_BYTES)


def _lines(data: bytes) -> list[Row]:
    """A text file as a table of one column; its lines count from 1. Raises TableRefused."""
    check_size(data, MAX_BYTES)
    lines = decode(data).splitlines()
    rows = [Row(number, (line,), {}) for number, line in enumerate(lines, 1) if line.strip()]
    return [Row(0, (HEADINGS["text"],), {}), *rows]


def _values(cells: Mapping[str, str]) -> dict[str, Any]:
    """The cells as a Word's values. Raises ValidationError."""
    values: dict[str, Any] = dict(cells)
    if cells.get("level"):
        values["level"] = _level(cells["level"])
    for name in ("since", "until"):
        values[name] = _date(name, cells.get(name, ""))
    return values


def _level(written: str) -> str:
    names = {written_as: level for level, word in _LEVEL_WORDS.items() for written_as in (level, word)}
    names |= {str(label): value for value, label in LEVELS}
    if written not in names:
        known = "、".join(_LEVEL_WORDS.values())
        raise ValidationError({"level": _("处理方式应为以下之一：%(known)s。") % {"known": known}})
    return names[written]


def _date(name: str, written: str) -> date | None:
    try:
        return date_of(written) if written else None
    except ValueError as error:
        raise ValidationError({name: str(error)}) from error


def _cells(word: Word) -> list[str]:
    dates = [str(day) if day else "" for day in (word.since, word.until)]
    level = _LEVEL_WORDS.get(word.level, "")
    return [word.text, FORBIDDEN, level, word.substitute, word.reason, word.basis, *dates]


def _allowed_cells(text: str) -> list[str]:
    return [text, ALLOWED, *[""] * (len(HEADINGS) - 2)]


@transaction.atomic
def _record_refused(
    version: ListVersion, staff: Staff, origin: Origin | None, details: dict[str, Any]
) -> None:
    record(
        action="wordlist.imported",
        outcome="refused",
        code="rows_invalid",
        actor=staff_actor(staff),
        target=lists.target_of(version),
        origin=origin,
        details=details,
    )
