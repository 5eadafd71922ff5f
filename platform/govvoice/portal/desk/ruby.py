"""A text with its pinyin above it: what the editor shows when 读音 is switched on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from synthesis.text import Script, Syllable
from synthesis.text.hanzi import is_hanzi
from synthesis.text.polyphones import is_polyphone
from synthesis.text.spelling import marked, readings_of
from synthesis.text.words import cut


@dataclass(slots=True)
class Piece:
    """A stretch of the text that is spoken as one: a character, or a number that is said in words.

    `start` and `end` count code points of the text.
    """

    start: int
    end: int
    syllables: list[Syllable] = field(default_factory=list)

    def swallow(self, other: Piece) -> None:
        """% is written after its number and said before it: such pieces are one."""
        self.start, self.end = min(self.start, other.start), max(self.end, other.end)
        self.syllables = [*self.syllables, *other.syllables]

    def is_character(self, text: str) -> bool:
        return len(self.syllables) == 1 and self.syllables[0].char == text[self.start : self.end]


def pieces_of(script: Script) -> list[dict[str, Any]]:
    """The whole text in order, for the page's script.

    Each piece has `text`, `start`, `kind`: silent (marks), read, spoken (`said` is how), or unreadable. Those
    that are spoken have `pinyin` with tone marks, `base` with tone digits, and for a Han character
    `candidates` and the `word` it stands in as [start, end].
    """
    text = script.text
    words = _words(text)
    unreadable = {place for gap in script.unreadable for place in range(gap.start, gap.end)}
    told: list[dict[str, Any]] = []
    place = 0
    for piece in _joined(text, script.syllables):
        told += _silent(text, place, piece.start, unreadable)
        told.append(_told(text, piece, words))
        place = piece.end
    return [*told, *_silent(text, place, len(text), unreadable)]


def _joined(text: str, syllables: Sequence[Syllable]) -> list[Piece]:
    """Pieces in the text's order; neighbours that are said in other words, as 20 and 25, are one."""
    pieces: list[Piece] = []
    for syllable in syllables:
        piece = Piece(syllable.start, syllable.end, [syllable])
        while pieces and pieces[-1].end > piece.start:
            before = pieces.pop()
            before.swallow(piece)
            piece = before
        pieces.append(piece)
    joined: list[Piece] = []
    for piece in pieces:
        said = not piece.is_character(text)
        if joined and said and not joined[-1].is_character(text) and joined[-1].end == piece.start:
            joined[-1].swallow(piece)
        else:
            joined.append(piece)
    return joined


def _told(text: str, piece: Piece, words: dict[int, tuple[int, int]]) -> dict[str, Any]:
    written = text[piece.start : piece.end]
    told: dict[str, Any] = {
        "text": written,
        "start": piece.start,
        "kind": "read",
        "pinyin": " ".join(marked(syllable.pinyin) for syllable in piece.syllables),
        "base": " ".join(syllable.base for syllable in piece.syllables),
    }
    if not piece.is_character(text):
        said = "".join(syllable.char for syllable in piece.syllables)
        return told | {"kind": "spoken", "said": said, "word": [piece.start, piece.end]}
    candidates = list(readings_of(written[0])) if is_hanzi(written[0]) else []
    own = told["base"]
    named = [own, *(reading for reading in candidates if reading != own)] if len(written) == 1 else [own]
    return told | {
        "candidates": [[reading, marked(reading)] for reading in named],
        "word": list(words.get(piece.start, (piece.start, piece.end))),
        "hard": is_polyphone(written[0]),
    }


def _silent(text: str, start: int, end: int, unreadable: set[int]) -> Iterator[dict[str, Any]]:
    while start < end:
        kind = start in unreadable
        stop = next((place for place in range(start, end) if (place in unreadable) != kind), end)
        yield {"text": text[start:stop], "start": start, "kind": "unreadable" if kind else "silent"}
        start = stop


def _words(text: str) -> dict[int, tuple[int, int]]:
    """Each Han character's place -> where the word around it begins and ends."""
    words: dict[int, tuple[int, int]] = {}
    place = 0
    while place < len(text):
        end = next((at for at in range(place, len(text)) if not is_hanzi(text[at])), len(text))
        for word in cut(text[place:end]):
            words |= {at: (place, place + len(word)) for at in range(place, place + len(word))}
            place += len(word)
        place = max(place, end + 1)
    return words
