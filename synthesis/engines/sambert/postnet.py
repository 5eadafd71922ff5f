"""The postnet: a correction of decoded frames by what lies around them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from synthesis.engines.sambert.config import AcousticConfig
from synthesis.engines.sambert.layers import MemoryStack


class Postnet(nn.Module):
    def __init__(self, config: AcousticConfig) -> None:
        super().__init__()
        self.fsmn = MemoryStack(config.mels, config.postnet)
        self.lstm = nn.LSTM(config.postnet.units, config.postnet.lstm_units, batch_first=True)
        self.fc = nn.Linear(config.postnet.lstm_units, config.mels)

    def forward(self, mels: Sequence[Tensor]) -> list[Tensor]:
        """[frames, mels] of each utterance, corrected.

        The LSTM looks back only, so it never hears what fills up the ends.
        """
        padded = pad_sequence(list(mels), batch_first=True)
        lengths = torch.tensor([len(mel) for mel in mels], device=padded.device)
        inside = torch.arange(padded.shape[1], device=padded.device) < lengths[:, None]
        corrected = padded + self.fc(self.lstm(self.fsmn(padded, inside[:, :, None]))[0])
        return [row[: len(mel)] for row, mel in zip(corrected, mels, strict=True)]
