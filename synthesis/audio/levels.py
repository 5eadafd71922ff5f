"""Loudness: volume steps, a peak limiter, and the outline shown under a player."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PEAK_CEILING = 0.98
NEUTRAL_VOLUME = 50
MAX_VOLUME = 100
LIMITER_BLOCK_SECONDS = 0.005


def volume_gain(volume: int) -> float:
    """Amplitude factor of a volume 0-100: `volume / 50`.

    In decibels 20*log10(volume / 50): 0 is mute, 25 is -6.02 dB, 50 is 0 dB, 100 is +6.02 dB.
    Raises ValueError outside 0-100.
    """
    if not 0 <= volume <= MAX_VOLUME:
        raise ValueError(f"volume must be 0-{MAX_VOLUME}, got {volume}")
    return volume / NEUTRAL_VOLUME


def db_gain(decibels: float) -> float:
    """Amplitude factor of so many decibels."""
    return float(10 ** (decibels / 20))


def limit_peaks(samples: NDArray[np.float32], *, sample_rate: int) -> NDArray[np.float32]:
    """Turn the sound down around its peaks so that none passes `PEAK_CEILING`; length is kept.

    Each block of 5 ms asks for the gain that tames its own peak. The gain at a border is the lower of its two
    neighbours' and runs in a straight line between borders, so it never passes what a block asked for: waves
    are scaled smoothly, never clipped flat.
    """
    if samples.size == 0 or float(np.max(np.abs(samples))) <= PEAK_CEILING:
        return samples
    block = max(1, round(sample_rate * LIMITER_BLOCK_SECONDS))
    starts = np.arange(0, samples.size, block)
    wanted = np.minimum(1.0, PEAK_CEILING / np.maximum(np.maximum.reduceat(np.abs(samples), starts), 1e-9))
    borders = np.minimum(np.append(wanted, 1.0), np.insert(wanted, 0, 1.0))
    border_places = np.arange(borders.size) * block
    gain = np.interp(np.arange(samples.size), border_places, borders)
    limited: NDArray[np.float32] = (samples * gain).astype(np.float32)
    return limited


def apply_volume(samples: NDArray[np.float32], *, volume: int, sample_rate: int) -> NDArray[np.float32]:
    """Scale mono samples to a volume 0-100 (50 leaves them alone) and keep peaks under the ceiling."""
    scaled = (samples * np.float32(volume_gain(volume))).astype(np.float32)
    return limit_peaks(scaled, sample_rate=sample_rate)


def peaks(samples: NDArray[np.float32], bins: int) -> list[int]:
    """The outline of a waveform: `bins` whole numbers 0-100, each the peak of an equal share of the samples.

    With fewer samples than bins, neighbouring bins repeat a sample; no samples give zeros.
    Raises ValueError for less than one bin.
    """
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    if samples.size == 0:
        return [0] * bins
    starts = np.arange(bins) * samples.size // bins
    heights = np.maximum.reduceat(np.abs(samples), starts)
    return [int(height) for height in np.rint(np.minimum(heights, 1.0) * 100)]
