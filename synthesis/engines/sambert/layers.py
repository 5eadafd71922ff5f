"""What the parts of the acoustic model are built of. Sequences are [length, channels], batches one axis more.

Modules are named as in the released checkpoints, so that a state fits without translation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, pad, relu_, scaled_dot_product_attention

from synthesis.engines.sambert.config import MemoryConfig, StackConfig

_EPSILON = 1e-6


def normalise(width: int) -> nn.LayerNorm:
    return nn.LayerNorm(width, eps=_EPSILON)


def halved_waves(length: int, width: int) -> Tensor:
    """Position code of the text, float32 [length, width]: sines in the first half, cosines in the second.

    Counted from 1; the wavelengths are a geometric row from 2 pi to 20000 pi.
    """
    half = width // 2
    exponents = torch.arange(half, dtype=torch.float64) / (half - 1)
    positions = torch.arange(1, length + 1, dtype=torch.float64)
    angles = positions[:, None] / 10000.0**exponents
    return torch.cat([angles.sin(), angles.cos()], dim=1).float()


def wave_divisors(width: int) -> Tensor:
    """What positions are divided by for `paired_waves`, float64 [width]: pairs of like wavelength."""
    return 10000.0 ** (2.0 * (torch.arange(width, dtype=torch.float64) // 2) / width)


def paired_waves(positions: Tensor, width: int) -> Tensor:
    """Position code of frames, float32 [*, width]: sine and cosine take turns."""
    divisors = wave_divisors(width).to(positions.device)
    angles = positions[:, None].double() / divisors
    waves = torch.empty_like(angles)
    waves[:, 0::2], waves[:, 1::2] = angles[:, 0::2].sin(), angles[:, 1::2].cos()
    return waves.float()


@dataclass(frozen=True, slots=True)
class Row:
    """Sequences in one row, [length, channels], with a gap of one between: large products for short texts."""

    spans: tuple[slice, ...]

    @classmethod
    def of(cls, lengths: Iterable[int]) -> Row:
        ends = accumulate(lengths, lambda end, length: end + 1 + length, initial=-1)
        return cls(tuple(slice(before + 1, end) for before, end in pairwise(ends)))

    def join(self, parts: Sequence[Tensor]) -> Tensor:
        """The sequences in their places, gaps zero."""
        if len(parts) == 1:
            return parts[0]
        return torch.cat([*(pad(part, (0, 0, 0, 1)) for part in parts[:-1]), parts[-1]])

    def hush(self, x: Tensor) -> Tensor:
        """Zero in the gaps, in place: a filter of three meets silence at both ends of each sequence."""
        for span in self.spans[:-1]:
            x[span.stop] = 0
        return x


class SelfAttention(nn.Module):
    """Attention over the whole of each sequence, norm first; [length, width] to [length, units]."""

    def __init__(self, width: int, config: StackConfig) -> None:
        super().__init__()
        self.layer_norm = normalise(width)
        self.w_qkv = nn.Linear(width, 3 * config.units)
        self.fc = nn.Linear(config.units, config.units)
        self._heads = config.heads

    def forward(self, x: Tensor, row: Row) -> Tensor:
        parted = self.w_qkv(self.layer_norm(x)).view(len(x), 3, self._heads, -1).permute(1, 2, 0, 3)
        mixed = [
            scaled_dot_product_attention(*parted[:, None, :, span]).squeeze(0).transpose(0, 1).flatten(1)
            for span in row.spans
        ]
        attended: Tensor = self.fc(row.join(mixed))
        # Only where the widths agree: the first block narrows the embeddings and has no way round it.
        return attended + x if attended.shape == x.shape else attended


class FeedForward(nn.Module):
    """Two convolutions over each sequence, norm first, and the way round them; the second sees one place."""

    def __init__(self, config: StackConfig, kernel: int) -> None:
        super().__init__()
        self.layer_norm = normalise(config.units)
        self.w_1 = nn.Conv1d(config.units, config.inner, kernel)
        self.w_2 = nn.Conv1d(config.inner, config.units, 1)
        self._margin = kernel // 2

    def forward(self, x: Tensor, row: Row) -> Tensor:
        calm = pad(row.hush(self.layer_norm(x)), (0, 0, self._margin, self._margin))
        # As a product: what a kernel sees, side by side. A convolution is a sixth slower at these sizes.
        seen = calm.unfold(0, 2 * self._margin + 1, 1).flatten(1)
        inner = linear(seen, self.w_1.weight.flatten(1), self.w_1.bias).relu_()
        return linear(inner, self.w_2.weight.flatten(1), self.w_2.bias).add_(x)


class Prenet(nn.Module):
    """Rectified linear layers, then an unrectified one to `out` where it is given.

    The places of what drops out in training are kept, since names count them.
    """

    def __init__(self, width: int, units: tuple[int, ...], out: int | None = None) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for size in units:
            layers += [nn.Linear(width, size), nn.ReLU(), nn.Identity()]
            width = size
        self.fcs = nn.Sequential(*layers, *([nn.Linear(width, out)] if out else []))

    def forward(self, x: Tensor) -> Tensor:
        passed: Tensor = self.fcs(x)
        return passed


class _Widen(nn.Module):
    def __init__(self, width: int, config: MemoryConfig) -> None:
        super().__init__()
        self.w_1 = nn.Conv1d(width, config.inner, 1)
        self.w_2 = nn.Conv1d(config.inner, config.units, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        inner = relu_(linear(x, self.w_1.weight[:, :, 0], self.w_1.bias))
        return linear(inner, self.w_2.weight[:, :, 0])


class _Memory(nn.Module):
    def __init__(self, config: MemoryConfig, padding: tuple[int, int]) -> None:
        super().__init__()
        self.conv_dw = nn.Conv1d(
            config.units, config.units, config.filter_size, groups=config.units, bias=False
        )
        self._padding = padding

    def forward(self, x: Tensor) -> Tensor:
        surrounded = pad(x.mT, self._padding)
        remembered: Tensor = self.conv_dw(surrounded)
        return remembered.mT + x


class MemoryStack(nn.Module):
    """FSMN: each layer widens and narrows every frame, then adds a learned filter over its surroundings."""

    def __init__(self, width: int, config: MemoryConfig) -> None:
        super().__init__()
        widths = [width] + [config.units] * (len(config.paddings) - 1)
        self.ffn_lst = nn.ModuleList(_Widen(size, config) for size in widths)
        self.memory_block_lst = nn.ModuleList(_Memory(config, padding) for padding in config.paddings)

    def forward(self, x: Tensor, inside: Tensor | None = None) -> Tensor:
        """[batch, length, width] to [batch, length, units].

        `inside` [batch, length, 1] is 1 where a sequence is and 0 where it was filled up: filters must meet
        silence behind the end of a sequence as they would alone.
        """
        for widen, remember in zip(self.ffn_lst, self.memory_block_lst, strict=True):
            frames = widen(x)
            found = remember(frames if inside is None else frames * inside)
            x = found + x if found.shape == x.shape else found
        return x
