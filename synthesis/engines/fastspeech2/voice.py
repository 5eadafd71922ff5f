"""The three graphs of the voice, loaded: symbols to durations, pitch and energy, to mels, to samples."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from synthesis.engines.fastspeech2 import manifest as files
from synthesis.engines.graphs.folder import read_output
from synthesis.engines.graphs.session import open_session, run

if TYPE_CHECKING:
    import onnxruntime as ort

Floats = NDArray[np.float32]

SAMPLE_RATE: Final = 24_000
HOP: Final = 300  # samples a frame
MAX_FRAMES: Final = 2048  # positions the decoder has learnt
_MIN_FRAMES: Final = 10  # fewer the vocoder cannot mirror at its ends


@dataclass(frozen=True, slots=True)
class Controls:
    """What the acoustic model is asked for: factors on its predictions, then shifts in z units of the corpus.

    A shift has shape [1, n], one value a symbol, or [1, 1].
    """

    duration_scale: float
    f0_ratio: float
    energy_ratio: float
    f0_shift: Floats
    energy_shift: Floats


@dataclass(frozen=True, slots=True)
class Prediction:
    """By symbol: `hidden` [1, n, 256], `durations` [n] in frames, `f0` and `energy` [n] in z units."""

    hidden: Floats
    durations: NDArray[np.int32]
    f0: Floats
    energy: Floats


class Voice:
    """Holds the sessions and nothing that changes, so all threads share one."""

    def __init__(self, folder: Path) -> None:
        """Verify and load the files of `folder`. Raises EngineNotInstalled."""
        self.manifest = files.read_manifest(folder)
        self._folder = folder
        self._encoder = self._session(files.ENCODER)
        self._decoder = self._session(files.DECODER)
        self._vocoder = self._session(files.VOCODER)
        self._ids: dict[str, int] = json.loads(self._read(files.SYMBOL_IDS))

    def ids(self, symbols: list[str]) -> NDArray[np.int32]:
        return np.array([self._ids[symbol] for symbol in symbols], np.int32)

    def predict(self, ids: NDArray[np.int32], controls: Controls) -> Prediction:
        feed = {
            "ids": ids[None],
            "duration_scale": np.array([controls.duration_scale], np.float32),
            "f0_ratio": np.array([controls.f0_ratio], np.float32),
            "energy_ratio": np.array([controls.energy_ratio], np.float32),
            "f0_shift": controls.f0_shift,
            "energy_shift": controls.energy_shift,
        }
        hidden, durations, f0, energy = run(self._encoder, ["hidden", "durations", "f0", "energy"], feed)
        return Prediction(hidden, durations[0], f0[0], energy[0])

    def mel(self, prediction: Prediction, durations: NDArray[np.int32]) -> Floats:
        """Each symbol's vector repeated for its duration, decoded: [1, T, 80]. T at most MAX_FRAMES."""
        frames = np.repeat(prediction.hidden, durations, axis=1)
        return np.asarray(run(self._decoder, ["mel"], {"frames": frames})[0])

    def samples(self, mel: Floats) -> Floats:
        """[1, T, 80] to [T * HOP]. Where the shortest of syllables are said fast, the last frame is held."""
        missing = max(_MIN_FRAMES - mel.shape[1], 0)
        mel = np.pad(mel, ((0, 0), (0, missing), (0, 0)), mode="edge") if missing else mel
        return np.asarray(run(self._vocoder, ["audio"], {"mel": mel})[0][0])

    def _session(self, name: str) -> ort.InferenceSession:
        return open_session(self._read(name))

    def _read(self, name: str) -> bytes:
        return read_output(self._folder, name, self.manifest)


_shared: WeakValueDictionary[Path, Voice] = WeakValueDictionary()
_lock = Lock()


def shared_voice(folder: Path) -> Voice:
    """The voice of `folder`, held once for all its variants while one of them is in use."""
    with _lock:
        if (voice := _shared.get(folder)) is None:
            voice = _shared[folder] = Voice(folder)
        return voice
