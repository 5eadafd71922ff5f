"""Pinyin as people write it, and the readings that one character can have."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from synthesis.text.hanzi import default_reading, listed_readings
from synthesis.text.polyphones import network
from synthesis.text.syllables import from_numbered

_SHOWN = 6  # of the largest tables' readings the later ones are found in old books only
_COMBINING = {"1": "\u0304", "2": "\u0301", "3": "\u030c", "4": "\u0300", "5": ""}
# Where the tone mark stands (GB/T 16159-2012, 5): on a or e, on the o of ou, else on the last vowel.
_PLACES = (re.compile("[ae]"), re.compile("o(?=u)"), re.compile("[iouü](?=[^iouü]*$)"))


@lru_cache(maxsize=4096)
def marked(syllable: str) -> str:
    """`lv4` -> `lǜ`, `huar1` -> `huār`, `de5` -> `de`; the syllable is one that can be spoken."""
    letters, mark = syllable[:-1].replace("v", "ü"), _COMBINING[syllable[-1]]
    found = next(match for match in (place.search(letters) for place in _PLACES) if match)
    return unicodedata.normalize("NFC", letters[: found.end()] + mark + letters[found.end() :])


@lru_cache(maxsize=4096)
def readings_of(char: str) -> tuple[str, ...]:
    """The readings a character can have, the commonest first; empty for what is no Han character."""
    living = filter(None, map(from_numbered, network().readings.get(char, [])))
    every = (default_reading(char), *living, *listed_readings(char))
    return tuple(dict.fromkeys(reading for reading in every if reading))[:_SHOWN]
