"""The words on the pages of a PDF that fpdf2 made: streams unpacked, glyphs read by the font's own map."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_CHARACTER = re.compile(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>")
_SHOWN = re.compile(rb"\(((?:\\.|[^\\()])*)\) Tj", re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pages_of(path: Path) -> list[str]:
    """The text of each page, its pieces in the order in which they were drawn, a line each."""
    streams = [_unpacked(found[1]) for found in _STREAM.finditer(path.read_bytes())]
    characters = {
        int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
        for stream in streams
        if b"beginbfchar" in stream
        for code, text in _CHARACTER.findall(stream)
    }
    pages = [stream for stream in streams if b" Tj" in stream and b"beginbfchar" not in stream]
    return ["\n".join(_told(piece[1], characters) for piece in _SHOWN.finditer(page)) for page in pages]


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return data


def _told(piece: bytes, characters: dict[int, str]) -> str:
    codes = _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), piece)
    return "".join(
        characters.get(int.from_bytes(codes[at : at + 2], "big"), "?") for at in range(0, len(codes), 2)
    )
