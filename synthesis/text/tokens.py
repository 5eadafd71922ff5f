"""The pieces a text is made of on its way from characters to syllables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from synthesis.text.script import Manner

Span = tuple[int, int]


class Kind(Enum):
    """What a token is, which decides how it is read."""

    HAN = "han"  # running text, still to be cut into words
    NUMBER = "number"  # a quantity: one word, 一 changes its tone as in speech
    DIGITS = "digits"  # read one by one, and ordinals: 一 keeps its own tone
    LETTERS = "letters"  # Latin letters, read by their names
    MARK = "mark"  # silent: punctuation, spaces, what cannot be spoken
    FIXED = "fixed"  # syllables given by staff or by the author
    CUT = "cut"  # a rest, or a new manner of speaking, asked for by the author


@dataclass(frozen=True, slots=True)
class Token:
    """Spoken text, and for each of its characters the span of the original it stands for.

    `readings` are the syllables of a FIXED token; `whole` keeps a HAN token one word; `pause` (seconds) and
    `manner` belong to a CUT, which has no text.
    """

    kind: Kind
    text: str
    spans: tuple[Span, ...]
    readings: tuple[str, ...] = ()
    whole: bool = False
    pause: float = 0.0
    manner: Manner | None = None


@dataclass(frozen=True, slots=True)
class Island:
    """Characters `start` to `end` of the folded text whose tokens are settled before the rules are asked."""

    start: int
    end: int
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """What a rule makes of a part of the folded text: `spoken` stands for characters `start` to `end`.

    Digits and letters that come out as many as went in stand one for one; otherwise each spoken character
    stands for the whole part. `readings` are the syllables of a FIXED one.
    """

    kind: Kind
    spoken: str
    start: int
    end: int
    readings: tuple[str, ...] = ()

    def one_for_one(self) -> bool:
        return self.kind is not Kind.NUMBER and len(self.spoken) == self.end - self.start
