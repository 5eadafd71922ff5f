"""Heads as they stand outside the database: in the head file, in a copy of it, on a printed report.

They are what a database administrator cannot take back, so the database is held against them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from audit.canonical import canonical, head_message
from audit.digests import sha256
from audit.errors import HeadsUnreadable
from audit.heads import read_head_text

_LONGEST = 1 << 20  # bytes of a printed head; of a line of the file far less is read


@dataclass(frozen=True, slots=True)
class Published:
    """One head as somebody has it; `hash` is that of its signed bytes, `record` a line of the head file."""

    number: int
    size: int
    hash: bytes
    record: Mapping[str, Any]

    @property
    def message(self) -> bytes:
        return _signed_bytes(self.record)


class Witness:
    """Published heads in rising order, asked for in rising order, so that a file of years needs no memory.

    `complete_until` is set for the head file itself: all heads made before that time must be in it.
    """

    def __init__(self, heads: Iterable[Published], *, complete_until: datetime | None = None) -> None:
        self._heads = iter(heads)
        self._next: Published | None = None
        self._last = -1
        self.complete_until = complete_until

    def first_from(self, number: int) -> Published | None:
        """The first head with this number or a higher one. Raises HeadsUnreadable."""
        while self._next is None or self._next.number < number:
            self._next = next(self._heads, None)
            if self._next is None:
                return None
            if self._next.number <= self._last:
                raise HeadsUnreadable(f"{self._next.number} < {self._last + 1}")
            self._last = self._next.number
        return self._next


def read_heads(path: Path) -> Iterator[Published]:
    """The heads of a head file, or the one of a printed report. Raises HeadsUnreadable, OSError.

    Half a line at the end of a head file is left out: the sealer may be writing it.
    """
    with path.open("rb") as file:
        if file.read(1) != b"{":
            file.seek(0)
            yield read_text(file.read(_LONGEST).decode("utf-8-sig", "replace"))
            return
        file.seek(0)
        for number, line in enumerate(file, start=1):
            if line.endswith(b"\n"):
                yield _of_line(line, f"{path.name}:{number}")


def read_text(text: str) -> Published:
    """A head as it is printed, or as a line of the head file. Raises HeadsUnreadable."""
    if text.lstrip().startswith("{"):
        return _of_line(text.encode(), "1")
    try:
        return _published(read_head_text(text))
    except (ValueError, KeyError) as error:
        raise HeadsUnreadable(str(error)) from error


def _of_line(line: bytes, where: str) -> Published:
    try:
        return _published(json.loads(line))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise HeadsUnreadable(f"{where}: {error!r}") from error


def _published(record: dict[str, Any]) -> Published:
    number, size = record["number"], record["size"]
    if not isinstance(number, int) or not isinstance(size, int):
        raise ValueError("a head's number and size are whole numbers")
    return Published(number, size, sha256(_signed_bytes(record)), record)


def _signed_bytes(record: Mapping[str, Any]) -> bytes:
    return head_message(canonical({name: value for name, value in record.items() if name != "signatures"}))
