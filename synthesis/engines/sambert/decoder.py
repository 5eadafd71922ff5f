"""The mel decoder: r frames a step, each step attending to steps behind and to the text ahead, in a band.

A step is a few dozen small products over 16 MB of weights, so how these lie in memory and what surrounds the
products decide the speed. Keys and values of the text are multiplied once; both attentions share one buffer,
laid so that a single window of it holds the band behind (of steps) and the band ahead (of text) and one
product serves both; utterances of a batch keep each its own band by a mask.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.linalg import vecdot
from torch.nn.functional import layer_norm, linear
from torch.nn.utils.rnn import pad_sequence

from synthesis.engines.sambert.config import AcousticConfig
from synthesis.engines.sambert.layers import FeedForward, Prenet, normalise


class _Attention(nn.Module):
    def __init__(self, config: AcousticConfig) -> None:
        super().__init__()
        units = config.decoder.units
        self.layer_norm = normalise(units)
        self.w_x_qkv = nn.Linear(units, 3 * units)
        self.fc_x = nn.Linear(units, units)
        self.w_h_kv = nn.Linear(config.memory_units, 2 * units)
        self.fc_h = nn.Linear(units, units)


class _Block(nn.Module):
    def __init__(self, config: AcousticConfig) -> None:
        super().__init__()
        self.pnca_attn = _Attention(config)
        self.pos_ffn = FeedForward(config.decoder, kernel=1)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Utterances decoded together, longest first: those still running are always the first ones.

    `mask` [steps, window, B, 2, 1] is added to scores, of steps behind and of text ahead: 0 within an
    utterance's band, else -inf.
    """

    lengths: list[int]
    bands: list[int]
    heads: int
    mask: Tensor

    @property
    def window(self) -> int:
        return max(self.bands) + 1

    def running(self, step: int) -> int:
        return sum(length > step for length in self.lengths)


class _Layer:
    """One block at work on a batch: its weights at hand, its keys and values so far.

    These lie place by place, [places, B, 2, heads, width], since a step reads few places of all utterances.
    Text lies at its own step (second of the two) and a step done lies `window - 1` places later (first), so
    the window from place t on holds the steps behind step t and the text ahead of it, both with t itself.
    """

    def __init__(self, block: _Block, memory: Tensor, batch: _Batch) -> None:
        attention, feed = block.pnca_attn, block.pos_ffn
        count, steps, _ = memory.shape
        units, heads = attention.fc_x.in_features, batch.heads
        width = units // heads
        self._norm = (
            (units,),
            attention.layer_norm.weight,
            attention.layer_norm.bias,
            attention.layer_norm.eps,
        )
        self._qkv = attention.w_x_qkv.weight, attention.w_x_qkv.bias
        joined = torch.cat([attention.fc_x.weight.T, attention.fc_h.weight.T]).T
        self._join = joined, attention.fc_x.bias + attention.fc_h.bias
        self._feed_norm = (units,), feed.layer_norm.weight, feed.layer_norm.bias, feed.layer_norm.eps
        self._widen = feed.w_1.weight[:, :, 0], feed.w_1.bias
        self._narrow = feed.w_2.weight[:, :, 0], feed.w_2.bias
        self._scale = 1 / math.sqrt(width)
        self._parts = (3, heads, width)
        self._window = batch.window
        room = memory.new_zeros(2, steps + batch.window - 1, count, 2, heads, width)
        ahead = attention.w_h_kv(memory).view(count, steps, 2, heads, width)
        room[:, :steps, :, 1] = ahead.permute(2, 1, 0, 3, 4)
        self._room = room

    def keep(self, count: int) -> None:
        """Go on with the first `count` utterances."""
        self._room = self._room[:, :, :count]
        self._keys, self._values = self._room
        self._done = self._room[:, self._window - 1 :, :, 0].transpose(1, 2)

    def step(self, x: Tensor, at: int, mask: Tensor) -> Tensor:
        """[b, units] to the same, for the b utterances that run; `mask` [window, b, 2, 1].

        Scores and mixtures are sums of products, not matrix products: those are slow at this size.
        """
        qkv = linear(layer_norm(x, *self._norm), *self._qkv).view(-1, *self._parts)
        self._done.select(2, at).copy_(qkv[:, 1:].transpose(0, 1))
        keys, values = self._keys.narrow(0, at, self._window), self._values.narrow(0, at, self._window)
        scores = torch.add(mask, vecdot(keys, qkv[:, :1]), alpha=self._scale)
        mixed = (values * scores.softmax(0).unsqueeze(-1)).sum(0)
        x = linear(mixed.flatten(1), *self._join).add_(x)
        inner = linear(layer_norm(x, *self._feed_norm), *self._widen).relu_()
        return linear(inner, *self._narrow).add_(x)


