"""The HiFi-GAN generator in PyTorch: mel frames, and an excitation where the voice has a source, to bands.

Time is the width of a picture one row high with its channels innermost ("channels last"): oneDNN and cuDNN
then convolve without re-ordering each input and output, which is a quarter of the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from synthesis.engines.sambert.chunks import through_blocks
from synthesis.engines.sambert.generator_weights import Filter, GeneratorWeights, Stage

_TILE: Final = 2 << 20  # bytes that stay in the processor's cache
LAST_SLOPE: Final = 0.01  # of the rectifier before the last filter, whatever the others' is


class Convolution(nn.Module):
    """A `Filter` over pictures [1, channels, 1, time]."""

    weight: Tensor
    bias: Tensor

    def __init__(self, made_of: Filter) -> None:
        super().__init__()
        weight = made_of.weight[:, :, None].contiguous(memory_format=torch.channels_last)
        self.register_buffer("weight", weight)
        self.register_buffer("bias", made_of.bias)
        self._margins = (made_of.left, made_of.right)
        self._dilation = (1, made_of.dilation)
        self._stride = (1, made_of.stride)

    def forward(self, x: Tensor) -> Tensor:
        left, right = self._margins
        if left != right:
            x = functional.pad(x, (left, right)).contiguous(memory_format=torch.channels_last)
        padding = (0, left if left == right else 0)
        return functional.conv2d(x, self.weight, self.bias, self._stride, padding, self._dilation)


class Upsampling(nn.Module):
    """[1, in, 1, time] to [1, out, 1, scale * time]."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._phases = Convolution(stage.up)
        self._scale = stage.scale

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self._phases(x)
        phases = made.permute(0, 2, 3, 1)
        _, _, time, channels = phases.shape
        apart = phases.reshape(1, 1, time * self._scale, channels // self._scale)
        return apart.permute(0, 3, 1, 2)


class ResidualBlock(nn.Module):
    def __init__(self, pairs: tuple[tuple[Filter, Filter], ...], slope: float) -> None:
        super().__init__()
        self._pairs = nn.ModuleList(
            nn.ModuleList([Convolution(wide), Convolution(narrow)]) for wide, narrow in pairs
        )
        self._slope = slope

    def forward(self, x: Tensor) -> Tensor:
        for pair in self._pairs:
            wide, narrow = cast("nn.ModuleList", pair)
            inner = wide(functional.leaky_relu(x, self._slope))
            x = narrow(functional.leaky_relu_(inner, self._slope)).add_(x)
        return x


class UpsamplingStage(nn.Module):
    """Stretch, add the excitation, and take the mean of the residual blocks.

    On a processor the blocks go over a long signal tile by tile: they read and write theirs dozens of times.
    """

    def __init__(self, stage: Stage, slope: float) -> None:
        super().__init__()
        self._up = Upsampling(stage)
        self._down = Convolution(stage.down) if stage.down else None
        self._blocks = nn.ModuleList(ResidualBlock(pairs, slope) for pairs in stage.blocks)
        self._reach = through_blocks(stage)
        self._slope = slope

    def forward(self, x: Tensor, excitation: Tensor | None) -> Tensor:
        x = self._up(functional.leaky_relu_(x + torch.sin(x), self._slope))
        if self._down is not None:
            x = x + self._down(excitation)
        tiles = [self._tile(x, start, length) for start, length in self._spans(x)]
        return tiles[0] if len(tiles) == 1 else torch.cat(tiles, dim=3)

    def _spans(self, x: Tensor) -> Iterator[tuple[int, int]]:
        """Where tiles begin, and how long they are."""
        time = x.shape[3]
        size = time if x.is_cuda else max(_TILE // (x.shape[1] * x.element_size()), 1)
        return ((start, min(size, time - start)) for start in range(0, time, size))

    def _tile(self, x: Tensor, start: int, length: int) -> Tensor:
        """The mean of the blocks over `length` samples from `start`, made with what they depend on."""
        first = max(start - self._reach.before, 0)
        made = self._mean(x[..., first : start + length + self._reach.after])
        return made[..., start - first :][..., :length]

    def _mean(self, x: Tensor) -> Tensor:
        total = self._blocks[0](x)
        for block in list(self._blocks)[1:]:
            total.add_(block(x))
        return cast("Tensor", total.div_(len(self._blocks)))


class Generator(nn.Module):
    """Mel [1, mels, T] and excitation [1, 1, samples] or None to bands [1, out, samples], within (-1, 1).

    Computes in the precision of its buffers; takes and gives float32.
    """

    def __init__(self, weights: GeneratorWeights) -> None:
        super().__init__()
        self._pre = Convolution(weights.pre)
        self._stages = nn.ModuleList(UpsamplingStage(stage, weights.slope) for stage in weights.stages)
        self._post = Convolution(weights.post)

    def forward(self, mel: Tensor, excitation: Tensor | None) -> Tensor:
        like = self._post.weight
        x = self._pre(_picture(mel, like))
        source = None if excitation is None else _picture(excitation, like)
        for stage in self._stages:
            x = stage(x, source)
        x = self._post(functional.leaky_relu_(x, LAST_SLOPE))
        return torch.tanh(x.float())[:, :, 0]


def _picture(x: Tensor, like: Tensor) -> Tensor:
    return x.to(like)[:, :, None].contiguous(memory_format=torch.channels_last)
