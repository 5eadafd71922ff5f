"""A deterministic engine for tests: each syllable is one tone of fixed length, then a short gap.

A syllable takes `SYLLABLE` seconds at rate 1, so tests can count syllables by length or by level; its pitch
follows the lexical tone. Rate and pitch are exact. An emotion adds an overtone of its own, as strong as its
intensity, so that every delivery is a different sound. Break marks make none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from synthesis.engines.base import BREAKS, EMOTIONS, SYLLABLE, Delivery, Engine, Sound, UnknownPhone

SYLLABLE_SECONDS: Final = 0.2
_SOUNDING: Final = 0.8  # share of a syllable that is tone, the rest is the gap
_FADE: Final = 0.01  # seconds of raised cosine at both ends: no clicks
_BASE: Final = 220.0  # Hz
# Semitones over the base at the start, middle and end of each lexical tone (Chao's 55, 35, 214, 51, and mid).
_CONTOURS: Final = {
    "1": (4.0, 4.0, 4.0),
    "2": (0.0, 2.0, 4.0),
    "3": (-2.0, -4.0, 2.0),
    "4": (4.0, 0.0, -4.0),
    "5": (0.0, 0.0, 0.0),
}


class Tone(Engine):
    name = "tone"
    version = "tone-1"
    sample_rate = 24_000
    emotions = EMOTIONS
    max_syllables = 120
    pitch_range = (-12.0, 12.0)

    def __init__(self, home: Path | None = None) -> None:
        """`home` is where other engines have their files; this one has none."""

    def _render(self, phones: tuple[str, ...], delivery: Delivery) -> Sound:
        tones = [_lexical_tone(phone, at) for at, phone in enumerate(phones) if phone not in BREAKS]
        # Borders are rounded from the start of the phrase, so that the whole length is exact at any rate.
        step = SYLLABLE_SECONDS / delivery.rate * self.sample_rate
        samples = np.zeros(round(step * len(tones)), np.float32)
        for index, tone in enumerate(tones):
            start = round(step * index)
            sounding = self._syllable(tone, round(step * _SOUNDING), delivery)
            samples[start : start + len(sounding)] = sounding
        return Sound(samples, self.sample_rate)

    def _syllable(self, tone: str, length: int, delivery: Delivery) -> NDArray[np.float64]:
        at = np.linspace(0.0, 1.0, length)
        semitones = np.interp(at, (0.0, 0.5, 1.0), _CONTOURS[tone]) + delivery.pitch
        phase = 2 * np.pi * np.cumsum(_BASE * 2 ** (semitones / 12)) / self.sample_rate
        overtone = EMOTIONS.index(delivery.emotion) + 2
        wave = np.sin(phase) + 0.2 * delivery.intensity * np.sin(overtone * phase)
        fade = np.clip(np.minimum(at, at[::-1]) * length / (_FADE * self.sample_rate), 0.0, 1.0)
        return np.asarray(0.5 * wave * np.sin(fade * np.pi / 2) ** 2)


def _lexical_tone(phone: str, position: int) -> str:
    match = SYLLABLE.fullmatch(phone)
    if match is None:
        raise UnknownPhone(phone, position)
    return match["tone"]
