"""Sounds put one after another, with silence between them, at the rate that is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import soxr
from numpy.typing import NDArray

OUTPUT_RATES = (8000, 16000, 24000, 48000)


def silence(seconds: float, *, sample_rate: int) -> NDArray[np.float32]:
    """Zeros of the nearest whole number of samples. Raises ValueError for a negative length."""
    if not seconds >= 0:
        raise ValueError(f"a pause cannot be {seconds} seconds long")
    return np.zeros(round(seconds * sample_rate), dtype=np.float32)


def join(parts: Sequence[tuple[NDArray[np.float32], float]], *, sample_rate: int) -> NDArray[np.float32]:
    """Join mono sounds (float32, shape (n,)), each followed by its pause in seconds.

    Raises ValueError when a part is not mono or holds NaN or infinity: those would be heard as a bang.
    """
    pieces: list[NDArray[np.float32]] = [np.zeros(0, dtype=np.float32)]
    for number, (samples, pause) in enumerate(parts):
        if samples.ndim != 1:
            raise ValueError(f"part {number} is not mono: its shape is {samples.shape}")
        if not np.isfinite(samples).all():
            raise ValueError(f"part {number} holds samples that are not finite")
        pieces += [samples.astype(np.float32, copy=False), silence(pause, sample_rate=sample_rate)]
    return np.concatenate(pieces)


def resample(samples: NDArray[np.float32], *, sample_rate: int, out_rate: int) -> NDArray[np.float32]:
    """Change the sampling rate; the length becomes round(n * out_rate / sample_rate) samples.

    Raises ValueError for a rate not in `OUTPUT_RATES`.
    """
    if out_rate not in OUTPUT_RATES:
        raise ValueError(f"sample rate must be one of {OUTPUT_RATES}, got {out_rate}")
    if out_rate == sample_rate or samples.size == 0:
        return samples
    changed = np.asarray(soxr.resample(samples, sample_rate, out_rate), dtype=np.float32)
    wanted = round(samples.size * out_rate / sample_rate)
    return np.pad(changed[:wanted], (0, max(0, wanted - changed.size)))
