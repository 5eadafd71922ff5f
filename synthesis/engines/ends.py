"""Where a phrase begins and ends, and how loud it may be at most: the same for every engine.

Every function takes and gives mono samples and changes nothing in place.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

HEAD: Final = 0.02  # seconds of silence before the first sound
TAIL: Final = 0.03  # and after the last
PEAK: Final = 0.98
_AUDIBLE_DB: Final = -45.0  # below the loudest window: quieter is no speech
_WINDOWS: Final = 200  # a second
_FADES: Final = 100  # a second


def trim(samples: Floats, sample_rate: int) -> Floats:
    """The sounding part, faded, between exactly HEAD and TAIL seconds of silence.

    The lengths that a model gives to its silences do not tell where speech is: vowels run on into them.
    """
    window = sample_rate // _WINDOWS
    whole = len(samples) // window * window
    power = (samples[:whole].reshape(-1, window) ** 2).mean(axis=1)
    audible = np.flatnonzero(power > power.max(initial=0.0) * 10 ** (_AUDIBLE_DB / 10))
    if not len(audible):
        return np.zeros(round((HEAD + TAIL) * sample_rate), np.float32)
    speech = samples[audible[0] * window : (audible[-1] + 1) * window].copy()
    fade = np.linspace(0, 1, min(sample_rate // _FADES, len(speech) // 2), dtype=np.float32)
    speech[: len(fade)] *= fade
    speech[len(speech) - len(fade) :] *= fade[::-1]
    return np.pad(speech, (round(HEAD * sample_rate), round(TAIL * sample_rate)))


def limit(samples: Floats) -> Floats:
    """Turned down as a whole where a peak would pass PEAK."""
    peak = float(np.abs(samples).max(initial=0.0))
    return samples if peak <= PEAK else samples * np.float32(PEAK / peak)
