"""What is done to the samples after the vocoder: ends, pitch by resampling, colour, level, tremor.

Every function takes and gives mono samples at SAMPLE_RATE and changes nothing in place.
"""

from __future__ import annotations

import numpy as np
import soxr

from synthesis.engines.colour import shelf, tremble
from synthesis.engines.ends import limit
from synthesis.engines.fastspeech2.emotions import Style
from synthesis.engines.fastspeech2.voice import SAMPLE_RATE, Floats


def shape(samples: Floats, style: Style) -> Floats:
    """A style's colour, tremor and level, then the peak held to PEAK."""
    if style.tremor_depth or style.jitter:
        samples = tremble(samples, style.tremor_depth, style.jitter, SAMPLE_RATE)
    if style.shelf_db:
        samples = shelf(samples, style.shelf_db, SAMPLE_RATE)
    return limit(samples * np.float32(10 ** (style.gain_db / 20)))


def transpose(samples: Floats, factor: float) -> Floats:
    """Pitch and formants times `factor`, length divided by it, as a tape played faster."""
    if factor == 1.0:
        return samples
    return np.asarray(soxr.resample(samples, SAMPLE_RATE * factor, SAMPLE_RATE, quality="HQ"), np.float32)
