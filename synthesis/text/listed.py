"""Words whose reading we give ourselves: place names, words of public service, surnames of two characters.

The files in `data` write a word with the reading of a character in brackets after it: 重(chong2)庆.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from synthesis.text.hanzi import default_reading
from synthesis.text.syllables import from_numbered

DATA = Path(__file__).with_name("data")
_CHARACTER = re.compile(r"(.)(?:\(([a-zü:]+[1-5])\))?")


@cache
def listed_words() -> dict[str, tuple[str, ...]]:
    """Word -> syllables as cited. Raises ValueError naming a word of the files that has no valid reading."""
    return {
        "".join(char for char, _ in _CHARACTER.findall(entry)): _readings(entry)
        for name in ("vocabulary.txt", "places.txt")
        for entry in entries(name)
    }


def entries(name: str) -> Iterator[str]:
    """The blank-separated entries of a data file, without its comments."""
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield from line.split()


def _readings(entry: str) -> tuple[str, ...]:
    return tuple(_reading(char, written, entry) for char, written in _CHARACTER.findall(entry))


def _reading(char: str, written: str, entry: str) -> str:
    reading = from_numbered(written) if written else default_reading(char)
    if reading is None:
        raise ValueError(f"no valid reading for {char!r} in the word list entry {entry!r}")
    return reading


@cache
def light_endings() -> frozenset[str]:
    """Words whose last syllable is light (必读轻声词)."""
    return frozenset(entries("light.txt"))


@cache
def simplified() -> dict[str, str]:
    """Traditional and variant characters -> the simplified one that the dictionaries know."""
    return {pair[0]: pair[1] for pair in entries("simplified.txt")}
