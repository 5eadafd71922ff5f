"""Samples in, bytes out: pauses, volume, sampling rates and file formats. Pure: knows no Django."""

from synthesis.audio.formats import FORMATS, AudioFormat, duration, find_format, render
from synthesis.audio.joining import OUTPUT_RATES, join, resample, silence
from synthesis.audio.levels import apply_volume, db_gain, limit_peaks, peaks, volume_gain
from synthesis.audio.loudness import integrated_loudness, level_db
from synthesis.audio.wave import decode, wrap_pcm

__all__ = [
    "FORMATS",
    "OUTPUT_RATES",
    "AudioFormat",
    "apply_volume",
    "db_gain",
    "decode",
    "duration",
    "find_format",
    "integrated_loudness",
    "join",
    "level_db",
    "limit_peaks",
    "peaks",
    "render",
    "resample",
    "silence",
    "volume_gain",
    "wrap_pcm",
]
