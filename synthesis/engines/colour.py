"""The colour and the unrest of a voice, for engines whose networks know none.

Every function takes and gives mono samples and changes nothing in place.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_SHELF_HZ: Final = 1500.0
_SHELF_TAPS: Final = 128  # the shelf's response is under -100 dB by then
_KNOTS: Final = 200  # a second: how often the jitter draws
_SEED: Final = 20  # of the jitter: the same phrase must be the same sound
TREMOR_HZ: Final = 6.5


def shelf(samples: Floats, gain_db: float, sample_rate: int) -> Floats:
    """First-order high shelf at 1.5 kHz, bilinear transform with prewarping: b0 x0 + b1 x1 - a1 y1."""
    gain, k = 10 ** (gain_db / 20), np.tan(np.pi * _SHELF_HZ / sample_rate)
    b0, b1, a1 = (gain + k) / (1 + k), (k - gain) / (1 + k), (k - 1) / (1 + k)
    # As its impulse response, which decays by 0.66 a sample: numpy has no recursion over samples.
    response = b0 * (-a1) ** np.arange(_SHELF_TAPS)
    response[1:] += b1 * (-a1) ** np.arange(_SHELF_TAPS - 1)
    return np.convolve(samples, response.astype(np.float32))[: len(samples)]


def tremble(samples: Floats, depth: float, jitter: float, sample_rate: int) -> Floats:
    """Read the samples at a speed that swings by `depth` and wanders by `jitter`; the length stays."""
    seconds = np.arange(len(samples)) / sample_rate
    wander = _wander(len(samples), sample_rate // _KNOTS)
    read = np.cumsum(1 + depth * np.sin(2 * np.pi * TREMOR_HZ * seconds) + jitter * wander)
    read *= (len(samples) - 1) / read[-1]
    return np.interp(read, np.arange(len(samples)), samples).astype(np.float32)


def _wander(length: int, step: int) -> NDArray[np.float64]:
    """Gaussian noise, one value every `step` samples, with straight lines between."""
    knots = np.arange(0, length + step, step)
    noise = np.random.default_rng(_SEED).standard_normal(len(knots))
    return np.interp(np.arange(length), knots, noise)
