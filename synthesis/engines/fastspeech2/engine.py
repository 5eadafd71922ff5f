"""Speaks phrases with the embedded voice."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np

from synthesis.engines.base import BREAKS, Delivery, Engine, Load, Sound
from synthesis.engines.ends import trim
from synthesis.engines.fastspeech2.emotions import Style, style_of
from synthesis.engines.fastspeech2.manifest import read_manifest
from synthesis.engines.fastspeech2.pitch import plan_pitch
from synthesis.engines.fastspeech2.shaping import shape, transpose
from synthesis.engines.fastspeech2.symbols import to_symbols
from synthesis.engines.fastspeech2.variants import PLAIN, VARIANTS
from synthesis.engines.fastspeech2.voice import (
    MAX_FRAMES,
    SAMPLE_RATE,
    Controls,
    Floats,
    Voice,
    shared_voice,
)

CODE: Final = 1  # raise it whenever this package would make another sound from the same graphs
_RAMP: Final = 9  # symbols over which an opening or closing contour runs: about two syllables
# Seconds of silence in place of a break where a phrase had to be said in two parts, as the model makes them.
_GAPS: Final = {"#2": 0.05, "#3": 0.2}


class FastSpeech2(Engine):
    """The embedded voice: one woman, nine emotions, 24 kHz, and as models the variants of her.

    `rate` scales the durations of all sounds. `pitch` reaches -4 to +4 semitones. An emotion's opening and
    closing contours are those of each phrase, as the engine knows of no other. The sound has 20 ms of
    silence before the first and 30 ms after the last audible sample: pauses are the caller's.
    """

    name = "fastspeech2"
    sample_rate = SAMPLE_RATE
    max_syllables = 60

    def __init__(self, folder: Path) -> None:
        """Find what `convert` put into `folder`, or for a variant above it. Raises EngineNotInstalled."""
        self._variant = VARIANTS.get(folder.name, PLAIN)
        self._folder = folder if self._variant is PLAIN else folder.parent
        variant = "" if self._variant is PLAIN else f"-{folder.name}-{self._variant.digest}"
        self.version = f"{self.name}-{CODE}-{read_manifest(self._folder).digest}{variant}"
        self.emotions = self._variant.emotions
        self.pitch_range = self._variant.pitch_range
        self.loudness = self._variant.loudness
        self._lock = Lock()

    def load(self) -> None:
        _ = self._voice

    def unload(self) -> None:
        with self._lock:
            self.__dict__.pop("_voice", None)

    @property
    def held(self) -> Load:
        return Load(devices=("cpu",) if "_voice" in self.__dict__ else ())

    @cached_property
    def _voice(self) -> Voice:
        with self._lock:  # cached_property takes none: two threads at once would hold the graphs twice
            return self.__dict__.get("_voice") or shared_voice(self._folder)

    def rest(self, delivery: Delivery) -> float:
        return self._style(delivery).rest

    def _style(self, delivery: Delivery) -> Style:
        return self._variant.on(style_of(delivery.emotion, delivery.intensity))

    def _render(self, phones: tuple[str, ...], delivery: Delivery) -> Sound:
        style = self._style(delivery)
        shift, tape = plan_pitch(delivery.pitch, style.f0_shift)
        tape *= self._variant.tape
        # Resampling by `tape` shortens by as much, so the phrase is spoken that much slower before.
        raw = self._say(phones, style, shift, style.stretch / delivery.rate * tape)
        return Sound(shape(trim(transpose(raw, tape), SAMPLE_RATE), style), SAMPLE_RATE)

    def _say(self, phones: tuple[str, ...], style: Style, shift: float, stretch: float) -> Floats:
        """Untouched samples. What is too long for the decoder is said in two parts."""
        ids = self._voice.ids(to_symbols(phones))
        prediction = self._voice.predict(ids, _controls(len(ids), style, shift, stretch))
        if prediction.durations.sum() > MAX_FRAMES:
            before, after = _halves(phones)
            gap = np.zeros(round(_GAPS.get(after[0], 0.0) * stretch * SAMPLE_RATE), np.float32)
            first, second = (
                trim(self._say(part, style, shift, stretch), SAMPLE_RATE) for part in (before, after)
            )
            return np.concatenate([first, gap, second])
        return self._voice.samples(self._voice.mel(prediction, prediction.durations))


def _controls(symbols: int, style: Style, shift: float, stretch: float) -> Controls:
    return Controls(
        duration_scale=stretch,
        f0_ratio=style.f0_ratio,
        energy_ratio=1.0,
        f0_shift=_contour(symbols, shift, style.opening, style.closing),
        energy_shift=np.full((1, 1), style.energy_shift, np.float32),
    )


def _contour(symbols: int, shift: float, opening: float, closing: float) -> Floats:
    """`shift` for every symbol, [1, n], with straight ramps over the first and last _RAMP symbols."""
    at = np.arange(symbols)
    ramp_in = np.clip(1 - at / _RAMP, 0, 1)
    contour = shift + opening * ramp_in + closing * ramp_in[::-1]
    return contour[None].astype(np.float32)


def _halves(phones: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Cut at the strongest break, of several at the one nearest to the middle, else in the middle."""
    middle = len(phones) / 2
    places = range(1, len(phones) - 1)

    def worth(place: int) -> tuple[str, float]:
        return (phones[place] if phones[place] in BREAKS else "", -abs(place - middle))

    cut = max(places, key=worth)
    return phones[:cut], phones[cut:]
