"""Texts with what was met in them marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_AROUND = 14  # characters shown on either side of the first hit


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    hit: bool


def marked(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """The whole text; spans that overlap are one piece."""
    pieces: list[Piece] = []
    done = 0
    for start, end in _joined(spans):
        pieces += [Piece(text[done:start], False), Piece(text[start:end], True)]
        done = end
    return tuple(piece for piece in (*pieces, Piece(text[done:], False)) if piece.text)


def excerpt(text: str, spans: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    """The first hit with what stands around it."""
    start, end = _joined(spans)[0]
    before = ("…" if start > _AROUND else "") + text[max(0, start - _AROUND) : start]
    after = text[end : end + _AROUND] + ("…" if len(text) > end + _AROUND else "")
    return Piece(before, False), Piece(text[start:end], True), Piece(after, False)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
