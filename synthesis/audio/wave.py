"""16-bit mono PCM, bare and in a RIFF/WAVE file."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

FULL_SCALE = 32767
BYTES_PER_SAMPLE = 2
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_PCM = 1
# RIFF keeps sizes in 32 bits, and its own size field counts the rest of the header too.
MAX_DATA_BYTES = 0xFFFFFFFF - (_HEADER.size - 8)


def encode_pcm(samples: NDArray[np.float32], sample_rate: int) -> bytes:
    """Signed 16-bit little-endian samples without a header; `sample_rate` must travel beside them."""
    levels = np.rint(np.clip(samples, -1.0, 1.0) * FULL_SCALE)
    return levels.astype("<i2").tobytes()


def encode_wav(samples: NDArray[np.float32], sample_rate: int) -> bytes:
    """A canonical 44-byte header and PCM samples. Raises ValueError past the 4 GB a RIFF file can hold."""
    data = encode_pcm(samples, sample_rate)
    return wav_header(len(data), sample_rate=sample_rate) + data


def wav_header(data_bytes: int, *, sample_rate: int) -> bytes:
    """The header for `data_bytes` bytes of 16-bit mono PCM."""
    if data_bytes > MAX_DATA_BYTES:
        raise ValueError(f"a WAV file holds at most {MAX_DATA_BYTES} bytes of sound, got {data_bytes}")
    return _HEADER.pack(
        b"RIFF", _HEADER.size - 8 + data_bytes, b"WAVE",
        b"fmt ", 16, _PCM, 1, sample_rate, sample_rate * BYTES_PER_SAMPLE, BYTES_PER_SAMPLE, 16,
        b"data", data_bytes,
    )  # fmt: skip


def decode(data: bytes) -> tuple[NDArray[np.float32], int]:
    """Samples and sampling rate of a WAV file as `encode_wav` makes it.

    Raises ValueError when the header is of another kind or promises more or less than there is.
    """
    if len(data) < _HEADER.size:
        raise ValueError(f"not a WAV file: {len(data)} bytes, the header alone has {_HEADER.size}")
    fields = _HEADER.unpack_from(data)
    sample_rate, data_bytes = int(fields[7]), int(fields[12])
    if data[: _HEADER.size] != wav_header(data_bytes, sample_rate=sample_rate):
        raise ValueError("not a 16-bit mono PCM WAV file with a plain header")
    if len(data) - _HEADER.size != data_bytes:
        raise ValueError(f"the header promises {data_bytes} bytes, there are {len(data) - _HEADER.size}")
    levels = np.frombuffer(data, dtype="<i2", offset=_HEADER.size)
    return levels.astype(np.float32) / np.float32(FULL_SCALE), sample_rate
