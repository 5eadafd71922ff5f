"""Syllables without tones: how characters sound, and where letters spell a sound."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from synthesis.text.hanzi import default_reading
from synthesis.text.syllables import SYLLABLES

DATA = Path(__file__).with_name("data")
_LONGEST = 6  # zhuang
_DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
# ü has no key: both spellings are typed for it.
_TYPED = {"lu": ("lu", "lv"), "nu": ("nu", "nv"), "lue": ("lve",), "nue": ("nve",)}


class Spelling(NamedTuple):
    """Letters [start, end) of a run that spell a syllable."""

    start: int
    end: int
    syllable: str


def words_of(name: str) -> list[str]:
    """The blank-separated words of a data file, without its comments."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


@cache
def polyphones() -> dict[str, tuple[str, ...]]:
    """The common characters with several syllables, and those that the reading tables do not name first."""
    found: dict[str, tuple[str, ...]] = {}
    for word in words_of("polyphones.txt"):
        found[word[0]] = (*found.get(word[0], ()), word[1:])
    return found


@lru_cache(maxsize=32768)
def sounds(char: str) -> tuple[str, ...]:
    """The syllables of a character, the commonest first; a digit sounds as its character. () for others."""
    char = _DIGITS.get(char, char)
    reading = default_reading(char)
    if reading is None:
        return ()
    return tuple(dict.fromkeys((reading[:-1], *polyphones().get(char, ()))))


@lru_cache(maxsize=4096)
def spellings(letters: str) -> tuple[Spelling, ...]:
    """Where a run of plain letters spells syllables of two letters or more, overlapping ones too."""
    return tuple(
        Spelling(start, end, syllable)
        for start in range(len(letters))
        for end in range(start + 2, min(start + _LONGEST, len(letters)) + 1)
        for syllable in _syllables(letters[start:end])
    )


def _syllables(letters: str) -> tuple[str, ...]:
    return _TYPED.get(letters, (letters,) if letters in SYLLABLES or letters in _TYPED else ())


@lru_cache(maxsize=4096)
def is_spelled(letters: str) -> bool:
    """Whether all of it can be read as syllables."""
    reached = {0}
    for start in range(len(letters)):
        if start in reached:
            ends = range(start + 1, min(start + _LONGEST, len(letters)) + 1)
            reached.update(end for end in ends if letters[start:end] in SYLLABLES)
    return len(letters) in reached


@cache
def english_words() -> frozenset[str]:
    """Words whose letters also spell syllables."""
    return frozenset(words_of("english.txt"))
