"""From pinyin to the symbols of the Baker corpus, which the acoustic model reads.

A syllable becomes an initial and a final with its tone: `hao3` is `h ao3`. Between syllables stands a break
mark, `#0` where the front end gave none (inside a word), `sil` stands at both ends, `eos` closes. `^` holds
the place of a missing initial. Erhua is `er5` behind the syllable, with no break between: `huar1` is
`h ua1 er5`.
"""

from __future__ import annotations

from typing import Final

from synthesis.engines.base import BREAKS, UnknownPhone
from synthesis.engines.pinyin import ERHUA, parse

SILENCE: Final = "sil"
NO_BREAK: Final = "#0"
END: Final = "eos"
_ERHUA: Final = "er5"
_NO_INITIAL: Final = "^"


def to_symbols(phones: tuple[str, ...]) -> list[str]:
    """The symbols of a whole utterance. Raises UnknownPhone.

    Break marks count between syllables only: at the ends `sil` says all; of several in a row the strongest
    is kept.
    """
    symbols = [SILENCE]
    pause = ""
    for position, phone in enumerate(phones):
        if phone in BREAKS:
            pause = max(pause, phone)
            continue
        if len(symbols) > 1 and phone != ERHUA:
            symbols.append(pause or NO_BREAK)
        symbols += _syllable(phone, position, opens=len(symbols) == 1 or bool(pause))
        pause = ""
    return [*symbols, SILENCE, END]


def _syllable(phone: str, position: int, *, opens: bool) -> list[str]:
    if phone == ERHUA:  # erhua given on its own needs a syllable to lean on
        if opens:
            raise UnknownPhone(phone, position)
        return [_ERHUA]
    syllable = parse(phone, position)
    final = syllable.final + syllable.tone
    return [syllable.initial or _NO_INITIAL, final, *([_ERHUA] if syllable.erhua else [])]
