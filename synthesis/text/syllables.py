"""The syllables of Mandarin, and pinyin written with tone marks turned into tone digits."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Initial -> finals as pinyin spells them. Interjections outside this table (hm, ng, ê) are no syllables
# that a voice is trained on.
_TABLE = {
    "": "a ai an ang ao e ei en eng er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e ei eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ia ian iang iao ie in ing iu ong ou u uan uo v ve",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
}
SYLLABLES = frozenset(initial + final for initial, finals in _TABLE.items() for final in finals.split())

_TONE_MARKS = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}
_DIAERESIS = "\u0308"
NEUTRAL = "5"


@lru_cache(maxsize=4096)
def from_marked(marked: str) -> str | None:
    """`lǜ` -> `lv4`, `de` -> `de5`; None when it is no syllable of Mandarin."""
    letters, tone = "", NEUTRAL
    for part in unicodedata.normalize("NFD", marked):
        if part == _DIAERESIS:
            letters = letters[:-1] + "v"
        elif part in _TONE_MARKS:
            tone = _TONE_MARKS[part]
        else:
            letters += part
    return _checked(letters, tone)


@lru_cache(maxsize=4096)
def from_numbered(numbered: str) -> str | None:
    """`lu:4` -> `lv4`, as CC-CEDICT writes ü; None when it is no syllable of Mandarin."""
    return _checked(numbered[:-1].replace("u:", "v"), numbered[-1:])


def _checked(letters: str, tone: str) -> str | None:
    if letters in {"lue", "nue"}:
        letters = letters[0] + "ve"
    return letters + tone if letters in SYLLABLES and tone in tuple("12345") else None


def is_speakable(syllable: str) -> bool:
    """Pinyin with a tone digit, ü as v, with or without the erhua suffix before the digit."""
    letters = syllable[:-1]
    return syllable[-1:] in tuple("12345") and (
        letters in SYLLABLES or letters.removesuffix("r") in SYLLABLES
    )


def tone(syllable: str) -> str:
    return syllable[-1]


def with_tone(syllable: str, digit: str) -> str:
    return syllable[:-1] + digit


def with_erhua(syllable: str) -> str:
    """`hua1` -> `huar1`: the suffix stands before the tone digit."""
    return syllable[:-1] + "r" + syllable[-1]
