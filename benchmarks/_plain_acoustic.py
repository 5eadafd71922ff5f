"""The acoustic model as one would write it down from its definition: what ours is compared with.

One utterance at a time. At each step the decoder attends to everything there is, under masks of all steps by
all steps that are made anew, and keeps the attention it paid: so does the network's first implementation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from synthesis.engines.sambert.config import AcousticConfig, MemoryConfig

_EPSILON = 1e-6


class PlainAcoustic:
    """For voices with a table of speakers and without F0 channels. Takes the six rows of ids [6, n]."""

    def __init__(self, config: AcousticConfig, state: Mapping[str, Tensor]) -> None:
        self._config = config
        self._state = state
        adaptor = "variance_adaptor"
        self._lstms = {
            f"{adaptor}.pitch_predictor.blstm": self._lstm(f"{adaptor}.pitch_predictor.blstm", both=True),
            f"{adaptor}.energy_predictor.blstm": self._lstm(f"{adaptor}.energy_predictor.blstm", both=True),
            f"{adaptor}.duration_predictor.lstm": self._lstm(f"{adaptor}.duration_predictor.lstm", layers=2),
            "mel_postnet.lstm": self._lstm("mel_postnet.lstm"),
        }

    def __call__(self, ids: Tensor) -> Tensor:
        """Frames [T, mels]."""
        memory, band, frames = self.encode(ids)
        mel = self.decode(memory, band)[:frames]
        return self._postnet(mel)

    def _lstm(self, name: str, *, layers: int = 1, both: bool = False) -> nn.LSTM:
        sizes = [self._state[f"{name}.weight_{part}_l0"].shape[1] for part in ("ih", "hh")]
        lstm = nn.LSTM(sizes[0], sizes[1], layers, batch_first=True, bidirectional=both)
        lstm.load_state_dict(
            {
                key.removeprefix(f"{name}."): tensor
                for key, tensor in self._state.items()
                if key.startswith(f"{name}.")
            }
        )
        return lstm.eval().requires_grad_(False)

    def _linear(self, name: str, x: Tensor) -> Tensor:
        weight = self._state[f"{name}.weight"]
        return functional.linear(x, weight.flatten(1), self._state.get(f"{name}.bias"))

    def _normal(self, name: str, x: Tensor) -> Tensor:
        weight, bias = self._state[f"{name}.weight"], self._state[f"{name}.bias"]
        return functional.layer_norm(x, weight.shape, weight, bias, _EPSILON)

    def encode(self, ids: Tensor) -> tuple[Tensor, int, int]:
        """The decoder's memory [steps, width], the width of its band, the number of frames."""
        text = self._text(ids[:4])
        others = [self._state["spk_tokenizer.weight"][ids[5]], self._state["emo_tokenizer.weight"][ids[4]]]
        condition = torch.cat([text, *others], dim=1)
        augmented = text
        for kind in ("pitch", "energy"):
            name = f"variance_adaptor.{kind}_emb"
            predicted = self._predict(f"variance_adaptor.{kind}_predictor", condition)
            weight, bias = self._state[f"{name}.weight"], self._state[f"{name}.bias"]
            margin = weight.shape[2] // 2
            augmented = augmented + functional.conv1d(predicted.T[None], weight, bias, padding=margin)[0].T
        lengths = self._durations(torch.cat([augmented, *others], dim=1))
        frames = (lengths + 0.5).floor().long()
        memory = self._regulate(augmented, others, frames)
        band = int(float(lengths.max()) / self._config.outputs_per_step + 0.5)
        return memory, band, int(frames.sum())

    def _text(self, ids: Tensor) -> Tensor:
        names = ("sy_emb", "tone_emb", "syllable_flag_emb", "ws_emb")
        x = sum(self._state[f"text_encoder.{name}.weight"][row] for name, row in zip(names, ids, strict=True))
        config = self._config
        half = config.embedding_dim // 2
        places = torch.arange(1, ids.shape[1] + 1, dtype=torch.float64)[:, None]
        angles = places / 10000 ** (torch.arange(half, dtype=torch.float64) / (half - 1))
        positions = torch.cat([angles.sin(), angles.cos()], dim=1).float()
        x = x * math.sqrt(config.encoder.units) + positions
        for layer in range(config.encoder.layers):
            x = self._encoder_block(f"text_encoder.ling_enc.fft.{layer}", x)
        return self._linear("text_encoder.ling_proj", self._normal("text_encoder.ling_enc.ln", x))

    def _encoder_block(self, name: str, x: Tensor) -> Tensor:
        normal = self._normal(f"{name}.slf_attn.layer_norm", x)
        q, k, v = (self._heads(part) for part in self._linear(f"{name}.slf_attn.w_qkv", normal).chunk(3, 1))
        weights = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(q.shape[2]), dim=2)
        made = self._linear(f"{name}.slf_attn.fc", (weights @ v).transpose(0, 1).flatten(1))
        x = made + x if made.shape == x.shape else made
        inner = self._normal(f"{name}.pos_ffn.layer_norm", x).T[None]
        wide = self._state[f"{name}.pos_ffn.w_1.weight"]
        margin = wide.shape[2] // 2
        inner = functional.conv1d(inner, wide, self._state[f"{name}.pos_ffn.w_1.bias"], padding=margin)
        return self._linear(f"{name}.pos_ffn.w_2", functional.relu(inner)[0].T) + x

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(1, (self._config.encoder.heads, -1)).transpose(0, 1)

    def _memory_stack(self, name: str, x: Tensor, config: MemoryConfig) -> Tensor:
        for layer, margins in enumerate(config.paddings):
            inner = functional.relu(self._linear(f"{name}.ffn_lst.{layer}.w_1", x))
            inner = self._linear(f"{name}.ffn_lst.{layer}.w_2", inner)
            weight = self._state[f"{name}.memory_block_lst.{layer}.conv_dw.weight"]
            padded = functional.pad(inner.T[None], margins)
            made = functional.conv1d(padded, weight, groups=len(weight))[0].T + inner
            x = made + x if made.shape == x.shape else made
        return x

    def _predict(self, name: str, condition: Tensor) -> Tensor:
        stacked = self._memory_stack(f"{name}.fsmn", condition, self._config.predictor)
        return self._linear(f"{name}.fc", self._lstms[f"{name}.blstm"](stacked[None])[0][0])

    def _durations(self, condition: Tensor) -> Tensor:
        """Unrounded, in frames [n]."""
        name = "variance_adaptor.duration_predictor"
        last, state, found = torch.zeros(1, 1), None, []
        for row in condition.split(1):
            inner = functional.relu(self._linear(f"{name}.prenet.fcs.0", last))
            inner = functional.relu(self._linear(f"{name}.prenet.fcs.3", inner))
            made, state = self._lstms[f"{name}.lstm"](torch.cat([inner, row], dim=1)[None], state)
            last = functional.relu(self._linear(f"{name}.fc", made[0]))
            found.append(last)
        return torch.cat(found).flatten().exp() - 1

    def _regulate(self, text: Tensor, others: list[Tensor], frames: Tensor) -> Tensor:
        step = self._config.outputs_per_step
        missing = -int(frames.sum()) % step
        rows = [
            functional.pad(part.repeat_interleave(frames, 0), (0, 0, 0, missing)) for part in (text, *others)
        ]
        within = torch.cat([torch.arange(1, int(count) + 1) for count in frames] + [torch.zeros(missing)])
        width = text.shape[1]
        angles = within[:, None] / 10000 ** (2 * (torch.arange(width) // 2) / width)
        rows[0] = rows[0] + torch.where(torch.arange(width) % 2 == 0, angles.sin(), angles.cos())
        return torch.cat([rows[0].reshape(-1, step * width), *(part[::step] for part in rows[1:])], dim=1)

    def decode(self, memory: Tensor, band: int) -> Tensor:
        """Frames [steps * outputs_per_step, mels] before the postnet."""
        config, name = self._config, "mel_decoder.mel_dec"
        layers = range(config.decoder.layers)
        remembered = [
            self._linear(f"{name}.pnca.{layer}.pnca_attn.w_h_kv", memory).chunk(2, 1) for layer in layers
        ]
        kept: list[list[Tensor]] = [[] for _ in layers]
        paid: list[Tensor] = []
        last, made = torch.zeros(1, config.mels), []
        for step in range(len(memory)):
            masks = _masks(len(memory), band)
            x = self._decoder_input(last, memory[step : step + 1])
            for layer in layers:
                block = f"{name}.pnca.{layer}"
                x, attention = self._attend(block, x, kept[layer], remembered[layer], masks, step)
                paid += attention
                inner = functional.relu(
                    self._linear(f"{block}.pos_ffn.w_1", self._normal(f"{block}.pos_ffn.layer_norm", x))
                )
                x = x + self._linear(f"{block}.pos_ffn.w_2", inner)
            out = self._linear(f"{name}.dec_out_proj", self._normal(f"{name}.ln", x))
            made.append(out.reshape(-1, config.mels))
            last = made[-1][-1:]
        return torch.cat(made)

    def _decoder_input(self, last: Tensor, memory: Tensor) -> Tensor:
        name = "mel_decoder.mel_dec"
        inner = functional.relu(self._linear(f"{name}.prenet.fcs.0", last))
        inner = functional.relu(self._linear(f"{name}.prenet.fcs.3", inner))
        inner = self._linear(f"{name}.prenet.fcs.6", inner)
        joined = torch.cat([memory, inner], dim=1)
        return self._linear(f"{name}.dec_in_proj", joined) * math.sqrt(self._config.decoder.units)

    def _attend(
        self,
        block: str,
        x: Tensor,
        kept: list[Tensor],
        remembered: tuple[Tensor, ...],
        masks: tuple[Tensor, Tensor],
        step: int,
    ) -> tuple[Tensor, list[Tensor]]:
        name = f"{block}.pnca_attn"
        normal = self._normal(f"{name}.layer_norm", x)
        q, k, v = self._linear(f"{name}.w_x_qkv", normal).chunk(3, 1)
        kept[:] = (
            [k, v] if not kept else [torch.cat([old, new]) for old, new in zip(kept, (k, v), strict=True)]
        )
        own, own_weights = self._weigh(q, (kept[0], kept[1]), masks[0][step, : step + 1])
        heard, heard_weights = self._weigh(q, remembered, masks[1][step])
        x = self._linear(f"{name}.fc_x", own) + self._linear(f"{name}.fc_h", heard) + x
        return x, [own_weights, heard_weights]

    def _weigh(self, q: Tensor, pair: tuple[Tensor, ...], mask: Tensor) -> tuple[Tensor, Tensor]:
        heads = self._config.decoder.heads
        queries, keys, values = (x.unflatten(1, (heads, -1)).transpose(0, 1) for x in (q, *pair))
        scores = queries @ keys.transpose(1, 2) / math.sqrt(queries.shape[2])
        weights = torch.softmax(scores.masked_fill(mask, -torch.inf), dim=2)
        return (weights @ values).transpose(0, 1).flatten(1), weights

    def _postnet(self, mel: Tensor) -> Tensor:
        stacked = self._memory_stack("mel_postnet.fsmn", mel, self._config.postnet)
        return self._linear("mel_postnet.fc", self._lstms["mel_postnet.lstm"](stacked[None])[0][0]) + mel


def _masks(steps: int, band: int) -> tuple[Tensor, Tensor]:
    """True where step [row] does not attend to step [column]: of its own past, of the memory ahead."""
    places = torch.arange(steps)
    ahead = places[None] - places[:, None]
    return (ahead > 0) | (ahead < -band), (ahead < 0) | (ahead > band)
