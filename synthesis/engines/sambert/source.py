"""The neural source filter: an excitation of sines at F0 and its overtones, and noise (Wang et al. 2019).

The sines' first phases and the noise are drawn from a generator seeded by the caller, in the order of time:
the same seed gives the same excitation, whether it is made at once or piece by piece.
"""

from __future__ import annotations

import hashlib
import math
from typing import Final

import numpy as np
import torch
from torch import Tensor

VOICED: Final = 0.6  # UV from here on counts as voiced
_SINE: Final = 0.1
_NOISE: Final = 0.003  # standard deviation beside a sine
_UNVOICED: Final = _SINE / 3 / _NOISE  # how much louder the noise is where there is no sine


def seed_of(*content: str) -> int:
    """A seed for what is said: the same parts in the same order give the same seed, on every machine."""
    digest = hashlib.sha256("\x1f".join(content).encode()).digest()
    return int.from_bytes(digest[:8], "big")


class Draw:
    """First phases [harmonics] and noise [samples, harmonics], one row after another."""

    def __init__(self, seed: int, harmonics: int) -> None:
        self._random = np.random.default_rng(seed)
        self._harmonics = harmonics

    def phases(self) -> Tensor:
        """In radians; the fundamental begins at 0."""
        phases = self._random.uniform(-math.pi, math.pi, self._harmonics)
        phases[0] = 0.0
        return torch.from_numpy(phases)

    def noise(self, samples: int) -> Tensor:
        """Standard deviation `_NOISE`."""
        drawn = self._random.standard_normal((samples, self._harmonics), dtype=np.float32)
        return torch.from_numpy(drawn * np.float32(_NOISE))


class GivenDraw(Draw):
    """Phases [harmonics] and noise [samples, harmonics] decided elsewhere."""

    def __init__(self, phases: Tensor, noise: Tensor) -> None:
        super().__init__(0, len(phases))
        self._phases = phases
        self._rest = noise

    def phases(self) -> Tensor:
        return self._phases.double()

    def noise(self, samples: int) -> Tensor:
        taken, self._rest = self._rest[:samples], self._rest[samples:]
        return taken


class Excitation:
    """The excitation of one utterance, handed out frame by frame in order.

    `mix` is the weights [harmonics] and the bias [] of the harmonics' sum, `hop` the samples of a frame.
    """

    def __init__(self, mix: tuple[Tensor, Tensor], hop: int, sample_rate: int, draw: Draw) -> None:
        self._weight, self._bias = mix
        self._hop = hop
        self._sample_rate = sample_rate
        self._draw = draw
        self._orders = torch.arange(1, len(self._weight) + 1, dtype=torch.float64)
        self._first = draw.phases()
        self._turns = torch.zeros((), dtype=torch.float64)  # the fundamental's, so far

    def frames(self, f0: Tensor, voicing: Tensor) -> Tensor:
        """The next frames' samples [T * hop], from F0 in Hz [T] and UV [T]."""
        turns = self._advance(f0.repeat_interleave(self._hop))
        sines = torch.sin((self._turned(turns) + self._first).float())
        noise = self._draw.noise(len(turns))
        voiced = (voicing >= VOICED).repeat_interleave(self._hop)[:, None]
        harmonics = torch.where(voiced, _SINE * sines + noise, _UNVOICED * noise)
        return torch.tanh(harmonics @ self._weight + self._bias)

    def _advance(self, f0: Tensor) -> Tensor:
        """In 64 bits: a running sum in 32 would drift audibly in a long utterance."""
        turns = self._turns + torch.cumsum(f0.double() / self._sample_rate, dim=0)
        self._turns = torch.remainder(turns[-1], 1.0)
        return turns

    def _turned(self, turns: Tensor) -> Tensor:
        """The harmonics' phases [samples, harmonics] in radians."""
        return 2 * math.pi * torch.remainder(turns[:, None] * self._orders, 1.0)
