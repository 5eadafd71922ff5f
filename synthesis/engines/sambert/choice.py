"""Which way of running a vocoder is fastest on this machine, and what each costs in exactness: measured.

bf16 halves the time on processors that multiply it (AMX, AVX512-BF16) and is a slow imitation on others;
ONNX Runtime may or may not beat PyTorch. Nobody can tell beforehand, so each way speaks the same frames.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import torch
from torch import Tensor

from synthesis.engines.sambert.config import VocoderConfig
from synthesis.engines.sambert.generator_weights import fold
from synthesis.engines.sambert.vocoder import Precision, Vocoder
from synthesis.engines.sambert.vocoder_graph import GraphGenerator

Runtime = Literal["torch", "onnx"]

LEAST_SNR: Final = 30.0  # dB beside float32: below, the rounding could be heard
_WORTHWHILE: Final = 0.95  # of the plain way's time; what gains less is not worth another runtime
_FRAMES: Final = 120
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Way:
    """How a vocoder runs. ONNX Runtime knows float32 on the CPU only."""

    runtime: Runtime = "torch"
    precision: Precision = "fp32"


@dataclass(frozen=True, slots=True)
class Trial:
    """`rtf` is seconds of work for a second of sound, `snr` in dB beside plain PyTorch in float32."""

    way: Way
    rtf: float
    snr: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The fastest trial that is exact enough; all trials beside it."""

    chosen: Trial
    trials: tuple[Trial, ...]


PLAIN: Final = Way()


def ways_on(device: str) -> tuple[Way, ...]:
    """What there is to try; the plain way first."""
    if device.startswith("cuda"):
        return PLAIN, Way(precision="fp16")
    return PLAIN, Way(runtime="onnx"), Way(precision="bf16")


def open_vocoder(
    config: VocoderConfig, state: Mapping[str, Tensor], way: Way = PLAIN, *, device: str = "cpu"
) -> Vocoder:
    """A vocoder that runs that way, with PyTorch's number of threads.

    ValueError for a way that does not exist; EngineNotInstalled, naming the tensor, for a bad checkpoint.
    """
    if way.runtime == "torch":
        return Vocoder.from_state(config, state, precision=way.precision, device=device)
    if way.precision != "fp32" or device != "cpu":
        raise ValueError(f"ONNX Runtime speaks in fp32 on the CPU, not in {way.precision} on {device}")
    weights = fold(config, state)
    return Vocoder(config, weights, GraphGenerator(weights, threads=torch.get_num_threads()))


def choose_backend(
    config: VocoderConfig,
    state: Mapping[str, Tensor],
    *,
    sample_rate: int,
    device: str = "cpu",
    mel: Tensor | None = None,
    least_snr: float = LEAST_SNR,
) -> Choice:
    """Try each way there is on this machine. Takes a few seconds.

    `mel` [T, mels] is what to speak, best something the voice's own acoustic model made; noise if None.
    With `least_snr` at 60 or more nothing is rounded: what remains is float32. Raises EngineNotInstalled.
    """
    frames = _noise(config) if mel is None else mel
    vocoders = {way: open_vocoder(config, state, way, device=device) for way in ways_on(device)}
    sounds = {way: vocoder(frames).cpu() for way, vocoder in vocoders.items()}  # lays out memory as well
    seconds = _race(list(vocoders.values()), frames)
    length = len(frames) * config.hop / sample_rate
    trials = tuple(
        Trial(way, taken / length, signal_to_noise(sounds[way], sounds[PLAIN]))
        for way, taken in zip(vocoders, seconds, strict=True)
    )
    return Choice(_fastest(trials, least_snr), trials)


def _fastest(trials: Sequence[Trial], least_snr: float) -> Trial:
    plain = trials[0]
    best = min((trial for trial in trials if trial.snr >= least_snr), key=lambda trial: trial.rtf)
    return best if best.rtf < _WORTHWHILE * plain.rtf else plain


def signal_to_noise(sound: Tensor, exact: Tensor) -> float:
    """In dB; infinite where nothing differs."""
    noise = float((sound.double() - exact.double()).square().sum())
    signal = float(exact.double().square().sum())
    if not noise:
        return math.inf
    return 10 * math.log10(signal / noise) if signal else -math.inf


def _race(vocoders: Sequence[Vocoder], frames: Tensor) -> list[float]:
    """The least seconds of each. They take turns, so that a busy moment of the machine hits them all."""
    best = [math.inf] * len(vocoders)
    for _ in range(_ROUNDS):
        for index, vocoder in enumerate(vocoders):
            start = time.perf_counter()
            vocoder(frames).cpu()  # a card is done when the samples are here
            best[index] = min(best[index], time.perf_counter() - start)
    return best


def _noise(config: VocoderConfig) -> Tensor:
    """Frames of the mean and deviation that mels have once normalised, voiced at 200 Hz."""
    mel = torch.randn(_FRAMES, config.in_channels, generator=torch.Generator().manual_seed(0))
    if config.nsf is None:
        return mel
    return torch.cat([mel, torch.tensor([200.0, 1.0]).expand(_FRAMES, 2)], dim=1)
