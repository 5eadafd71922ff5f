"""The lexicon as a file: taken in whole or not at all, with a report by row, and given out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.services import staff_actor
from audit.parties import Origin, Target
from audit.services import record
from synthesis.lexicon.errors import LexiconRefused
from synthesis.lexicon.models import Entry
from synthesis.lexicon.scopes import Scope
from synthesis.lexicon.services import FIELDS, OPEN, following, lock, require_own_place, same_days, screened
from synthesis.tables import Export, Fault, Row, TableRefused, as_file, columns_of, date_of, read_table

# The headings of the file, in Chinese whatever language the page is in: it goes from hand to hand.
HEADINGS = {
    "word": "词语",
    "reading": "读音",
    "replacement": "替换文本",
    "scope": "适用范围",
    "scope_key": "范围代码",
    "note": "说明或依据",
    "examples": "例句",
    "effective_from": "生效日期",
    "effective_to": "失效日期",
}
# Given out for people to read, passed over on the way in.
_SHOWN = ("状态", "版本号", "提交人", "审核人", "审核时间")
_VALUE_SHOWN = 40

# One word in one scope: (folded, scope, code).
Slot = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did; with a fault it did nothing, and `new`, `changed` say what it would have done."""

    rows: int
    new: int
    changed: int
    unchanged: int
    faults: tuple[Fault, ...]

    @property
    def is_taken(self) -> bool:
        return not self.faults


@transaction.atomic
def import_table(*, data: bytes, name: str, staff: Staff, origin: Origin | None) -> Report:
    """Proposes every row of a CSV or XLSX file as an entry, or none when one of them has a fault.

    A row like the entry in force for its word proposes nothing, one that differs proposes its next revision.
    Columns that the file has not, and empty dates, leave what an entry in force says. Raises TableRefused.
    """
    lock()
    reader = _Reader(staff)
    reader.read(read_table(data))
    report = reader.report()
    if report.is_taken:
        Entry.objects.bulk_create(reader.entries, batch_size=500)
    record(
        action="lexicon.imported",
        outcome="succeeded" if report.is_taken else "refused",
        code="" if report.is_taken else "rows_invalid",
        actor=staff_actor(staff),
        target=Target(type="lexicon", name=name),
        origin=origin,
        details={
            "sha256": hashlib.sha256(data).hexdigest(),
            "rows": report.rows,
            "new": report.new,
            "changed": report.changed,
            "unchanged": report.unchanged,
            "faults": len(report.faults),
        },
    )
    return report


@transaction.atomic
def export_table(
    *, kind: str, staff: Staff, origin: Origin | None, entries: Iterable[Entry] | None = None
) -> Export:
    """The entries, all that are in force unless told which, as `csv` or `xlsx`. Raises ValueError."""
    chosen = Entry.objects.filter(state=Entry.State.ACTIVE) if entries is None else entries
    rows = [[*HEADINGS.values(), *_SHOWN], *map(_cells, chosen)]
    made = as_file(rows, kind=kind, name="lexicon", sheet="读音词典")
    record(
        action="lexicon.exported",
        actor=staff_actor(staff),
        target=Target(type="lexicon", name=made.file_name),
        origin=origin,
        details={"rows": made.rows, "sha256": hashlib.sha256(made.content).hexdigest()},
    )
    return made


