"""How a voice is best spoken on this machine, measured before it is first offered."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch

from synthesis.engines.base import EngineNotInstalled
from synthesis.engines.ends import Floats, limit
from synthesis.engines.sambert import checkpoint
from synthesis.engines.sambert.choice import LEAST_SNR, Choice, choose_backend
from synthesis.engines.sambert.folder import VoiceFolder, vocoder_config
from synthesis.engines.sambert.labels import Label, label_phrase, speaker_of
from synthesis.engines.sambert.networks import Networks, open_networks
from synthesis.engines.sambert.snapshot import Settings
from synthesis.engines.sambert.symbols import NEUTRAL

_ROUNDS: Final = 3  # the best counts: a busy machine is slower, never faster
_EXACT: Final = 60.0  # dB: nothing is rounded, what differs is the order of sums
# 您好，这里是政务服务热线，请问有什么可以帮您。
_WELCOME: Final = (
    "nin2 hao3 #3 zhe4 li3 shi4 #1 zheng4 wu4 #1 fu2 wu4 #1 re4 xian4 "
    "#3 qing3 wen4 #1 you3 shen2 me5 #1 ke3 yi3 #1 bang1 nin2"
)
# 办理居住证请带上身份证原件。今天夜里有大雨，请注意安全。
_PLAIN: Final = (
    "ban4 li3 #1 ju1 zhu4 zheng4 #2 qing3 #1 dai4 shang4 #1 shen1 fen4 zheng4 #1 yuan2 jian4",
    "jin1 tian1 #1 ye4 li3 #1 you3 #1 da4 yu3 #3 qing3 #1 zhu4 yi4 #1 an1 quan2",
)


Meter = Callable[[Floats, int], float]


@dataclass(frozen=True, slots=True)
class Tuned:
    """`measured` holds `rtf`, seconds of work for a second of sound, all of it, one utterance alone on this
    processor; the same of each way the vocoder could run, and what its rounding costs in dB (`snr`); and
    `lufs`, how loud its neutral speech is, where there is anything to hear.
    """

    settings: Settings
    measured: Mapping[str, float]


def tune(
    voice: VoiceFolder,
    settings: Settings,
    *,
    runtime: str,
    precision: str,
    sample_rate: int,
    meter: Meter,
    threads: int = 1,
) -> Tuned:
    """Settles what the settings leave open; takes a few seconds. `runtime` "auto" is the fastest one.

    `precision` "bf16" allows rounding where it is faster and cannot be heard. `meter` tells the LUFS of
    samples at a rate. Raises EngineNotInstalled.
    """
    torch.set_num_threads(threads)
    choice = _race(voice, sample_rate, LEAST_SNR if precision == "bf16" else _EXACT)
    way = choice.chosen.way
    settled = replace(settings, runtime=way.runtime, precision=way.precision)
    if runtime != "auto":
        settled = replace(settled, runtime=runtime, precision=precision if runtime == "torch" else "fp32")
    return Tuned(settled, {**_try(voice, settled, sample_rate, meter), **_figures(choice)})


def _race(voice: VoiceFolder, sample_rate: int, least_snr: float) -> Choice:
    state = checkpoint.read_state(voice.vocoder_checkpoint, "model", "generator")
    return choose_backend(vocoder_config(voice), state, sample_rate=sample_rate, least_snr=least_snr)


def _figures(choice: Choice) -> dict[str, float]:
    figures = {}
    for trial in choice.trials:
        name = f"{trial.way.runtime}.{trial.way.precision}"
        figures[f"{name}.rtf"] = round(trial.rtf, 4)
        figures[f"{name}.snr"] = round(min(trial.snr, 200.0), 1)
    return figures


def _try(voice: VoiceFolder, settings: Settings, sample_rate: int, meter: Meter) -> dict[str, float]:
    networks = open_networks(voice, settings)
    speaker = settings.speaker or speaker_of(networks.linguistic)
    if speaker not in networks.linguistic.speakers:
        there = ", ".join(networks.linguistic.speakers)
        raise EngineNotInstalled(f"{voice.name} knows no speaker {speaker!r}, there are: {there}")
    labels, *others = (
        label_phrase(text.split(), emotion=NEUTRAL, speaker=speaker) for text in (_WELCOME, *_PLAIN)
    )
    samples = networks.say(labels)  # lays out memory
    rtf = min(_seconds(networks, labels) for _ in range(_ROUNDS)) * sample_rate / len(samples)
    said = np.concatenate([limit(samples), *(limit(networks.say(each)) for each in others)])
    lufs = meter(said, sample_rate)
    return {"rtf": round(rtf, 4)} | ({"lufs": round(lufs, 2)} if np.isfinite(lufs) else {})


def _seconds(networks: Networks, labels: Sequence[Label]) -> float:
    begun = time.perf_counter()
    networks.say(labels)
    return time.perf_counter() - begun
