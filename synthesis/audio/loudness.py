"""How loud speech is, as ITU-R BS.1770-4 reckons it, and the one loudness that all voices are brought to.

The gain is the voice's, measured on neutral sentences, and never the sound's: what an emotion makes louder or
softer stays, and two sentences of one text are not pumped up and down.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

# LUFS, of neutral sentences. EBU R 128's level: 3 dB over the -26 dBov of active speech that telephone
# networks are aligned to (ITU-T P.56), since callers listen in the street; and low enough that the loudest
# emotion, and volume 100 of a neutral voice (+6 dB), reach the limiter with their highest peaks only.
TARGET: Final = -23.0
GAIN_LIMIT_DB: Final = 12.0  # a voice further off than this is broken, and noise is not to be pulled up

_BLOCK_SECONDS: Final = 0.4
_STEPS: Final = 4  # a block begins every quarter of its length
_ABSOLUTE_GATE: Final = -70.0  # LUFS
_RELATIVE_GATE: Final = -10.0  # LU, from the mean of what passed the first gate
_OFFSET: Final = -0.691  # makes 997 Hz come out at its own level
_RING_SECONDS: Final = 1.0  # the filters' echoes are gone by then
# The two filters of BS.1770-4, annex 1, as the analogue ones they were made from, so that any rate will do.
_SHELF: Final = (1681.974450955533, 3.999843853973347, 0.7071752369554196)  # Hz, dB, Q
_SHELF_MIDDLE: Final = 0.4996667741545416  # power of the gain at the corner
_HIGH_PASS: Final = (38.13547087602444, 0.5003270373238773)  # Hz, Q


def integrated_loudness(samples: NDArray[np.float32], *, sample_rate: int) -> float:
    """LUFS of mono samples, gated; -inf when nothing passes the gates."""
    power = _block_powers(weighted(samples, sample_rate=sample_rate), sample_rate)
    power = power[_lufs(power) > _ABSOLUTE_GATE]
    if not power.size:
        return -np.inf
    power = power[_lufs(power) > _lufs(power.mean()) + _RELATIVE_GATE]
    return float(_lufs(power.mean()))


def level_db(loudness: float | None) -> float:
    """The decibels that bring a voice of this neutral loudness (LUFS) to TARGET; 0 where it is not known."""
    if loudness is None:
        return 0.0
    return float(np.clip(TARGET - loudness, -GAIN_LIMIT_DB, GAIN_LIMIT_DB))


def weighted(samples: NDArray[np.float32], *, sample_rate: int) -> NDArray[np.float64]:
    """The samples through the K-weighting filters, by their frequency response."""
    size = len(samples) + round(_RING_SECONDS * sample_rate)
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    response = _response(z, *_shelf(sample_rate)) * _response(z, *_high_pass(sample_rate))
    spectrum = np.fft.rfft(samples.astype(np.float64), size)
    return np.fft.irfft(spectrum * response, size)[: len(samples)]


_Coefficients = tuple[tuple[float, float, float], tuple[float, float, float]]


def _shelf(sample_rate: int) -> _Coefficients:
    hertz, gain_db, q = _SHELF
    k, high = np.tan(np.pi * hertz / sample_rate), 10 ** (gain_db / 20)
    middle = high**_SHELF_MIDDLE
    above = (high + middle * k / q + k * k, 2 * (k * k - high), high - middle * k / q + k * k)
    return above, (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k)


def _high_pass(sample_rate: int) -> _Coefficients:
    hertz, q = _HIGH_PASS
    k = np.tan(np.pi * hertz / sample_rate)
    scale = 1 + k / q + k * k  # the standard leaves this filter's gain, at 48 kHz 0.04 dB over 1, as it is
    return (scale, -2 * scale, scale), (scale, 2 * (k * k - 1), 1 - k / q + k * k)


def _response(
    z: NDArray[np.complex128], above: tuple[float, float, float], below: tuple[float, float, float]
) -> NDArray[np.complex128]:
    return np.asarray(np.polyval(above[::-1], z) / np.polyval(below[::-1], z))


def _block_powers(samples: NDArray[np.float64], sample_rate: int) -> NDArray[np.float64]:
    """Mean squares of blocks of 0.4 s that overlap by three quarters; of all where there is less."""
    block = min(len(samples), round(_BLOCK_SECONDS * sample_rate))
    if not block:
        return np.zeros(0)
    total = np.concatenate([[0.0], np.cumsum(samples**2)])
    starts = np.arange(0, len(samples) - block + 1, max(1, block // _STEPS))
    return np.asarray((total[starts + block] - total[starts]) / block)


def _lufs(power: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    return np.asarray(_OFFSET + 10 * np.log10(np.maximum(power, 1e-20)))
