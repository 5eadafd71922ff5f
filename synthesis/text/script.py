"""What the front end hands to whoever speaks: a text cut into phrases of phones.

All offsets are code points of the original text, half open.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """A clause: the unit of synthesis, caching and streaming.

    `phones` holds pinyin syllables with a tone digit 1-5 (`lv4`: ü is v; `huar1`: the erhua suffix stands
    before the digit) and, between two syllables, break marks `#1` (word), `#2` (phrase) or `#3` (clause).
    Tones are those to be spoken, after sandhi. `pause` is the silence after the phrase, in seconds.
    """

    text: str
    start: int
    end: int
    phones: tuple[str, ...]
    pause: float


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A piece of the original text that cannot be spoken; `reason` is a stable code."""

    start: int
    end: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Script:
    """A text made ready to speak. `phrases` is empty when there is nothing to say."""

    text: str
    normalized: str
    phrases: tuple[Phrase, ...]
    unreadable: tuple[Unreadable, ...]
