"""What the front end hands to whoever speaks: a text cut into phrases of phones.

All offsets are code points of the original text, half open.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Manner:
    """How the author wants a phrase spoken, where that differs from the request; None leaves it as requested.

    `rate` is a factor (1.0 as usual), `pitch` semitones, `volume` 0-100, `intensity` 0.01-2.0; `emotion` and
    `voice` are codes that whoever speaks has to know.
    """

    rate: float | None = None
    pitch: float | None = None
    volume: int | None = None
    emotion: str | None = None
    intensity: float | None = None
    voice: str | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """A clause: the unit of synthesis, caching and streaming.

    `phones` holds pinyin syllables with a tone digit 1-5 (`lv4`: ü is v; `huar1`: the erhua suffix stands
    before the digit) and, between two syllables, break marks `#1` (word), `#2` (phrase) or `#3` (clause).
    Tones are those to be spoken, after sandhi. `pause` is the silence after the phrase, in seconds.
    `closing` is the level of the break there, as it would stand between syllables: 4 where a sentence, a line
    or the text ends, 3 at a comma or colon and at a short rest of the author's, 2, 1 or 0 where a long clause
    was cut between phrases, words or syllables. A voice that labels the ends of sentences alike (`sil`, #4)
    has no use for it; one that has must take it into the key of its sounds. `delivery` is None unless the
    text is SSML that asks for something. `rest_asked`: the author said how long the pause is, so that no
    way of speaking changes it.
    """

    text: str
    start: int
    end: int
    phones: tuple[str, ...]
    pause: float
    delivery: Manner | None = None
    closing: int = 4
    rest_asked: bool = False


@dataclass(frozen=True, slots=True)
class Syllable:
    """One syllable that is spoken, and what it reads.

    `char` is its character of the normalised text: two with an erhua suffix (花儿), and the letter for each
    syllable of a letter's name. `start` and `end` are its place in the original; what was written in digits
    shares one place (12 -> 十, 二). `pinyin` has the tone that is spoken, `base` that of dictionaries.
    """

    char: str
    start: int
    end: int
    pinyin: str
    base: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A piece of the original text that cannot be spoken; `reason` is a stable code."""

    start: int
    end: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Script:
    """A text made ready to speak. `phrases` is empty when there is nothing to say.

    `spans` holds, for each character of `normalized`, the place of the original that it stands for.
    """

    text: str
    normalized: str
    phrases: tuple[Phrase, ...]
    unreadable: tuple[Unreadable, ...]
    syllables: tuple[Syllable, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """How the text is read, as plain values: what `manage.py read` and the API hand out."""
        return {
            "text": self.text,
            "normalized": self.normalized,
            "syllables": [asdict(syllable) for syllable in self.syllables],
            "phrases": [
                {
                    "text": phrase.text,
                    "start": phrase.start,
                    "end": phrase.end,
                    "phones": list(phrase.phones),
                    "pause": phrase.pause,
                }
                for phrase in self.phrases
            ],
            "unreadable": [asdict(fault) for fault in self.unreadable],
        }
