"""From pinyin to the symbols that the network reads: IPA with an arrow for the tone.

A syllable is written out without a break: the tone stands behind the main vowel (`xwa→n` is huan1). A space
parts words, a comma or full stop phrases. The neutral tone has no mark.
"""

from __future__ import annotations

from typing import Final

from synthesis.engines.base import BREAKS, UnknownPhone
from synthesis.engines.pinyin import ERHUA, parse

# Only what Mandarin needs of the 114 there are.
IDS: Final = {
    ",": 3,
    ".": 4,
    " ": 16,
    "ʦ": 20,
    "ʨ": 21,
    "ꭧ": 23,
    "a": 43,
    "e": 47,
    "f": 48,
    "i": 51,
    "j": 52,
    "k": 53,
    "l": 54,
    "m": 55,
    "n": 56,
    "o": 57,
    "p": 58,
    "s": 61,
    "t": 62,
    "u": 63,
    "w": 65,
    "x": 66,
    "y": 67,
    "ɔ": 76,
    "ɕ": 77,
    "ə": 83,
    "ɚ": 85,
    "ɛ": 86,
    "ɥ": 99,
    "ɨ": 101,
    "ŋ": 112,
    "ɤ": 140,
    "ɻ": 126,
    "ʂ": 130,
    "ʊ": 135,
    "ʰ": 162,
    "↓": 169,
    "→": 171,
    "↗": 172,
    "↘": 173,
}
EDGE: Final = 0  # stands before the first symbol and behind the last
MOST: Final = 510  # symbols at once

_TONES: Final = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_BREAKS: Final = {"": "", "#1": " ", "#2": " ", "#3": ", "}
_END: Final = "."
_ERHUA: Final = "ɻ"
_INITIALS: Final = {
    "": "",
    "b": "p",
    "p": "pʰ",
    "m": "m",
    "f": "f",
    "d": "t",
    "t": "tʰ",
    "n": "n",
    "l": "l",
    "g": "k",
    "k": "kʰ",
    "h": "x",
    "j": "ʨ",
    "q": "ʨʰ",
    "x": "ɕ",
    "zh": "ꭧ",
    "ch": "ꭧʰ",
    "sh": "ʂ",
    "r": "ɻ",
    "z": "ʦ",
    "c": "ʦʰ",
    "s": "s",
}
# The finals in full; + is where the tone stands.
_FINALS: Final = {
    "a": "a+",
    "ai": "ai+",
    "an": "a+n",
    "ang": "a+ŋ",
    "ao": "au+",
    "e": "ɤ+",
    "ei": "ei+",
    "en": "ə+n",
    "eng": "ə+ŋ",
    "er": "ɚ+",
    "i": "i+",
    "ii": "ɨ+",
    "iii": "ɨ+",
    "ia": "ja+",
    "ian": "jɛ+n",
    "iang": "ja+ŋ",
    "iao": "jau+",
    "ie": "je+",
    "in": "i+n",
    "ing": "i+ŋ",
    "iong": "jʊ+ŋ",
    "iou": "jou+",
    "o": "wo+",
    "ong": "ʊ+ŋ",
    "ou": "ou+",
    "u": "u+",
    "ua": "wa+",
    "uai": "wai+",
    "uan": "wa+n",
    "uang": "wa+ŋ",
    "uei": "wei+",
    "uen": "wə+n",
    "ueng": "wə+ŋ",
    "uo": "wo+",
    "v": "y+",
    "van": "ɥɛ+n",
    "ve": "ɥe+",
    "vn": "y+n",
}
_O_ALONE: Final = "ɔ+"


def to_symbols(phones: tuple[str, ...]) -> str:
    """The symbols of a whole utterance. Raises UnknownPhone.

    Break marks count between syllables only; of several in a row the strongest is kept.
    """
    written = ""
    pause = ""
    for position, phone in enumerate(phones):
        if phone in BREAKS:
            pause = max(pause, phone)
            continue
        if phone == ERHUA:
            if not written or pause:  # on its own it needs a syllable to lean on
                raise UnknownPhone(phone, position)
            written += _ERHUA
            continue
        written += (_BREAKS[pause] if written else "") + _syllable(phone, position)
        pause = ""
    return written + _END


def _syllable(phone: str, position: int) -> str:
    syllable = parse(phone, position)
    alone = not syllable.initial and syllable.final == "o"
    final = _O_ALONE if alone else _FINALS[syllable.final]
    tone = _TONES[syllable.tone]
    return _INITIALS[syllable.initial] + final.replace("+", tone) + (_ERHUA if syllable.erhua else "")
