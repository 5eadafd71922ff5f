"""The HiFi-GAN generator's tensors: what a checkpoint must hold, and the plain filters it comes down to.

Weight norm is folded once, and so is the upsampling: the checkpoint stretches a signal twice, by a transposed
convolution and by repeating each sample before a plain one. Both are linear in the same input, so their sum
is one filter, which makes `scale` samples of each and needs no repeated ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from synthesis.engines.base import EngineNotInstalled
from synthesis.engines.sambert.config import VocoderConfig


@dataclass(frozen=True, slots=True)
class Filter:
    """A correlation over time: `weight` [out, in, taps], `bias` [out], zeros beyond both ends."""

    weight: Tensor
    bias: Tensor
    left: int
    right: int
    dilation: int = 1
    stride: int = 1


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: `up` makes [scale * channels] of each sample, `scale` samples of [channels] after another.

    `down` brings the excitation to this stage's rate. `blocks` holds each residual block's pairs of filters.
    """

    scale: int
    up: Filter
    down: Filter | None
    blocks: tuple[tuple[tuple[Filter, Filter], ...], ...]


@dataclass(frozen=True, slots=True)
class GeneratorWeights:
    """`harmonics` ([n], bias []) mixes the excitation's sines; None without a source."""

    pre: Filter
    stages: tuple[Stage, ...]
    post: Filter
    slope: float
    harmonics: tuple[Tensor, Tensor] | None


def upsampling(config: VocoderConfig) -> int:
    """Samples a frame, of each band."""
    return math.prod(config.scales)


def expected_tensors(config: VocoderConfig) -> dict[str, tuple[int, ...]]:
    """Every tensor's name and shape in a checkpoint's `model.generator`."""
    named: dict[str, tuple[int, ...]] = {}
    for name, shape, outputs in _convolutions(config):
        named[f"{name}.weight_g"] = (shape[0], 1, 1)
        named[f"{name}.weight_v"] = shape
        if config.bias:
            named[f"{name}.bias"] = (outputs,)
    return named


def _convolutions(config: VocoderConfig) -> Iterator[tuple[str, tuple[int, int, int], int]]:
    """Name, shape of the weight, output channels."""
    taps, width = config.kernel_size, config.channels
    yield "conv_pre.conv1d", (width, config.in_channels, taps), width
    for stage, kernel in enumerate(config.kernels):
        before, width = width, width // 2
        yield f"transpose_upsamples.{stage}.1.deconv", (before, width, kernel), width
        yield f"repeat_upsamples.{stage}.2.conv1d", (width, before, taps), width
        for block, (size, dilations) in enumerate(
            zip(config.block_kernels, config.block_dilations, strict=True)
        ):
            name = f"conv_blocks.{stage * len(config.block_kernels) + block}"
            for unit in range(len(dilations)):
                yield f"{name}.convs1.{unit}.conv1d", (width, width, size), width
                yield f"{name}.convs2.{unit}.conv1d", (width, width, size), width
        if config.nsf:
            yield f"source_downs.{stage}.conv1d", (width, 1, _source_taps(config, stage)), width
    yield "conv_post.conv1d", (config.out_channels, width, taps), config.out_channels
    if config.nsf:
        yield "source_module.ffn.0", (1, config.nsf.harmonics + 1, 1), 1


def _source_stride(config: VocoderConfig, stage: int) -> int:
    return math.prod(config.scales[stage + 1 :])


def _source_taps(config: VocoderConfig, stage: int) -> int:
    stride = _source_stride(config, stage)
    return 2 * stride if stride > 1 else 1


def fold(config: VocoderConfig, state: Mapping[str, Tensor]) -> GeneratorWeights:
    """The filters a checkpoint's `model.generator` comes down to.

    Raises EngineNotInstalled, naming the tensor, when one is missing or has another shape.
    """
    return _Folder(config, state).fold()


