"""Which characters are Han, and how each is read on its own."""

from __future__ import annotations

import re
from functools import lru_cache

from pypinyin.pinyin_dict import pinyin_dict

from synthesis.text.syllables import from_marked

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HAN = re.compile(f"[{HAN}]")
# Dictionaries give these without a vowel; the nearest syllables that a voice has.
_HUMMED = {"嗯": "en1", "呣": "mu2", "哏": "gen2", "噷": "hen1"}
_SINGLE: dict[int, str] = pinyin_dict


def is_hanzi(char: str) -> bool:
    return _HAN.match(char) is not None


@lru_cache(maxsize=8192)
def default_reading(char: str) -> str | None:
    """The commonest reading of a character as pinyin with a tone digit, None when there is none."""
    if char in _HUMMED:
        return _HUMMED[char]
    for marked in _SINGLE.get(ord(char), "").split(","):
        syllable = from_marked(marked)
        if syllable:
            return syllable
    return None


def has_reading(char: str) -> bool:
    return default_reading(char) is not None
