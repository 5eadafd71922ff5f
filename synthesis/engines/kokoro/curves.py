"""What is done to the lengths, the pitch and the energy on their way through the network."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_VOICED: Final = 40.0  # Hz: below lies what the network draws where there is no pitch
_LEAD: Final = 0.6  # how much of a speed-up the silence before the speech takes part in
_TAIL: Final = 0.2  # share of the voiced frames that an ending contour bends


def durations(lengths: Floats, stretch: float) -> NDArray[np.int64]:
    """Whole frames for each symbol, so that the speech is `stretch` times as long as the network has in mind.

    Rounding each for itself, as the network does, loses a tenth at twice the speed. Here what one symbol is
    rounded by, the next makes up for. Each keeps a frame as long as there are enough. The first symbol is the
    silence before the speech: the network holds to most of it, so stretching it would eat into the speech.
    """
    usual = np.maximum(np.round(lengths.astype(np.float64)), 1.0)
    spoken = usual[1:]
    wanted = round(float(spoken.sum()) * stretch)
    floor = 1.0 if wanted >= len(spoken) else 0.0
    ends = np.floor(np.cumsum(_scaled(spoken, wanted, floor)) + 0.5)
    lead = max(round(usual[0] * min(stretch, 1.0) ** _LEAD), 1)
    return np.array([lead, *np.diff(ends, prepend=0.0)], np.int64)


def _scaled(usual: NDArray[np.float64], wanted: int, floor: float) -> NDArray[np.float64]:
    """`usual` times one factor, nothing under `floor`, in all `wanted`."""
    low, high = 0.0, max(4.0, wanted / float(usual.sum()) * 2)
    for _ in range(50):
        factor = (low + high) / 2
        if np.maximum(usual * factor, floor).sum() < wanted:
            low = factor
        else:
            high = factor
    return np.asarray(np.maximum(usual * high, floor))


def bend(f0: Floats, *, middle: float, spread: float, scale: float, closing: float) -> Floats:
    """The curve of pitch in Hz, moved: its distance from `middle` times `spread`, all of it times `scale`.

    Over the last fifth of the voiced frames a factor goes from 1 to 1 + `closing`. Where there is no voice
    nothing changes.
    """
    voiced = f0 > _VOICED
    place = np.cumsum(voiced) / max(int(voiced.sum()), 1)
    tail = np.clip((place - (1 - _TAIL)) / _TAIL, 0.0, 1.0)
    bent = (middle + spread * (f0 - middle)) * scale * (1 + closing * tail)
    return np.where(voiced, np.maximum(bent, _VOICED), f0).astype(np.float32)
