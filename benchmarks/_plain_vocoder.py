"""The HiFi-GAN as one would write it down from its definition: what ours is compared with.

Every convolution as such, repeated samples really repeated, no folding but of the weight norm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from synthesis.engines.sambert.config import VocoderConfig
from synthesis.engines.sambert.subbands import MARGIN, synthesis_filters


class PlainVocoder:
    def __init__(self, config: VocoderConfig, state: Mapping[str, Tensor]) -> None:
        self._config = config
        self._weights = {
            name.removesuffix(".weight_v"): _folded(state, name.removesuffix(".weight_v"))
            for name in state
            if name.endswith(".weight_v")
        }
        self._state = state

    def __call__(self, mel: Tensor, phases: Tensor | None = None, noise: Tensor | None = None) -> Tensor:
        """`mel` [T, mels] to samples; `phases` [harmonics], `noise` [samples, harmonics]."""
        config = self._config
        x = self._conv("conv_pre.conv1d", mel[:, : config.in_channels].T[None])
        excitation = None
        if phases is not None and noise is not None:
            excitation = self._excitation(mel[:, -2], mel[:, -1], phases, noise)
        for stage in range(len(config.scales)):
            x = self._stage(x, stage, excitation)
        x = torch.tanh(self._conv("conv_post.conv1d", functional.leaky_relu(x, 0.01)))
        return _joined(x).flatten()

    def _conv(self, name: str, x: Tensor, dilation: int = 1) -> Tensor:
        weight = self._weights[name]
        extent = (weight.shape[2] - 1) * dilation
        left = extent if self._config.causal else extent // 2
        padded = functional.pad(x, (left, extent - left))
        return functional.conv1d(padded, weight, self._state.get(f"{name}.bias"), dilation=dilation)

    def _leaky(self, x: Tensor) -> Tensor:
        return functional.leaky_relu(x, self._config.slope)

    def _stage(self, x: Tensor, stage: int, excitation: Tensor | None) -> Tensor:
        x = x + torch.sin(x)
        scale = self._config.scales[stage]
        repeated = self._leaky(x.repeat_interleave(scale, dim=2))
        rows = self._conv(f"repeat_upsamples.{stage}.2.conv1d", repeated)
        x = rows + self._stretched(x, stage)[:, :, : rows.shape[2]]
        if excitation is not None:
            x = x + self._brought_down(excitation, stage)
        blocks = len(self._config.block_kernels)
        return sum(self._block(x, stage * blocks + block, block) for block in range(blocks)) / blocks

    def _stretched(self, x: Tensor, stage: int) -> Tensor:
        name = f"transpose_upsamples.{stage}.1.deconv"
        scale, kernel = self._config.scales[stage], self._config.kernels[stage]
        padding = 0 if self._config.causal else (kernel - scale) // 2
        weight, bias = self._weights[name], self._state.get(f"{name}.bias")
        return functional.conv_transpose1d(self._leaky(x), weight, bias, stride=scale, padding=padding)

    def _block(self, x: Tensor, index: int, kind: int) -> Tensor:
        for unit, dilation in enumerate(self._config.block_dilations[kind]):
            inner = self._conv(f"conv_blocks.{index}.convs1.{unit}.conv1d", self._leaky(x), dilation)
            x = x + self._conv(f"conv_blocks.{index}.convs2.{unit}.conv1d", self._leaky(inner))
        return x

    def _excitation(self, f0: Tensor, voicing: Tensor, phases: Tensor, noise: Tensor) -> Tensor:
        nsf = self._config.nsf
        assert nsf is not None
        samples = math.prod(self._config.scales)
        orders = torch.arange(1, nsf.harmonics + 2, dtype=torch.float64)
        steps = f0.double().repeat_interleave(samples)[:, None] * orders / nsf.sample_rate
        sines = 0.1 * torch.sin(2 * math.pi * (steps.cumsum(0) % 1) + phases).float()
        voiced = (voicing >= 0.6).repeat_interleave(samples)[:, None]
        harmonics = torch.where(voiced, sines + noise, noise * (0.1 / 3 / 0.003))
        mixed = functional.conv1d(
            harmonics.T[None],
            self._weights["source_module.ffn.0"],
            self._state.get("source_module.ffn.0.bias"),
        )
        return torch.tanh(mixed)

    def _brought_down(self, excitation: Tensor, stage: int) -> Tensor:
        name = f"source_downs.{stage}.conv1d"
        stride = math.prod(self._config.scales[stage + 1 :])
        left = 2 * stride - 1 if self._config.causal else stride // 2
        right = 0 if self._config.causal else stride - stride // 2
        padded = functional.pad(excitation, (left, right) if stride > 1 else (0, 0))
        bias = self._state.get(f"{name}.bias")
        return functional.conv1d(padded, self._weights[name], bias, stride=stride)


def _folded(state: Mapping[str, Tensor], name: str) -> Tensor:
    length, direction = state[f"{name}.weight_g"], state[f"{name}.weight_v"]
    return length * direction / direction.norm(dim=(1, 2), keepdim=True)


def _joined(bands: Tensor) -> Tensor:
    count = bands.shape[1]
    if count == 1:
        return bands
    spread = torch.zeros(1, count, bands.shape[2] * count)
    spread[:, :, ::count] = bands * count
    filters = synthesis_filters(count).float()[None]
    return functional.conv1d(spread, filters, padding=MARGIN)
