"""The formats sound leaves in. A new one is one more entry in `FORMATS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from synthesis.audio.joining import join, resample
from synthesis.audio.levels import apply_volume
from synthesis.audio.wave import encode_pcm, encode_wav


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """How samples become bytes. `encode` takes mono samples in [-1, 1] and their rate in Hz."""

    code: str
    media_type: str
    extension: str
    encode: Callable[[NDArray[np.float32], int], bytes]


FORMATS: Mapping[str, AudioFormat] = MappingProxyType(
    {
        entry.code: entry
        for entry in (
            AudioFormat("wav", "audio/wav", "wav", encode_wav),
            AudioFormat("pcm", "audio/pcm", "pcm", encode_pcm),
        )
    }
)


def find_format(code: str) -> AudioFormat:
    """The format of that code. Raises ValueError that names the known ones."""
    if code not in FORMATS:
        raise ValueError(f"unknown audio format {code!r}: known are {', '.join(FORMATS)}")
    return FORMATS[code]


def render(
    parts: Sequence[tuple[NDArray[np.float32], float]],
    *,
    sample_rate: int,
    out_rate: int,
    format: str,
    volume: int,
) -> bytes:
    """Join parts (sound, pause in seconds after it), resample, set the volume and encode.

    The volume comes after resampling, whose filter may overshoot: the limiter must see the last of it.
    Raises ValueError for an unknown format or rate, a volume outside 0-100 or samples that are not finite.
    """
    encoding = find_format(format)
    joined = resample(join(parts, sample_rate=sample_rate), sample_rate=sample_rate, out_rate=out_rate)
    return encoding.encode(apply_volume(joined, volume=volume, sample_rate=out_rate), out_rate)


def duration(samples: NDArray[np.float32], *, sample_rate: int) -> float:
    """Length in seconds of mono samples."""
    return samples.size / sample_rate
