"""How strongly an emotion is said: one rule for all engines that make emotions out of controls."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf


def strength_of(intensity: float, *, most: float = inf) -> float:
    """The share of a preset that is applied at `intensity` (0.01-2), at most `most`.

    Above 1 only half of the surplus counts: at a plain 2 sad and gentle lost every fifth syllable.
    """
    return min(intensity if intensity <= 1 else 1 + (intensity - 1) / 2, most)


def scaled(neutral: Iterable[float], preset: Iterable[float], strength: float) -> list[float]:
    """Each control so far on its way from neutral to the preset; beyond it where `strength` is over 1."""
    return [rest + strength * (full - rest) for rest, full in zip(neutral, preset, strict=True)]
