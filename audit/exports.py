"""Events as a file that an auditor opens in Excel or WPS."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import choices
from audit.errors import ExportTooLarge
from audit.masking import mask
from audit.models import Event
from audit.selectors import EventFilter

MAX_ROWS = 200_000
_BLOCK = 64 * 1024
_ROWS_AT_ONCE = 2000
_BOM = "\ufeff"  # without it Excel takes UTF-8 for GBK

# What a spreadsheet may take for a formula, also behind blanks, also full-width; TAB, CR and LF at the very
# start make it look at what follows them.
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@|＝＋－＠｜]")


@dataclass(frozen=True, slots=True)
class CsvExport:
    """A finished export: put `rows` and `sha256` on record before anything of it is sent."""

    file_name: str
    rows: int
    size: int
    sha256: str
    content: IO[bytes]

    def __iter__(self) -> Iterator[bytes]:
        """The file in blocks; the temporary file is gone afterwards."""
        with closing(self.content) as content:
            while block := content.read(_BLOCK):
                yield block


def export_csv(wanted: EventFilter) -> CsvExport:
    """Matching events, newest first, as UTF-8 CSV (RFC 4180) with Chinese headings and Shanghai time.

    Made whole, on disk, in flat memory, before the first byte leaves: so its hash and its number of rows can
    be put on record first. Raises ExportTooLarge beyond MAX_ROWS.
    """
    events = wanted.queryset()
    matching = events[: MAX_ROWS + 1].count()
    if matching > MAX_ROWS:
        raise ExportTooLarge(rows=events.count(), limit=MAX_ROWS)
    return _written(events)


def _written(events: QuerySet[Event]) -> CsvExport:
    content = TemporaryFile()  # noqa: SIM115 - CsvExport closes it once it is sent
    digest = hashlib.sha256()
    rows = -1  # the heading is none
    for line in csv_lines(events.iterator(chunk_size=_ROWS_AT_ONCE)):
        content.write(line)
        digest.update(line)
        rows += 1
    size = content.tell()
    content.seek(0)
    name = f"audit-{timezone.localtime():%Y%m%d-%H%M%S}.csv"
    return CsvExport(file_name=name, rows=rows, size=size, sha256=digest.hexdigest(), content=content)


def csv_lines(events: Iterable[Event]) -> Iterator[bytes]:
    """The heading, with the byte order mark, and a line for each event."""
    words = _Words.in_this_language()
    buffer = io.StringIO()
    writer = csv.writer(buffer)  # RFC 4180: CRLF, quotes doubled
    buffer.write(_BOM)
    writer.writerow(_headings())
    yield _taken(buffer)
    for event in events:
        writer.writerow([safe_cell(cell) for cell in _cells(event, words)])
        yield _taken(buffer)


def safe_cell(text: str) -> str:
    """The text as a cell that no spreadsheet runs: a leading quote mark before what could be a formula."""
    text = text.replace("\x00", "\\u0000")
    return f"'{text}" if _FORMULA.match(text) else text


@dataclass(frozen=True, slots=True)
class _Words:
    """Labels looked up once for a file: a translation for each cell would cost half of its time."""

    actions: dict[str, str]
    outcomes: dict[str, str]
    actor_kinds: dict[str, str]

    @classmethod
    def in_this_language(cls) -> _Words:
        return cls(
            actions=dict(choices()),
            outcomes={value: str(label) for value, label in Event.Outcome.choices},
            actor_kinds={value: str(label) for value, label in Event.ActorKind.choices},
        )


def _taken(buffer: io.StringIO) -> bytes:
    line = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return line


def _headings() -> list[str]:
    return [
        _("编号"),
        _("时间"),
        _("操作"),
        _("操作代码"),
        _("结果"),
        _("原因代码"),
        _("HTTP 状态"),
        _("操作者类型"),
        _("操作者编号"),
        _("操作者"),
        _("角色"),
        _("单位"),
        _("对象类型"),
        _("对象编号"),
        _("对象"),
        _("来源地址"),
        _("直连地址"),
        _("转发标头原文"),
        _("客户端软件"),
        _("请求编号"),
        _("文本摘要 (SHA-256)"),
        _("字数"),
        _("详情"),
    ]


def _cells(event: Event, words: _Words) -> list[str]:
    return [
        str(event.id),
        f"{timezone.localtime(event.at):%Y-%m-%d %H:%M:%S.%f}",
        words.actions.get(event.action, event.action),
        event.action,
        words.outcomes[event.outcome],
        event.code,
        _or_empty(event.status),
        words.actor_kinds[event.actor_kind],
        event.actor_id,
        mask(event.actor_name),
        event.actor_role,
        event.organisation,
        event.object_type,
        event.object_id,
        mask(event.object_name),
        event.address or "",
        event.peer_address or "",
        event.forwarded_for,
        event.user_agent,
        event.request_id,
        event.text_sha256,
        _or_empty(event.characters),
        mask(json.dumps(event.details, ensure_ascii=False, sort_keys=True)) if event.details else "",
    ]


def _or_empty(number: int | None) -> str:
    return "" if number is None else str(number)
