"""How each emotion is made with the controls that this network has.

The table is our own tuning by measurement, after what has been published on emotional Mandarin (as the
embedded voice's is). It says what is measurably different, not what listeners name.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from math import inf
from typing import Final

from synthesis.engines.intensity import scaled, strength_of


@dataclass(frozen=True, slots=True)
class Style:
    """Controls of the curves, then of the sound. The defaults leave a phrase as it is."""

    speed: float = 1.0  # over 1 is faster
    pitch: float = 1.0  # factor on the whole curve
    spread: float = 1.0  # factor on its distance from the speaker's middle
    closing: float = 0.0  # share by which the last fifth of the voiced frames ends higher
    energy: float = 0.0  # added to the curve of energy
    shelf_db: float = 0.0  # above 1.5 kHz
    gain_db: float = 0.0
    tremor_depth: float = 0.0  # swing of the speed of reading, as a share
    jitter: float = 0.0  # the same, at random
    rest: float = 1.0  # factor on the pauses between phrases


NEUTRAL: Final = Style()
PRESETS: Final[dict[str, Style]] = {
    "neutral": NEUTRAL,
    "happy": Style(1.08, 1.14, 1.25, 0.08, 0.3, 1.5, 1.0, rest=0.75),
    "angry": Style(1.12, 1.06, 1.45, -0.15, 0.6, 5.0, 2.0, rest=0.6),
    "sad": Style(0.80, 0.88, 0.6, -0.08, 0.0, -5.0, -2.0, rest=2.0),
    "fear": Style(1.15, 1.12, 0.55, 0.03, -0.4, -2.0, -2.0, tremor_depth=0.012, jitter=0.002, rest=1.4),
    "disgust": Style(0.85, 0.92, 1.2, -0.18, 0.0, 1.0, 0.0, jitter=0.005, rest=1.5),
    "surprise": Style(0.97, 1.22, 1.5, 0.25, 0.0, 1.0, 1.0, rest=1.2),
    "gentle": Style(0.91, 1.02, 0.85, 0.0, -0.2, -3.0, -1.0, rest=1.3),
    "serious": Style(1.0, 0.94, 1.1, -0.08, 0.2, 2.5, 0.5, rest=1.2),
}

_SPEEDS: Final = (0.7, 1.2)
_RESTS: Final = (0.5, 2.5)
_STRONGEST: Final = {"fear": 1.2}  # it is the fastest, and the first to lose words


def style_of(emotion: str, intensity: float) -> Style:
    """The preset of `emotion` scaled by `intensity` (0.01-2); above 1 only half of the surplus counts."""
    strength = strength_of(intensity, most=_STRONGEST.get(emotion, inf))
    full = PRESETS[emotion]
    controls = scaled(astuple(NEUTRAL), astuple(full), strength)
    style = Style(full.speed**strength, *controls[1:])
    return replace(style, speed=_clamp(style.speed, _SPEEDS), rest=_clamp(style.rest, _RESTS))


def _clamp(value: float, limits: tuple[float, float]) -> float:
    return min(max(value, limits[0]), limits[1])