class MelDecoder(nn.Module):
    def __init__(self, config: AcousticConfig) -> None:
        super().__init__()
        units = config.decoder.units
        self.prenet = Prenet(config.mels, config.decoder_prenet, units)
        self.dec_in_proj = nn.Linear(config.memory_units + units, units)
        self.pnca = nn.ModuleList(_Block(config) for _ in range(config.decoder.layers))
        self.ln = normalise(units)
        self.dec_out_proj = nn.Linear(units, config.outputs_per_step * config.mels)
        self._config = config

    def settle(self) -> None:
        """Lay the weights so that a product with one row reads them front to back, up to twice as fast.

        That is column by column, but for a matrix much wider than high, which lies well as it is.
        """
        for weight in self.parameters():
            flat = weight.data.flatten(1) if weight.dim() > 1 else None
            if flat is not None and flat.shape[1] <= 2 * flat.shape[0]:
                weight.data = flat.T.contiguous().T.view_as(weight)

    def forward(self, memories: Sequence[Tensor], bands: Sequence[int]) -> list[Tensor]:
        """Decode utterances together. `memories` [steps, memory_units] and a band width, in steps, of each.

        Returns [steps * r, mels] of each, which equals what it would be alone within float noise.
        """
        order = sorted(range(len(memories)), key=lambda index: -len(memories[index]))
        memory = pad_sequence([memories[index] for index in order], batch_first=True)
        batch = self._batch(
            [len(memories[index]) for index in order], [bands[index] for index in order], memory
        )
        layers = [_Layer(cast(_Block, block), memory, batch) for block in self.pnca]
        decoded = self._run(memory, batch, layers)
        mels: list[Tensor] = [memory] * len(order)
        for place, (index, length) in enumerate(zip(order, batch.lengths, strict=True)):
            mels[index] = decoded[:length, place].reshape(-1, self._config.mels)
        return mels

    def _batch(self, lengths: list[int], bands: list[int], memory: Tensor) -> _Batch:
        heads, device = self._config.decoder.heads, memory.device
        window = max(bands) + 1
        steps = torch.arange(lengths[0], device=device)[:, None, None]
        places = torch.arange(window, device=device)
        length, band = (torch.tensor(values, device=device)[:, None] for values in (lengths, bands))
        behind = (places >= window - 1 - band) & (places >= window - 1 - steps)
        ahead = (places <= band) & (steps + places < length)
        # A step past its utterance's end sees itself: it is thrown away, and must not be a fault meanwhile.
        ahead |= places == 0
        seen = torch.stack([behind.expand_as(ahead), ahead], dim=3)[..., None].transpose(1, 2)
        mask = torch.zeros(seen.shape, device=device, dtype=memory.dtype).masked_fill(~seen, -math.inf)
        return _Batch(lengths, bands, heads, mask)

    def _run(self, memory: Tensor, batch: _Batch, layers: Sequence[_Layer]) -> Tensor:
        """The loop over steps. Returns [steps, B, r * mels]."""
        known, scale = memory.shape[2], math.sqrt(self._config.decoder.units)
        weight, bias = self.dec_in_proj.weight, self.dec_in_proj.bias
        told = (linear(memory, weight[:, :known], bias) * scale).transpose(0, 1).contiguous()
        enter = weight[:, known:].T
        steps, count, _ = told.shape
        decoded = memory.new_zeros(steps, count, self.dec_out_proj.out_features)
        frame = memory.new_zeros(count, self._config.mels)
        running = 0
        for at in range(steps):
            if batch.running(at) != running:
                running = batch.running(at)
                for layer in layers:
                    layer.keep(running)
            mask = batch.mask[at, :, :running]
            x = torch.addmm(told[at, :running], self.prenet(frame[:running]), enter, alpha=scale)
            for layer in layers:
                x = layer.step(x, at, mask)
            decoded[at, :running] = self.dec_out_proj(self.ln(x))
            frame = decoded[at, :, -self._config.mels :]
        return decoded