class _Folder:
    def __init__(self, config: VocoderConfig, state: Mapping[str, Tensor]) -> None:
        self._config = config
        self._state = state
        self._shapes = expected_tensors(config)

    def fold(self) -> GeneratorWeights:
        config = self._config
        stages = tuple(self._stage(stage) for stage in range(len(config.scales)))
        pre, post = self._filter("conv_pre.conv1d"), self._filter("conv_post.conv1d")
        return GeneratorWeights(pre, stages, post, config.slope, self._harmonics())

    def _take(self, name: str) -> Tensor:
        tensor = self._state.get(name)
        if tensor is None:
            raise EngineNotInstalled(f"{name} is missing")
        shape = self._shapes[name]
        if tuple(tensor.shape) != shape:
            raise EngineNotInstalled(f"{name} is {tuple(tensor.shape)}, must be {shape}")
        return tensor.double()

    def _weight(self, name: str) -> Tensor:
        """Direction times length: the norm is over all axes but the first, whichever that is."""
        direction = self._take(f"{name}.weight_v")
        length: Tensor = torch.linalg.vector_norm(direction, dim=(1, 2), keepdim=True)
        return self._take(f"{name}.weight_g") * direction / length

    def _bias(self, name: str, outputs: int) -> Tensor:
        if not self._config.bias:
            return torch.zeros(outputs, dtype=torch.float64)
        return self._take(f"{name}.bias")

    def _filter(self, name: str, dilation: int = 1) -> Filter:
        weight = self._weight(name)
        outputs, _, taps = weight.shape
        left, right = self._margins((taps - 1) * dilation)
        return Filter(weight.float(), self._bias(name, outputs).float(), left, right, dilation)

    def _margins(self, extent: int) -> tuple[int, int]:
        """Zeros before and after that keep the length under a filter of `extent` + 1 samples."""
        return (extent, 0) if self._config.causal else (extent // 2, extent - extent // 2)

    def _stage(self, stage: int) -> Stage:
        config = self._config
        first = stage * len(config.block_kernels)
        blocks = tuple(
            self._block(f"conv_blocks.{first + block}", dilations)
            for block, dilations in enumerate(config.block_dilations)
        )
        down = self._down(stage) if config.nsf else None
        return Stage(config.scales[stage], self._up(stage), down, blocks)

    def _block(self, name: str, dilations: tuple[int, ...]) -> tuple[tuple[Filter, Filter], ...]:
        return tuple(
            (
                self._filter(f"{name}.convs1.{unit}.conv1d", dilation),
                self._filter(f"{name}.convs2.{unit}.conv1d"),
            )
            for unit, dilation in enumerate(dilations)
        )

    def _up(self, stage: int) -> Filter:
        scale, kernel = self._config.scales[stage], self._config.kernels[stage]
        stretched, repeated = f"transpose_upsamples.{stage}.1.deconv", f"repeat_upsamples.{stage}.2.conv1d"
        weight = self._weight(repeated)
        before, _ = self._margins(weight.shape[2] - 1)
        # Tap m is heard at output m - lead: `lead` is how far before its sample a response begins.
        responses = [
            (self._weight(stretched), 0 if self._config.causal else (kernel - scale) // 2),
            (_repeated_response(weight, scale), weight.shape[2] - 1 - before),
        ]
        lead = max(early for _, early in responses)
        length = max(response.shape[2] + lead - early for response, early in responses)
        joined = torch.zeros(*responses[0][0].shape[:2], length, dtype=torch.float64)
        for response, early in responses:
            joined[:, :, lead - early :][:, :, : response.shape[2]] += response
        bias = self._bias(stretched, weight.shape[0]) + self._bias(repeated, weight.shape[0])
        return _by_phase(joined, bias, scale, lead)

    def _down(self, stage: int) -> Filter:
        name, stride = f"source_downs.{stage}.conv1d", _source_stride(self._config, stage)
        weight = self._weight(name).float()
        bias = self._bias(name, weight.shape[0]).float()
        if stride == 1:
            return Filter(weight, bias, 0, 0)
        # `stride` zeros in all give one output for each `stride` samples.
        causal = self._config.causal
        left, right = (2 * stride - 1, 0) if causal else (stride // 2, stride - stride // 2)
        return Filter(weight, bias, left, right, stride=stride)

    def _harmonics(self) -> tuple[Tensor, Tensor] | None:
        if not self._config.nsf:
            return None
        name = "source_module.ffn.0"
        return self._weight(name)[0, :, 0].float(), self._bias(name, 1)[0].float()


def _repeated_response(weight: Tensor, scale: int) -> Tensor:
    """What one sample becomes when repeated `scale` times before `weight` [out, in, taps]: [in, out, n]."""
    outputs, inputs, taps = weight.shape
    response = torch.zeros(inputs, outputs, taps + scale - 1, dtype=weight.dtype)
    mirrored = weight.flip(2).transpose(0, 1)
    for repetition in range(scale):
        response[:, :, repetition : repetition + taps] += mirrored
    return response


def _by_phase(response: Tensor, bias: Tensor, scale: int, lead: int) -> Filter:
    """A transposed convolution [in, out, n] of stride `scale` as a plain one with `scale` times the outputs.

    Output `scale` u + r hears input u - d through tap `scale` d + r + `lead`.
    """
    inputs, outputs, length = response.shape
    earliest, latest = -((scale - 1 + lead) // scale), (length - 1 - lead) // scale
    weight = torch.zeros(scale, outputs, inputs, latest - earliest + 1, dtype=response.dtype)
    for phase in range(scale):
        for delay in range(earliest, latest + 1):
            tap = scale * delay + phase + lead
            if 0 <= tap < length:
                weight[phase, :, :, latest - delay] = response[:, :, tap].T
    return Filter(weight.flatten(0, 1).float(), bias.repeat(scale).float(), latest, -earliest)
