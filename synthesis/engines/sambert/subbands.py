"""Sub-bands joined to one sound by a pseudo-quadrature mirror filter bank (Nguyen 1994).

A low-pass prototype h(n) = sin(w (n - c)) / (pi (n - c)), w = 0.142 pi, under a Kaiser window of beta 9, is
moved to each band's place: g_k(n) = 2 h(n) cos((2k + 1) pi / 2B (n - c) - (-1)^k pi / 4), c the middle tap.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

MARGIN: Final = 31  # taps on each side of the middle one
_CUTOFF: Final = 0.142  # of half the sample rate
_BETA: Final = 9.0


def synthesis_filters(bands: int) -> Tensor:
    """The bank g [bands, 63], float64."""
    places = np.arange(-MARGIN, MARGIN + 1)
    prototype = _CUTOFF * np.sinc(_CUTOFF * places) * np.kaiser(2 * MARGIN + 1, _BETA)
    orders = np.arange(bands)[:, None]
    turns = (2 * orders + 1) * math.pi / (2 * bands) * places - (-1.0) ** orders * math.pi / 4
    return torch.from_numpy(2 * prototype * np.cos(turns))


class SubBands(nn.Module):
    """Bands [1, B, n] to one sound [1, 1, B * n]. One band passes as it is."""

    filters: Tensor

    def __init__(self, bands: int) -> None:
        super().__init__()
        self._bands = bands
        # Zeros between samples, then a correlation: a transposed convolution with the taps turned around.
        turned = synthesis_filters(bands).flip(1)[:, None] * bands
        self.register_buffer("filters", turned.float())

    def forward(self, bands: Tensor) -> Tensor:
        if self._bands == 1:
            return bands
        spread = functional.conv_transpose1d(bands, self.filters, stride=self._bands)
        return spread[:, :, MARGIN:][:, :, : bands.shape[2] * self._bands]
