"""The sentences that are measured, spoken as the platform does: our reading, engine, pauses, levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synthesis import audio
from synthesis.engines.base import Delivery, Engine
from synthesis.engines.fastspeech2.variants import VARIANTS
from synthesis.engines.kokoro.speakers import SPEAKERS
from synthesis.engines.registry import get_engine
from synthesis.text import make_script

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Speaking:
    """One voice by the name that this command has for it: ENGINE, or ENGINE/MODEL."""

    name: str
    folder: Path
    sentences: Sequence[str]

    @cached_property
    def engine(self) -> Engine:
        engine, _slash, model = self.name.partition("/")
        return get_engine(engine, folder=self.folder, model=model)

    def say(self, text: str, delivery: Delivery) -> NDArray[np.float32]:
        """Samples of the whole text at the engine's rate, levelled as the platform does."""
        phrases = make_script(text, max_syllables=min(40, self.engine.max_syllables)).phrases
        rest = self.engine.rest(delivery)
        pieces = [(self.engine.speak(phrase, delivery).samples, phrase.pause * rest) for phrase in phrases]
        joined = audio.join(pieces, sample_rate=self.engine.sample_rate)
        level = np.float32(audio.db_gain(audio.level_db(self.engine.loudness)))
        return audio.limit_peaks(joined * level, sample_rate=self.engine.sample_rate)


def sentences() -> list[str]:
    return (HERE / "sentences.txt").read_text(encoding="utf-8").split()


def installed(folder: Path) -> list[str]:
    """Every voice of ours that lies in `folder`."""
    names = ["fastspeech2", *(f"fastspeech2/{model}" for model in VARIANTS)]
    return names + [f"kokoro/{name}" for name in SPEAKERS if (folder / "kokoro" / f"{name}.bin").exists()]
