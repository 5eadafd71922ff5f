"""What lies in the folder of the speakers."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from synthesis.engines.graphs import folder as made
from synthesis.engines.graphs.folder import Manifest

CONVERTER: Final = 1  # raise it whenever the converter writes other graphs from the same sources


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the speakers' folder. Raises EngineNotInstalled when there is none to be read."""
    return made.read_manifest(folder, how="make speakers brings it")


def styles_file(speaker: str) -> str:
    return f"{speaker}.bin"
