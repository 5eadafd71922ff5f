"""Speaks phrases with one of the network's speakers."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from synthesis.engines.base import Delivery, Engine, EngineNotInstalled, Load, Sound
from synthesis.engines.colour import shelf, tremble
from synthesis.engines.ends import limit, trim
from synthesis.engines.kokoro.curves import bend, durations
from synthesis.engines.kokoro.emotions import PRESETS, Style, style_of
from synthesis.engines.kokoro.files import read_manifest, styles_file
from synthesis.engines.kokoro.network import SAMPLE_RATE, Floats, read_styles
from synthesis.engines.kokoro.residence import residence_of
from synthesis.engines.kokoro.speakers import SPEAKERS
from synthesis.engines.kokoro.symbols import MOST, to_symbols

CODE: Final = 1  # raise it whenever this package would make another sound from the same graphs
# The longest syllable, with erhua and the longest break: `ꭧʰwa→ŋɻ, `.
_SYLLABLE: Final = 9


class Kokoro(Engine):
    """One of the speakers, nine emotions, 24 kHz.

    `rate` scales the length of each symbol, `pitch` and the emotions move the curve of pitch that the network
    draws. On one core a second of speech takes half a second to a second: for broadcasts, not for live calls.
    """

    name = "kokoro"
    sample_rate = SAMPLE_RATE
    emotions = tuple(PRESETS)
    max_syllables = MOST // _SYLLABLE
    pitch_range = (-4.0, 4.0)
    is_lazy = True

    def __init__(self, home: Path) -> None:
        """`home` is the folder that `convert` filled, and a speaker's name. Raises EngineNotInstalled."""
        self._manifest = read_manifest(home.parent)
        if home.name not in SPEAKERS:
            raise EngineNotInstalled(f"no speaker {home.name!r}, there are: {', '.join(SPEAKERS)}")
        self._folder = home.parent
        self._speaker = home.name
        self.version = f"{self.name}-{CODE}-{self._manifest.digest}-{self._speaker}"
        self.loudness = SPEAKERS[self._speaker].loudness
        self._residence = residence_of(self._folder, self._manifest)

    def load(self) -> None:
        _ = self._styles
        self._residence.load()

    def unload(self) -> None:
        self._residence.unload()

    @property
    def held(self) -> Load:
        return self._residence.held

    @cached_property
    def _styles(self) -> Floats:
        return read_styles(self._folder, styles_file(self._speaker), self._manifest)

    def rest(self, delivery: Delivery) -> float:
        return style_of(delivery.emotion, delivery.intensity).rest

    def _render(self, phones: tuple[str, ...], delivery: Delivery) -> Sound:
        style = style_of(delivery.emotion, delivery.intensity)
        raw = self._say(to_symbols(phones), style, delivery)
        return Sound(_shape(trim(raw, SAMPLE_RATE), style), SAMPLE_RATE)

    def _say(self, symbols: str, style: Style, delivery: Delivery) -> Floats:
        with self._residence.network() as network:
            reading = network.read(symbols, self._styles)
            frames = durations(reading.lengths, 1 / (style.speed * delivery.rate))
            f0, energy = network.melody(reading, frames)
            f0 = bend(
                f0,
                middle=SPEAKERS[self._speaker].middle,
                spread=style.spread,
                scale=style.pitch * 2 ** (delivery.pitch / 12),
                closing=style.closing,
            )
            return network.samples(reading, frames, f0, energy + np.float32(style.energy))


def _shape(samples: Floats, style: Style) -> Floats:
    """A style's colour, tremor and level, then the peak held."""
    if style.tremor_depth or style.jitter:
        samples = tremble(samples, style.tremor_depth, style.jitter, SAMPLE_RATE)
    if style.shelf_db:
        samples = shelf(samples, style.shelf_db, SAMPLE_RATE)
    return limit(samples * np.float32(10 ** (style.gain_db / 20)))
