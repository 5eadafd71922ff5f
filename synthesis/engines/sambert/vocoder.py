"""Mel frames to sound: excitation, generator and sub-bands, whole or in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, Literal

import torch
from torch import Tensor, nn

from synthesis.engines.sambert.chunks import Reach, Tape, Window, reach_of, windows
from synthesis.engines.sambert.config import VocoderConfig
from synthesis.engines.sambert.generator import Generator
from synthesis.engines.sambert.generator_weights import (
    GeneratorWeights,
    expected_tensors,
    fold,
    upsampling,
)
from synthesis.engines.sambert.source import Draw, Excitation, GivenDraw
from synthesis.engines.sambert.subbands import SubBands

Precision = Literal["fp32", "bf16", "fp16"]
Given = tuple[Tensor, Tensor]  # phases [harmonics] in radians, noise [samples, harmonics]
Generate = Callable[[Tensor, Tensor | None], Tensor]

DTYPES: Final[Mapping[Precision, torch.dtype]] = {
    "fp32": torch.float32,
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
}


class Vocoder(nn.Module):
    """A HiFi-GAN of the released kind. Keeps no state between calls, so that threads may share it."""

    def __init__(self, config: VocoderConfig, weights: GeneratorWeights, generate: Generate) -> None:
        """`generate` is the network itself: `Generator`, or the same as a graph of another runtime."""
        super().__init__()
        self.config = config
        self.reach: Reach = reach_of(weights)
        self._generate = generate
        self._harmonics = weights.harmonics
        self._joined = SubBands(config.out_channels)

    @classmethod
    def expected(cls, config: VocoderConfig) -> dict[str, tuple[int, ...]]:
        """Name and shape of each tensor in a checkpoint's `model.generator`; there must be no others."""
        return expected_tensors(config)

    @classmethod
    def from_state(
        cls,
        config: VocoderConfig,
        state: Mapping[str, Tensor],
        *,
        precision: Precision = "fp32",
        device: str = "cpu",
    ) -> Vocoder:
        """In plain PyTorch, from a checkpoint's `model.generator` with its weight norm.

        `bf16` and `fp16` round the generator's weights and values; `choice` measures what that costs and
        gains. Raises EngineNotInstalled, naming the tensor, when one is missing or has another shape.
        """
        weights = fold(config, state)
        generator = Generator(weights).to(device=device, dtype=DTYPES[precision]).eval()
        vocoder = cls(config, weights, generator)
        vocoder._joined.to(device)
        return vocoder

    def forward(self, mel: Tensor, *, seed: int = 0, given: Given | None = None) -> Tensor:
        """Frames [T, mels] to samples [T * hop], float32, within [-1, 1], on the device of the vocoder.

        With a source, the last two channels are F0 in Hz and UV, and `seed` decides the excitation (see
        `source.seed_of`), unless `given` does. ValueError when the frames have another number of channels.
        """
        if not len(mel):
            return torch.zeros(0)
        with torch.inference_mode():
            source = self._source(seed, given)
            return self._sound(self._spectrum(mel), source.frames(*self._pitch(mel)) if source else None)

    def stream(
        self, pieces: Iterable[Tensor], *, seed: int = 0, given: Given | None = None
    ) -> Iterator[Tensor]:
        """Samples of frames that arrive piece by piece, each [t, mels], in pieces of its own size.

        Joined they are what `forward` makes of the frames joined, within float noise.
        """
        source = self._source(seed, given)
        mels, excitation = Tape(), Tape(upsampling(self.config))

        def arrive() -> Iterator[tuple[int, bool]]:
            ready = 0
            for piece in pieces:
                mels.add(piece)
                if source:
                    excitation.add(source.frames(*self._pitch(piece)))
                ready += len(piece)
                yield ready, False
            yield ready, True

        for window in windows(arrive(), self.reach):
            with torch.inference_mode():
                yield self._kept(window, mels, excitation if source else None)

    def _kept(self, window: Window, mels: Tape, excitation: Tape | None) -> Tensor:
        mel = self._spectrum(mels.cut(window.start, window.stop))
        source = excitation.cut(window.start, window.stop) if excitation else None
        before, kept = window.keep_from - window.start, window.keep_to - window.keep_from
        return self._sound(mel, source)[before * self.config.hop :][: kept * self.config.hop]

    def _source(self, seed: int, given: Given | None) -> Excitation | None:
        nsf, mix = self.config.nsf, self._harmonics
        if nsf is None or mix is None:
            return None
        draw = GivenDraw(*given) if given else Draw(seed, len(mix[0]))
        return Excitation(mix, upsampling(self.config), nsf.sample_rate, draw)

    def _spectrum(self, mel: Tensor) -> Tensor:
        if mel.shape[1] != self.config.mels:
            raise ValueError(f"frames have {mel.shape[1]} channels, the vocoder takes {self.config.mels}")
        return mel[:, : self.config.in_channels].T[None]

    def _pitch(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        f0, voicing = mel[:, -2:].float().cpu().unbind(1)
        return f0, voicing

    def _sound(self, spectrum: Tensor, excitation: Tensor | None) -> Tensor:
        bands = self._generate(spectrum, None if excitation is None else excitation[None, None])
        sound: Tensor = self._joined(bands)
        return sound.flatten()
