"""What lies in the voice's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from synthesis.engines.graphs import folder as made
from synthesis.engines.graphs.folder import Manifest

CONVERTER: Final = 2  # raise it whenever the converter writes other graphs from the same sources
ENCODER: Final = "encoder.onnx"
DECODER: Final = "decoder.onnx"
VOCODER: Final = "vocoder.onnx"
SYMBOL_IDS: Final = "symbols.json"


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the voice's folder. Raises EngineNotInstalled when there is none that can be read."""
    return made.read_manifest(folder, how="python -m synthesis.engines.fastspeech2.convert makes it")
