"""Further ways for the one woman to sound, by signal processing only, where that still passes for a person.

Resampling moves pitch and formants together; between 0.93 and 1.12 listeners' stand-ins (a recogniser, a
predictor of opinion scores) like it as much as the voice itself. Beyond, and for a man, they do not: so there
is none. These are variants, and their names say so: no child and no elder has been recorded.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass, replace
from typing import Final

from synthesis.engines.fastspeech2.emotions import PRESETS, Style
from synthesis.engines.fastspeech2.pitch import RANGE


@dataclass(frozen=True, slots=True)
class Variant:
    """`tape` is the factor on pitch and formants; the rest comes on top of every emotion's style.

    `emotions` are those that suit it and were measured with it; `loudness` is its neutral LUFS.
    """

    tape: float = 1.0
    stretch: float = 1.0
    f0_shift: float = 0.0
    f0_ratio: float = 1.0
    shelf_db: float = 0.0
    rest: float = 1.0
    pitch_range: tuple[float, float] = RANGE
    emotions: tuple[str, ...] = tuple(PRESETS)
    loudness: float = -21.65

    @property
    def digest(self) -> str:
        """Six hex digits of what decides how it sounds."""
        return hashlib.sha256(repr(astuple(self)[:6]).encode()).hexdigest()[:6]

    def on(self, style: Style) -> Style:
        return replace(
            style,
            stretch=style.stretch * self.stretch,
            f0_shift=style.f0_shift + self.f0_shift,
            f0_ratio=style.f0_ratio * self.f0_ratio,
            shelf_db=style.shelf_db + self.shelf_db,
            rest=style.rest * self.rest,
        )


PLAIN: Final = Variant()
# By the model's name: as further voices of the engine they are asked for as other engines' models are.
VARIANTS: Final[dict[str, Variant]] = {
    "youthful": Variant(
        tape=1.12,
        f0_shift=0.3,
        pitch_range=(-4.0, 2.0),
        emotions=("neutral", "happy", "gentle", "serious"),
        loudness=-21.48,
    ),
    "steady": Variant(
        tape=0.93,
        stretch=1.2,
        f0_shift=-1.0,
        f0_ratio=0.9,
        shelf_db=-3.0,
        rest=1.5,
        pitch_range=(-2.0, 4.0),
        emotions=("neutral", "sad", "gentle", "serious"),
        loudness=-22.59,
    ),
}
