"""The text encoder: label ids to one hidden vector a symbol."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from synthesis.engines.sambert.config import AcousticConfig
from synthesis.engines.sambert.layers import FeedForward, Row, SelfAttention, halved_waves, normalise

_KERNEL = 3


class _Block(nn.Module):
    def __init__(self, width: int, config: AcousticConfig) -> None:
        super().__init__()
        self.slf_attn = SelfAttention(width, config.encoder)
        self.pos_ffn = FeedForward(config.encoder, _KERNEL)

    def forward(self, x: Tensor, row: Row) -> Tensor:
        encoded: Tensor = self.pos_ffn(self.slf_attn(x, row), row)
        return encoded


class _Stack(nn.Module):
    def __init__(self, config: AcousticConfig) -> None:
        super().__init__()
        widths = [config.embedding_dim] + [config.encoder.units] * (config.encoder.layers - 1)
        self.fft = nn.ModuleList(_Block(width, config) for width in widths)
        self.ln = normalise(config.encoder.units)

    def forward(self, x: Tensor, row: Row) -> Tensor:
        for block in self.fft:
            x = block(x, row)
        encoded: Tensor = self.ln(x)
        return encoded


class TextEncoder(nn.Module):
    """`sizes` holds the rows of each table, by unit."""

    def __init__(self, config: AcousticConfig, sizes: Mapping[str, int]) -> None:
        super().__init__()
        self.sy_emb = nn.Embedding(sizes["sy"], config.embedding_dim)
        self.tone_emb = nn.Embedding(sizes["tone"], config.embedding_dim)
        self.syllable_flag_emb = nn.Embedding(sizes["syllable_flag"], config.embedding_dim)
        self.ws_emb = nn.Embedding(sizes["word_segment"], config.embedding_dim)
        self.ling_enc = _Stack(config)
        self.ling_proj = nn.Linear(config.encoder.units, config.projection_units, bias=False)
        self._scale = math.sqrt(config.encoder.units)  # of the blocks, though the embeddings are wider
        self._places = torch.empty(0, config.embedding_dim)

    def forward(self, texts: Sequence[Tensor]) -> list[Tensor]:
        """Ids int64 [4, n] of each text (phone, tone, syllable, word) to [n, projection_units] of each."""
        row = Row.of(ids.shape[1] for ids in texts)
        encoded: Tensor = self.ling_proj(self.ling_enc(row.join([self._embed(ids) for ids in texts]), row))
        return [encoded[span] for span in row.spans]

    def _embed(self, ids: Tensor) -> Tensor:
        phone, tone, syllable, word = ids
        summed: Tensor = (
            self.sy_emb(phone) + self.tone_emb(tone) + self.syllable_flag_emb(syllable) + self.ws_emb(word)
        )
        return summed * self._scale + self._positions(ids.shape[1], ids.device)

    def _positions(self, length: int, device: torch.device) -> Tensor:
        """Codes are made as far as they are needed: the longest text of the configuration is no limit."""
        places = self._places
        if len(places) < length or places.device != device:
            places = halved_waves(max(length, 256), self._places.shape[1]).to(device)
            self._places = places
        return places[:length]
