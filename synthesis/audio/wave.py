"""16-bit mono PCM, bare and in a RIFF/WAVE file."""

from __future__ import annotations

import io

import numpy as np
import soundfile
from numpy.typing import NDArray

FULL_SCALE = 32767
HEADER_BYTES = 44  # what comes before the samples of a plain PCM file


def encode_pcm(samples: NDArray[np.float32], sample_rate: int) -> bytes:
    """Signed 16-bit little-endian samples without a header; `sample_rate` must travel beside them."""
    levels = np.rint(np.clip(samples, -1.0, 1.0) * FULL_SCALE)
    return levels.astype("<i2").tobytes()


def encode_wav(samples: NDArray[np.float32], sample_rate: int) -> bytes:
    """A WAV file: a header of 44 bytes and PCM samples."""
    return wrap_pcm(encode_pcm(samples, sample_rate), sample_rate=sample_rate)


def wrap_pcm(data: bytes, *, sample_rate: int) -> bytes:
    """Bare 16-bit mono samples as a WAV file."""
    file = io.BytesIO()
    soundfile.write(file, np.frombuffer(data, dtype="<i2"), sample_rate, subtype="PCM_16", format="WAV")
    return file.getvalue()


def decode(data: bytes) -> tuple[NDArray[np.float32], int]:
    """Samples and sampling rate of a WAV file as `encode_wav` makes it.

    Raises ValueError when it is of another kind, or holds more or less than its header says.
    """
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            plain = (file.format, file.subtype, file.channels) == ("WAV", "PCM_16", 1)
            rate = int(file.samplerate)
            levels = file.read(dtype="int16")
    except soundfile.LibsndfileError as error:
        raise ValueError(f"not a WAV file: {error}") from None
    promised = HEADER_BYTES + int.from_bytes(data[40:44], "little")
    if not plain or promised != len(data):
        raise ValueError(f"not a 16-bit mono WAV file of {len(data)} bytes with a plain header")
    return levels.astype(np.float32) / np.float32(FULL_SCALE), rate
