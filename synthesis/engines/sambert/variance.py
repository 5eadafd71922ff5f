"""Pitch, energy and length of each symbol, and the frames that symbols are stretched to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from synthesis.engines.sambert.config import AcousticConfig
from synthesis.engines.sambert.layers import MemoryStack, Prenet, paired_waves

_EMBEDDING_KERNEL = 9


class ValuePredictor(nn.Module):
    """One value a symbol, normalised over the corpus: pitch, or energy."""

    def __init__(self, config: AcousticConfig) -> None:
        super().__init__()
        units = config.predictor.lstm_units
        self.fsmn = MemoryStack(config.condition_units, config.predictor)
        self.blstm = nn.LSTM(config.predictor.units, units, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * units, 1)

    def forward(self, condition: Tensor) -> Tensor:
        """[n, condition_units] to [n]."""
        values: Tensor = self.fc(self.blstm(self.fsmn(condition[None]))[0])
        return values[0, :, 0]


class DurationPredictor(nn.Module):
    """The logarithm of each symbol's length, told the one before: log(frames + 1), never below 0."""

    def __init__(self, config: AcousticConfig) -> None:
        super().__init__()
        units = config.duration_lstm_units
        self.prenet = Prenet(1, config.duration_prenet)
        self.lstm = nn.LSTM(config.duration_prenet[-1] + config.condition_units, units, num_layers=2)
        self.fc = nn.Linear(units, 1)
        self._fed = config.duration_prenet[-1]

    def forward(self, conditions: Sequence[Tensor]) -> list[Tensor]:
        """[n, condition_units] of each utterance to [n] of each; all take their steps together."""
        padded = pad_sequence(list(conditions))
        (low_in, low_back, *low_biases), (high_in, high_back, *high_biases) = self.lstm.all_weights
        # What does not depend on the step before is multiplied once for all steps.
        given = functional.linear(padded, low_in[:, self._fed :], low_biases[0] + low_biases[1]).unbind()
        first = torch.cat([low_in[:, : self._fed], low_back], dim=1)
        second, second_bias = torch.cat([high_in, high_back], dim=1), high_biases[0] + high_biases[1]
        low = low_cell = high = high_cell = padded.new_zeros(padded.shape[1], self.lstm.hidden_size)
        value, values = padded.new_zeros(padded.shape[1], 1), []
        for offered in given:
            gates = offered + functional.linear(torch.cat([self.prenet(value), low], dim=1), first)
            low, low_cell = _remember(gates, low_cell)
            gates = functional.linear(torch.cat([low, high], dim=1), second, second_bias)
            high, high_cell = _remember(gates, high_cell)
            value = functional.relu(self.fc(high))
            values.append(value)
        logarithms = torch.cat(values, dim=1)
        return [row[: len(condition)] for row, condition in zip(logarithms, conditions, strict=True)]


def _remember(gates: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
    """One step of an LSTM: input, forget, candidate and output gates to the new output and cell."""
    enter, forget, candidate, leave = gates.chunk(4, dim=1)
    cell = forget.sigmoid() * cell + enter.sigmoid() * candidate.tanh()
    return leave.sigmoid() * cell.tanh(), cell


class VarianceAdaptor(nn.Module):
    def __init__(self, config: AcousticConfig) -> None:
        super().__init__()
        self.pitch_predictor = ValuePredictor(config)
        self.energy_predictor = ValuePredictor(config)
        self.duration_predictor = DurationPredictor(config)
        padding = _EMBEDDING_KERNEL // 2
        self.pitch_emb = nn.Conv1d(1, config.projection_units, _EMBEDDING_KERNEL, padding=padding)
        self.energy_emb = nn.Conv1d(1, config.projection_units, _EMBEDDING_KERNEL, padding=padding)

    def coloured(self, text: Tensor, pitch: Tensor, energy: Tensor) -> Tensor:
        """Text [n, P] that knows pitch [n] and energy [n]."""
        colour: Tensor = self.pitch_emb(pitch[None, None]) + self.energy_emb(energy[None, None])
        return text + colour[0].T


@dataclass(frozen=True, slots=True)
class Stretched:
    """`text` [steps * r, P] with places in the symbol, `memory` [steps, memory_units], r frames a step."""

    text: Tensor
    memory: Tensor


def stretch(text: Tensor, manner: Tensor, frames: Tensor, *, group: int) -> Stretched:
    """Repeat what each symbol is and how it is said for its frames, `group` frames to a step of the decoder.

    `text` [n, P]; `manner` [n, S + E], speaker and emotion, of which a step takes that of its first frame;
    `frames` int64 [n], at least one in all.
    """
    owner = torch.repeat_interleave(torch.arange(len(frames), device=frames.device), frames)
    begun = frames.cumsum(0) - frames
    places = torch.arange(1, len(owner) + 1, device=frames.device) - begun[owner]
    missing = -len(owner) % group
    repeated = functional.pad(text[owner], (0, 0, 0, missing))
    # Frames that fill the last step have no text, yet their place is coded, as place 0.
    repeated = repeated + paired_waves(functional.pad(places, (0, missing)), text.shape[1])
    grouped = repeated.view(len(repeated) // group, -1)
    return Stretched(repeated, torch.cat([grouped, manner[owner[::group]]], dim=1))
