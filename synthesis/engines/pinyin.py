"""Pinyin as the front end writes it: which syllables there are, and what initial and final each has.

Finals are written in full (`liu` l iou, `gui` g uei, `lun` l uen), `v` is ü, the vowel of zi ci si is `ii`,
that of zhi chi shi ri is `iii`. Erhua is an r behind the syllable (`huar1`), or `r5` standing after it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from synthesis.engines.base import SYLLABLE, UnknownPhone

ERHUA: Final = "r5"  # on its own, behind the syllable that it colours
NO_INITIAL: Final = ""


class Syllable(NamedTuple):
    """`initial` is empty where there is none, `tone` is "1" to "5"."""

    initial: str
    final: str
    tone: str
    erhua: bool


# The finals each initial takes, as pinyin spells them.
_CHART: Final = {
    "b": "a ai an ang ao e ei en eng i ian iang iao ie in ing o u",
    "p": "a ai an ang ao e ei en eng i ia ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng iao o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e ei eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ia ian iang iao ie in ing iu ong ou u uan ue un uo v ve",
    "l": "a ai an ang ao e ei en eng i ia ian iang iao ie in ing iu o ong ou u uan ue un uo v ve",
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
    "c": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
}
_IN_FULL: Final = {"iu": "iou", "ui": "uei", "un": "uen", "ue": "ve"}
_AFTER_PALATAL: Final = {"u": "v", "uan": "van", "ue": "ve", "un": "vn"}
# Without an initial, spelled as they sound; the nasal interjections have no symbol and take the nearest.
_ALONE: Final = {
    "yi": "i",
    "ya": "ia",
    "yan": "ian",
    "yang": "iang",
    "yao": "iao",
    "ye": "ie",
    "yin": "in",
    "ying": "ing",
    "yo": "iou",
    "yong": "iong",
    "you": "iou",
    "yu": "v",
    "yuan": "van",
    "yue": "ve",
    "yun": "vn",
    "wu": "u",
    "wa": "ua",
    "wai": "uai",
    "wan": "uan",
    "wang": "uang",
    "wei": "uei",
    "wen": "uen",
    "weng": "ueng",
    "wo": "uo",
    "ê": "ei",
    "n": "en",
    "ng": "en",
    "m": "en",
} | {final: final for final in ("a", "ai", "an", "ang", "ao", "e", "ei", "en", "eng", "er", "o", "ou")}
_NASAL: Final = {"hm": ("h", "en"), "hng": ("h", "eng")}


def _final(initial: str, spelled: str) -> str:
    if initial in ("j", "q", "x"):
        return _AFTER_PALATAL.get(spelled, _IN_FULL.get(spelled, spelled))
    if spelled == "i" and initial in ("z", "c", "s"):
        return "ii"
    if spelled == "i" and initial in ("zh", "ch", "sh", "r"):
        return "iii"
    return _IN_FULL.get(spelled, spelled)


SYLLABLES: Final[dict[str, tuple[str, str]]] = {
    **{
        initial + spelled: (initial, _final(initial, spelled))
        for initial, finals in _CHART.items()
        for spelled in finals.split()
    },
    **{spelled: (NO_INITIAL, final) for spelled, final in _ALONE.items()},
    **_NASAL,
}


def parse(phone: str, position: int) -> Syllable:
    """The syllable of a phone, which stands at `position` of its phrase. Raises UnknownPhone."""
    match = SYLLABLE.fullmatch(phone)
    if match is None:
        raise UnknownPhone(phone, position)
    letters = match["letters"]
    erhua = letters not in SYLLABLES and letters.endswith("r")
    parts = SYLLABLES.get(letters.removesuffix("r") if erhua else letters)
    if parts is None:
        raise UnknownPhone(phone, position)
    return Syllable(*parts, match["tone"], erhua)
