"""Which characters are Han, and how each is read on its own."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import cast

from pypinyin.pinyin_dict import pinyin_dict

from synthesis.text.syllables import from_marked

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HAN = re.compile(f"[{HAN}]")
_SINGLE = cast("dict[int, str]", pinyin_dict)


def is_hanzi(char: str) -> bool:
    return _HAN.match(char) is not None


@lru_cache(maxsize=8192)
def default_reading(char: str) -> str | None:
    """The commonest reading of a character as pinyin with a tone digit, None when there is none."""
    for marked in _SINGLE.get(ord(char), "").split(","):
        syllable = from_marked(marked)
        if syllable:
            return syllable
    return None


def has_reading(char: str) -> bool:
    return default_reading(char) is not None
