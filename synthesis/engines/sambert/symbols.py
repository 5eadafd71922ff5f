"""The symbols of a PinYin voice. A symbol's place in its inventory is its row in the released tables.

A voice reads six units at once: phone, tone, place in the syllable, place in the word, emotion and speaker.
Behind the symbols of each come three specials: filling, end, and a mask that some older voices lack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from synthesis.engines.base import EngineError, UnknownPhone
from synthesis.engines.sambert.config import UNITS, ConfigError, LinguisticConfig

LANGUAGE: Final = "PinYin"
BREAKS: Final = ("#1", "#2", "#3", "#4")
SENTENCE_END: Final = "#4"
NO_EMOTION: Final = "emotion_none"
NEUTRAL: Final = "emotion_neutral"
_SPECIALS: Final = ("_", "~", "@[MASK]")

_MANDARIN: Final = """
a ai an ang ao b c ch d e ei en eng er f g h i ia ian iang iao ie ih ii in ing io iong iou j k l m n o ong ou
p q r s sh t u ua uai uan uang uei uen ueng uo v van ve vn xx z zh w y
"""
_ONSETS: Final = "ga ge go"
_ENGLISH: Final = """
aa ae ah ao aw ay b ch d dh eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh t th uh uw v w y z zh
"""
_ERHUA: Final = """
air angr anr aor ar eir engr enr iangr ianr iaor iar ier ihr iir ingr inr iongr iour ir ongr or our uair uangr
uanr uar ueir uenr uor ur vanr ver vnr vr
"""
_PHONES: Final = (
    *(f"{phone}_c" for phone in _MANDARIN.split()),
    *_ONSETS.split(),
    *_ENGLISH.split(),
    *(f"{phone}_c" for phone in _ERHUA.split()),
    "pau",
    *BREAKS,
)
_TONES: Final = "tone1 tone_none tone4 tone2 tone3 tone5 tone0"
_SYLLABLE_FLAGS: Final = "s_begin s_end s_none s_both s_middle"
_WORD_SEGMENTS: Final = "word_begin word_end word_middle word_both word_none"
_FEELINGS: Final = """
none neutral angry disgust fear happy sad surprise calm gentle relax lyrical serious disgruntled satisfied
disappointed excited anxiety jealousy hate pity pleasure arousal dominance
"""
EMOTIONS: Final = (
    *(f"emotion_{name}" for name in _FEELINGS.split()),
    *(f"emotion_placeholder{number}" for number in range(1, 10)),
)


class UnknownSymbol(EngineError):
    """A field of a label that its unit does not have. `position` counts symbols from 0."""

    def __init__(self, unit: str, symbol: str, position: int) -> None:
        super().__init__(f"symbol {position}: {symbol!r} is no {unit} of this voice")
        self.unit = unit
        self.symbol = symbol
        self.position = position


@dataclass(frozen=True, slots=True)
class Inventory:
    """The symbols of one unit, in the order of their rows."""

    unit: str
    symbols: tuple[str, ...]
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ids", {symbol: at for at, symbol in enumerate(self.symbols)})

    @property
    def end(self) -> int:
        """The id that closes a row of ids; the acoustic model never sees it."""
        return len(self.symbols) + _SPECIALS.index("~")

    @property
    def table_sizes(self) -> tuple[int, int]:
        """Rows a released table may have: with the mask, and without."""
        return len(self.symbols) + len(_SPECIALS), len(self.symbols) + len(_SPECIALS) - 1

    def id(self, symbol: str, position: int) -> int:
        """Raises UnknownPhone or UnknownSymbol."""
        found = self._ids.get(symbol)
        if found is not None:
            return found
        raise (
            UnknownPhone(symbol, position)
            if self.unit == "sy"
            else UnknownSymbol(self.unit, symbol, position)
        )

    def __contains__(self, symbol: str) -> bool:
        return symbol in self._ids


PHONES: Final = Inventory("sy", _PHONES)


def inventories(linguistic: LinguisticConfig) -> Sequence[Inventory]:
    """The six units in the order of a label's fields. ConfigError: a language we have no lists of."""
    if linguistic.language != LANGUAGE:
        raise ConfigError(
            "linguistic_unit.language", f"only {LANGUAGE} is known, not {linguistic.language!r}"
        )
    fixed = (_TONES, _SYLLABLE_FLAGS, _WORD_SEGMENTS)
    middle = [Inventory(unit, tuple(listed.split())) for unit, listed in zip(UNITS[1:4], fixed, strict=True)]
    return [PHONES, *middle, Inventory(UNITS[4], EMOTIONS), Inventory(UNITS[5], linguistic.speakers)]
