"""What is done to the samples after the vocoder: ends, pitch by resampling, colour, level, tremor.

Every function takes and gives mono samples at SAMPLE_RATE and changes nothing in place.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from synthesis.engines.ends import limit
from synthesis.engines.fastspeech2.emotions import TREMOR_HZ, Style
from synthesis.engines.fastspeech2.voice import SAMPLE_RATE, Floats

_WINDOW: Final = SAMPLE_RATE // 200  # 5 ms
_SHELF_HZ: Final = 1500.0
_SHELF_TAPS: Final = 128  # the shelf's response is under -100 dB by then
_SEED: Final = 20  # of the jitter: the same phrase must be the same sound


def shape(samples: Floats, style: Style) -> Floats:
    """A style's colour, tremor and level, then the peak held to PEAK."""
    if style.tremor_depth or style.jitter:
        samples = tremble(samples, style.tremor_depth, style.jitter)
    if style.shelf_db:
        samples = shelf(samples, style.shelf_db)
    return limit(samples * np.float32(10 ** (style.gain_db / 20)))


def transpose(samples: Floats, factor: float) -> Floats:
    """Pitch and formants times `factor`, length divided by it, as a tape played faster."""
    if factor == 1.0:
        return samples
    return np.asarray(soxr.resample(samples, SAMPLE_RATE * factor, SAMPLE_RATE, quality="HQ"), np.float32)


def shelf(samples: Floats, gain_db: float) -> Floats:
    """First-order high shelf at 1.5 kHz, bilinear transform with prewarping: b0 x0 + b1 x1 - a1 y1."""
    gain, k = 10 ** (gain_db / 20), np.tan(np.pi * _SHELF_HZ / SAMPLE_RATE)
    b0, b1, a1 = (gain + k) / (1 + k), (k - gain) / (1 + k), (k - 1) / (1 + k)
    # As its impulse response, which decays by 0.66 a sample: numpy has no recursion over samples.
    response = b0 * (-a1) ** np.arange(_SHELF_TAPS)
    response[1:] += b1 * (-a1) ** np.arange(_SHELF_TAPS - 1)
    return np.convolve(samples, response.astype(np.float32))[: len(samples)]


def tremble(samples: Floats, depth: float, jitter: float) -> Floats:
    """Read the samples at a speed that swings by `depth` and wanders by `jitter`; the length stays."""
    seconds = np.arange(len(samples)) / SAMPLE_RATE
    speed = 1 + depth * np.sin(2 * np.pi * TREMOR_HZ * seconds) + jitter * _wander(len(samples))
    read = np.cumsum(speed)
    read *= (len(samples) - 1) / read[-1]
    return np.interp(read, np.arange(len(samples)), samples).astype(np.float32)


def _wander(length: int) -> NDArray[np.float64]:
    """Gaussian noise, one value every 5 ms, with straight lines between."""
    knots = np.arange(0, length + _WINDOW, _WINDOW)
    noise = np.random.default_rng(_SEED).standard_normal(len(knots))
    return np.interp(np.arange(length), knots, noise)