@dataclass(slots=True)
class _Reader:
    """Rows turned into entries, one after the other, against what is in force and what waits."""

    staff: Staff
    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rows: int = 0
    changed: int = 0
    unchanged: int = 0
    _columns: list[str] = field(default_factory=list)
    _seen: dict[Slot, int] = field(default_factory=dict)
    _known: dict[Slot, list[Entry]] = field(default_factory=dict)

    def read(self, rows: Sequence[Row]) -> None:
        """Raises TableRefused when the heading is not ours."""
        self._columns = _columns(rows[0])
        for entry in Entry.objects.filter(state__in=[*OPEN, Entry.State.ACTIVE]):
            self._known.setdefault(_slot(entry), []).append(entry)
        for row in rows[1:]:
            self.rows += 1
            before = len(self.faults)
            self.faults += self._told(row)
            if len(self.faults) == before:
                self._take(row)
        if not self.rows:
            raise TableRefused(_("表头之下没有词条。"), code="table_empty")

    def report(self) -> Report:
        new = len(self.entries) - self.changed
        return Report(self.rows, new, self.changed, self.unchanged, tuple(self.faults))

    def _told(self, row: Row) -> Iterator[Fault]:
        for index, message in row.faults.items():
            column = self._columns[index] if 0 <= index < len(self._columns) else ""
            yield self._fault(row, column, message)

    def _take(self, row: Row) -> None:
        try:
            entry = self._entry(row)
        except ValidationError as error:
            for column, errors in error.error_dict.items():
                self.faults += [self._fault(row, column, text) for one in errors for text in one.messages]
            return
        except LexiconRefused as error:
            self.faults.append(self._fault(row, "word", str(error.message)))
            return
        if entry is not None:
            self.entries.append(entry)

    def _entry(self, row: Row) -> Entry | None:
        """A revision to propose; None for what is in force. Raises ValidationError, LexiconRefused."""
        values = _values(dict(zip(self._columns, row.cells, strict=False)))
        entry = self._checked(Entry(**values))
        self._require_free(entry, row.number)
        old = self._in_force(entry)
        if old is None:
            return entry
        entry = self._checked(following(old, values))
        if all(getattr(entry, name) == getattr(old, name) for name in FIELDS):
            self.unchanged += 1
            return None
        self.changed += 1
        return entry

    def _checked(self, entry: Entry) -> Entry:
        entry.author_id, entry.author_name = self.staff.pk, str(self.staff)
        entry.clean_fields(exclude=["supersedes"])
        entry.clean()
        require_own_place(entry, self.staff)
        screened(entry)
        return entry

    def _require_free(self, entry: Entry, number: int) -> None:
        first = self._seen.setdefault(_slot(entry), number)
        if first != number:
            raise ValidationError({"word": _("与第 %(row)d 行是同一词语、同一范围。") % {"row": first}})
        if any(row.state == Entry.State.PENDING for row in self._known.get(_slot(entry), [])):
            raise ValidationError({"word": _("该词语在此范围已有待审核的词条，请先审核。")})

    def _in_force(self, entry: Entry) -> Entry | None:
        active = [row for row in self._known.get(_slot(entry), []) if row.state == Entry.State.ACTIVE]
        return next((row for row in active if same_days(entry, row)), None)

    def _fault(self, row: Row, column: str, message: str) -> Fault:
        place = self._columns.index(column) if column in self._columns else len(row.cells)
        value = row.cells[place] if place < len(row.cells) else ""
        return Fault(row.number, HEADINGS.get(column, column), value[:_VALUE_SHOWN], message)


def _slot(entry: Entry) -> Slot:
    return entry.folded, entry.scope, entry.scope_key


def _columns(heading: Row) -> list[str]:
    """The field of each column, empty for those that are only shown. Raises TableRefused."""
    columns = columns_of(heading, known=HEADINGS, shown=_SHOWN)
    if "word" not in columns or not {"reading", "replacement"} & set(columns):
        raise TableRefused(_("表头须有“词语”，以及“读音”或“替换文本”。"), code="table_heading")
    return columns


def _values(cells: Mapping[str, str]) -> dict[str, Any]:
    """The cells as the model's values. Raises ValidationError."""
    values: dict[str, Any] = {name: cell.strip() for name, cell in cells.items() if name}
    scope = values.pop("scope", "")
    if scope:
        values["scope"] = _scope(scope)
    for name in ("effective_from", "effective_to"):
        written = values.pop(name, "")
        if written:
            values[name] = _date(name, written)
    return values


def _scope(written: str) -> str:
    found = [value for value, label in Scope.choices if written in {value, str(label)}]
    if not found:
        known = "、".join(str(label) for label in Scope.labels)
        raise ValidationError({"scope": _("适用范围应为以下之一：%(known)s。") % {"known": known}})
    return found[0]


def _date(name: str, written: str) -> date:
    try:
        return date_of(written)
    except ValueError as error:
        raise ValidationError({name: str(error)}) from error


def _cells(entry: Entry) -> list[str]:
    values = {name: getattr(entry, name) for name in HEADINGS} | {"scope": entry.get_scope_display()}
    decided = f"{timezone.localtime(entry.decided_at):%Y-%m-%d %H:%M:%S}" if entry.decided_at else ""
    shown = (entry.get_state_display(), entry.number, entry.author_name, entry.decider_name, decided)
    return ["" if value is None else str(value) for value in (*values.values(), *shown)]
