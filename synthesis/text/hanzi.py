"""Which characters are Han, and how each is read on its own."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache

from synthesis.text.packages import folder_of
from synthesis.text.syllables import from_marked

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HAN = re.compile(f"[{HAN}]")
# Dictionaries give these without a vowel; the nearest syllables that a voice has.
_HUMMED = {"嗯": "en1", "呣": "mu2", "哏": "gen2", "噷": "hen1"}


@cache
def _singles() -> dict[str, str]:
    """Code point in decimal -> readings with tone marks, parted by commas, the commonest first."""
    table: dict[str, str] = json.loads(
        (folder_of("pypinyin") / "pinyin_dict.json").read_text(encoding="utf-8")
    )
    return table


def is_hanzi(char: str) -> bool:
    return _HAN.match(char) is not None


@lru_cache(maxsize=8192)
def default_reading(char: str) -> str | None:
    """The commonest reading of a character as pinyin with a tone digit, None when there is none."""
    if char in _HUMMED:
        return _HUMMED[char]
    for marked in _singles().get(str(ord(char)), "").split(","):
        syllable = from_marked(marked)
        if syllable:
            return syllable
    return None


def listed_readings(char: str) -> tuple[str, ...]:
    """All readings that the table has of a character, the commonest first."""
    return tuple(filter(None, map(from_marked, _singles().get(str(ord(char)), "").split(","))))


def has_reading(char: str) -> bool:
    return default_reading(char) is not None
