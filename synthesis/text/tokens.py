"""The pieces a text is made of on its way from characters to syllables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

Span = tuple[int, int]


class Kind(Enum):
    """What a token is, which decides how it is read."""

    HAN = "han"  # running text, still to be cut into words
    NUMBER = "number"  # a quantity: one word, 一 changes its tone as in speech
    DIGITS = "digits"  # read one by one, and ordinals: 一 keeps its own tone
    LETTERS = "letters"  # Latin letters, read by their names
    MARK = "mark"  # silent: punctuation, spaces, what cannot be spoken


@dataclass(frozen=True, slots=True)
class Token:
    """Spoken text, and for each of its characters the span of the original it stands for."""

    kind: Kind
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """What a rule makes of a part of the folded text: `spoken` stands for characters `start` to `end`.

    Digits and letters that come out as many as went in stand one for one; otherwise each spoken character
    stands for the whole part.
    """

    kind: Kind
    spoken: str
    start: int
    end: int

    def one_for_one(self) -> bool:
        return self.kind is not Kind.NUMBER and len(self.spoken) == self.end - self.start
