"""Frames to sound in overlapping chunks: how far a generator hears, and the walk along an utterance.

Each chunk is made with as many frames before and after it as any of its samples depends on, and only the
chunk's own samples are kept, so that the chunks joined are the whole. A causal generator needs frames before
only: its first chunk can leave before the utterance is complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from synthesis.engines.sambert import subbands
from synthesis.engines.sambert.generator_weights import Filter, GeneratorWeights, Stage

FIRST: Final = 12  # frames of the first chunk: soon out
LARGEST: Final = 192  # frames of a later one: there the overlap weighs little


@dataclass(frozen=True, slots=True)
class Reach:
    """Frames before and after a frame that its samples depend on."""

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Window:
    """Frames [start, stop) to be made, of which [keep_from, keep_to) are kept; counted from the utterance."""

    start: int
    keep_from: int
    keep_to: int
    stop: int


def reach_of(weights: GeneratorWeights) -> Reach:
    """Walks from the sound back to the mel, adding up what each filter looks at."""
    bands = weights.post.weight.shape[0]
    margin = -(-subbands.MARGIN // bands) if bands > 1 else 0
    here = _through(weights.post, Reach(margin, margin))
    rate, at_source = 1, here  # samples of the output for a sample here
    for stage in reversed(weights.stages):
        here = through_blocks(stage, here)
        at_source = _wider(at_source, _source_reach(stage.down, here, rate))
        slower = Reach(-(-here.before // stage.scale), -(-here.after // stage.scale))
        here = _through(stage.up, slower)
        rate *= stage.scale
    at_frames = Reach(-(-at_source.before // rate), -(-at_source.after // rate))
    return _wider(_through(weights.pre, here), at_frames)


def _through(passed: Filter, beyond: Reach) -> Reach:
    extent = (passed.weight.shape[2] - 1) * passed.dilation
    return Reach(beyond.before + passed.left, beyond.after + extent - passed.left)


def through_blocks(stage: Stage, beyond: Reach = Reach(0, 0)) -> Reach:
    """Samples around that a stage's residual blocks depend on, if what follows them needs those `beyond`."""
    widest = beyond
    for pairs in stage.blocks:
        here = beyond
        for pair in pairs:
            here = _through(pair[0], _through(pair[1], here))
        widest = _wider(widest, here)
    return widest


def _source_reach(down: Filter | None, here: Reach, rate: int) -> Reach:
    return _through(down, Reach(here.before * rate, here.after * rate)) if down else Reach(0, 0)


def _wider(one: Reach, other: Reach) -> Reach:
    return Reach(max(one.before, other.before), max(one.after, other.after))


def windows(arrivals: Iterable[tuple[int, bool]], reach: Reach) -> Iterator[Window]:
    """What to make as frames arrive: `arrivals` tells (frames so far, whether these are all)."""
    made, size = 0, FIRST
    for ready, complete in arrivals:
        while made + size + reach.after <= ready:
            yield _window(made, made + size, ready, reach)
            made, size = made + size, min(2 * size, LARGEST)
        while complete and made < ready:
            keep_to = min(made + size, ready)
            yield _window(made, keep_to, ready, reach)
            made, size = keep_to, min(2 * size, LARGEST)


def _window(keep_from: int, keep_to: int, ready: int, reach: Reach) -> Window:
    return Window(max(keep_from - reach.before, 0), keep_from, keep_to, min(keep_to + reach.after, ready))


class Tape:
    """The latest part of a row of frames or samples [n, ...], addressed by places counted from its begin."""

    def __init__(self, per_frame: int = 1) -> None:
        self._per_frame = per_frame
        self._from = 0
        self._held: Tensor | None = None

    def add(self, piece: Tensor) -> None:
        self._held = piece if self._held is None else torch.cat([self._held, piece])

    def cut(self, start: int, stop: int) -> Tensor:
        """Frames [start, stop); what lies before `start` is forgotten."""
        if self._held is None:
            raise ValueError("nothing was added")
        self._held = self._held[(start - self._from) * self._per_frame :]
        self._from = start
        return self._held[: (stop - start) * self._per_frame]
