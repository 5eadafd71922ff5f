"""The three graphs, loaded, and the speakers' styles: symbols to lengths, to pitch and energy, to samples."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from synthesis.engines.graphs.folder import Manifest, read_output
from synthesis.engines.graphs.session import open_session, run
from synthesis.engines.kokoro import graphs
from synthesis.engines.kokoro.symbols import EDGE, IDS

Floats = NDArray[np.float32]
Feed = dict[str, NDArray[Any]]

SAMPLE_RATE: Final = 24_000
FRAME: Final = 600  # samples a frame
STYLES: Final = (510, 256)  # one row for each number of symbols


@dataclass(frozen=True, slots=True)
class Reading:
    """One utterance as the network understood it. `lengths` [n + 2] in frames, unrounded, edges included."""

    tokens: NDArray[np.int64]
    style: Floats
    features: Floats
    lengths: Floats


class Network:
    """Holds the sessions and nothing that changes, so all threads and speakers share one."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Verify and load the graphs of `folder`. Raises EngineNotInstalled."""
        self.bytes = 0
        sessions = []
        for name in (graphs.READING, graphs.MELODY, graphs.WAVE):
            data = read_output(folder, name, manifest)
            self.bytes += len(data)
            sessions.append(open_session(data))
        self._reading, self._melody, self._wave = sessions

    def read(self, symbols: str, styles: Floats) -> Reading:
        """`symbols` at most as many as `styles` [510, 256] has rows."""
        tokens = np.array([[EDGE, *(IDS[symbol] for symbol in symbols), EDGE]], np.int64)
        style = styles[len(symbols) - 1][None]
        feed = {"tokens": tokens, "style": style}
        features, lengths = run(self._reading, ["features", "lengths"], feed)
        return Reading(tokens, style, features, lengths[0])

    def melody(self, reading: Reading, durations: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Pitch in Hz and energy, [2 * frames] each."""
        feed: Feed = {"style": reading.style, "features": reading.features, "durations": durations}
        f0, energy = run(self._melody, ["f0", "energy"], feed)
        return f0[0, 0], energy[0, 0]

    def samples(self, reading: Reading, durations: NDArray[np.int64], f0: Floats, energy: Floats) -> Floats:
        """[frames * FRAME]"""
        feed: Feed = {
            "tokens": reading.tokens,
            "style": reading.style,
            "durations": durations,
            "f0": f0[None, None],
            "energy": energy[None, None],
        }
        return np.asarray(run(self._wave, ["audio"], feed)[0])


def read_styles(folder: Path, speaker: str, manifest: Manifest) -> Floats:
    """The speaker's rows, [510, 256]. Raises EngineNotInstalled."""
    return np.frombuffer(read_output(folder, speaker, manifest), np.float32).reshape(STYLES)
