"""How a wanted change of pitch is shared between the acoustic model and resampling."""

from __future__ import annotations

from typing import Final

import numpy as np

RANGE: Final = (-4.0, 4.0)
# Shift of the model's z-scored F0, and what it does to the median F0 in semitones: medians of five sentences.
# Outside, the vocoder is asked for a pitch it never heard: the level drops and the F0 stops following.
_SHIFTS: Final = (-1.25, -1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.25)
_SEMITONES: Final = (-3.6, -2.85, -2.1, -1.4, -0.7, 0.0, 0.55, 0.95, 1.45, 1.95, 2.35)


def plan_pitch(semitones: float, emotion_shift: float) -> tuple[float, float]:
    """`semitones` on top of an emotion's shift (z units): the shift for the model and the tape factor.

    The model moves the voice and keeps the speaker; it goes first. What it cannot reach, resampling does,
    which moves the formants too: at most 2 % down and 10 % up without emotion, where that still passes
    for the same woman.
    """
    wanted = semitones + float(np.interp(emotion_shift, _SHIFTS, _SEMITONES))
    shift = float(np.interp(wanted, _SEMITONES, _SHIFTS))
    rest = wanted - float(np.interp(shift, _SHIFTS, _SEMITONES))
    return shift, 2 ** (rest / 12) if abs(rest) > 1e-6 else 1.0
