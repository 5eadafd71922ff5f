"""The file of heads: one line a head, only ever appended to, so that the database is not their only witness.

Put it where the database's administrator cannot write (another volume, a write-once share): he may rewrite
every row, but not what has left his reach. A line is on the disk before the next head is made; after a crash
the file is brought up to the database again, and a file that says otherwise than the database stops sealing.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import BinaryIO

from audit.errors import HeadFileContradicts
from audit.heads import head_line
from audit.models import TreeHead

logger = logging.getLogger(__name__)

_CHUNK = 65_536  # bytes; a line is about 700


class HeadFile:
    """Follows the heads in the database. One writer only, see audit.sealer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last: int | None = None  # the last head in the file, once it was compared with the database
        self._failing = False

    def follow(self) -> None:
        """Appends the heads that are not in the file yet. Raises HeadFileContradicts.

        A disk that takes nothing does not stop sealing: it is logged, and the next call tries again.
        """
        try:
            self._append_missing()
        except OSError as error:
            self._last = None
            if not self._failing:
                logger.error("%s cannot be written, heads stay in the database: %s", self._path, error)
            self._failing = True
        else:
            self._failing = False

    def _append_missing(self) -> None:
        if self._last is None or not self._path.exists():
            self._last = self._compared()
        missing = TreeHead.objects.filter(number__gt=self._last).order_by("number")
        with self._path.open("ab") as file:
            for head in missing.iterator():
                file.write(head_line(head) + b"\n")
                self._last = head.number
            file.flush()
            os.fsync(file.fileno())

    def _compared(self) -> int:
        """The number of the file's last head, -1 if it has none; mends what a crash left half written."""
        if not self._path.exists():
            self._make()
            return -1
        with self._path.open("r+b") as file:
            line = _last_line(file)
        if line is None:
            return -1
        number = _number(line)
        head = TreeHead.objects.filter(number=number).first()
        if head is None or head_line(head) != line:
            raise HeadFileContradicts(
                f"树头文件 {self._path} 的第 {number} 号树头与数据库不符，封存停止："
                "数据库可能被替换、回退或篡改，请先查明原因"
                f" (head {number} of the file is not that of the database: sealing stops)"
            )
        return number

    def _make(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.touch(mode=0o644)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name itself must outlive a crash
        finally:
            os.close(folder)


def _last_line(file: BinaryIO) -> bytes | None:
    """The last whole line without its line feed, if there is one; cuts off what stands behind it."""
    size = whole = file.seek(0, os.SEEK_END)
    tail = b""
    while whole and tail.count(b"\n") < 2:
        step = min(_CHUNK, whole)
        whole -= step
        file.seek(whole)
        tail = file.read(step) + tail
    lines, feed, torn = tail.rpartition(b"\n")
    if torn:
        logger.warning("%s ends in half a line: it is written anew", file.name)
        file.truncate(size - len(torn))
        os.fsync(file.fileno())
    return lines.rpartition(b"\n")[2] if feed else None


def _number(line: bytes) -> int:
    try:
        return int(json.loads(line)["number"])
    except (ValueError, KeyError, TypeError):
        raise HeadFileContradicts(
            f"树头文件的最后一行不是树头，封存停止 (the last line is no head): {line[:60]!r}"
        ) from None
