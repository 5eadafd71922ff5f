"""Readings of 47,000 words: the phrase list that comes with pypinyin, read as data.

The package would keep it as nested lists, which take 55 MB; here a word has one line of text (6 MB), turned
into syllables when it is met.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from synthesis.text.packages import folder_of
from synthesis.text.syllables import from_marked

_ENTRY = re.compile(r'"([^"]+)": \[((?:\s*\[[^\]]*\],?)+)')
_FIRST_READING = re.compile(r'\[\s*"([^"]*)"')


@cache
def phrasebook() -> dict[str, str]:
    """Word -> its readings with tone marks, parted by blanks: 银行 -> `yín háng`."""
    written = (folder_of("pypinyin") / "phrases_dict.json").read_text(encoding="utf-8")
    return {entry[1]: " ".join(_FIRST_READING.findall(entry[2])) for entry in _ENTRY.finditer(written)}


@lru_cache(maxsize=8192)
def phrase_reading(word: str) -> tuple[str, ...] | None:
    """Syllables of a word, None when it is not listed or has a sound that is no syllable."""
    marked = phrasebook().get(word, "").split()
    syllables = tuple(syllable for syllable in map(from_marked, marked) if syllable)
    return syllables if len(syllables) == len(word) else None
