"""A text with its markup, escapes and signs of several letters opened, and where each character stood."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import unescape

from synthesis.screening.folding import form

# Quantifiers are bounded: what a caller sends cannot make this slow.
_WRAPPING = re.compile(
    r"(?P<markup><!--.{0,500}?-->|<!\[CDATA\[|\]\]>|</?[A-Za-z][^<>]{0,500}>)"
    r"|(?P<entity>&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});?)"
    r"|(?P<percent>(?:%[0-9A-Fa-f]{2})+)"
    r"|(?P<blank>\\[nrt])"
    r"|(?P<code>\\u\{[0-9A-Fa-f]{1,6}\}|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\x[0-9A-Fa-f]{2})",
    re.DOTALL,
)
_ROUNDS = 3  # %2526 and &amp;#x8d4c; are wrapped twice
Piece = tuple[str, int, int]


@dataclass(frozen=True)
class Wording:
    """Character `i` of `text` is written at `original[starts[i]:ends[i]]`."""

    original: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @cached_property
    def parted(self) -> list[int]:
        """The places of characters with markup between them and the next."""
        if self.text is self.original:
            return []
        return [place for place in range(len(self.text) - 1) if self.ends[place] < self.starts[place + 1]]

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.starts[start], self.ends[end - 1]

    def is_escaped(self, place: int) -> bool:
        return self.ends[place] - self.starts[place] > 1


def plain(text: str) -> Wording:
    """The text as it stands."""
    return Wording(text, text, range(len(text)), range(1, len(text) + 1))


def opened(text: str, wrapped: frozenset[str]) -> Wording:
    """The text with everything opened; `wrapped` are characters that stand for several. Never raises."""
    wording = plain(text)
    for _ in range(_ROUNDS):
        pieces = list(_pieces(wording, wrapped))
        opened_text = "".join(piece for piece, _, _ in pieces)
        if opened_text == wording.text:
            break
        wording = _joined(wording, pieces)
    return wording


def _joined(wording: Wording, pieces: list[Piece]) -> Wording:
    """`pieces` are characters with their spans in the text of `wording`."""
    starts: list[int] = []
    ends: list[int] = []
    for piece, start, end in pieces:
        first, last = wording.span(start, end)
        starts += [first] * len(piece)
        ends += [last] * len(piece)
    text = "".join(piece for piece, _, _ in pieces)
    return Wording(wording.original, text, starts, ends)


def _pieces(wording: Wording, wrapped: frozenset[str]) -> Iterator[Piece]:
    place = 0
    for match in _WRAPPING.finditer(wording.text):
        yield from _signs(wording.text, place, match.start(), wrapped)
        yield from _OPENERS[match.lastgroup or ""](match)
        place = match.end()
    yield from _signs(wording.text, place, len(wording.text), wrapped)


def _signs(text: str, start: int, end: int, wrapped: frozenset[str]) -> Iterator[Piece]:
    for place in range(start, end):
        char = text[place]
        yield (form(char) if char in wrapped else char), place, place + 1


def _as_written(match: re.Match[str]) -> list[Piece]:
    return [(char, match.start() + place, match.start() + place + 1) for place, char in enumerate(match[0])]


def _nothing(match: re.Match[str]) -> list[Piece]:
    return []


def _entity(match: re.Match[str]) -> list[Piece]:
    opened_entity = unescape(match[0] if match[0].endswith(";") else match[0] + ";")
    if len(opened_entity) != 1:
        return _as_written(match)
    return [(opened_entity, match.start(), match.end())]


def _code(match: re.Match[str]) -> list[Piece]:
    number = int(match[0][2:].strip("{}"), 16)
    return [(chr(number), match.start(), match.end())] if number < 0x110000 else _as_written(match)


def _percent(match: re.Match[str]) -> list[Piece]:
    """The bytes as UTF-8, or as GB 18030 where they are none."""
    written = bytes.fromhex(match[0].replace("%", ""))
    for encoding in ("utf-8", "gb18030"):
        try:
            decoded = written.decode(encoding)
        except UnicodeDecodeError:
            continue
        return _spans(decoded, encoding, match.start())
    return _as_written(match)


def _spans(decoded: str, encoding: str, start: int) -> list[Piece]:
    pieces = []
    for char in decoded:
        end = start + 3 * len(char.encode(encoding))
        pieces.append((char, start, end))
        start = end
    return pieces


_OPENERS: dict[str, Callable[[re.Match[str]], list[Piece]]] = {
    "markup": _nothing,
    "entity": _entity,
    "percent": _percent,
    "code": _code,
    "blank": lambda match: [(" ", match.start(), match.end())],
}
