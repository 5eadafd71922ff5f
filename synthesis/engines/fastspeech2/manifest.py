"""What lies in a voice's folder, and what it was made from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from synthesis.engines.base import EngineNotInstalled

NAME: Final = "manifest.json"
CONVERTER: Final = 2  # raise it whenever the converter writes other graphs from the same sources
ENCODER: Final = "encoder.onnx"
DECODER: Final = "decoder.onnx"
VOCODER: Final = "vocoder.onnx"
SYMBOL_IDS: Final = "symbols.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """SHA-256 of the source files and of the files made, by name."""

    converter: int
    sources: dict[str, str]
    outputs: dict[str, str]

    @property
    def digest(self) -> str:
        """Twelve hex digits for the converter and its sources.

        Not for the outputs: another processor may round a weight's last bit otherwise, and all machines of a
        platform must name the same voice the same.
        """
        return sha256(json.dumps([self.converter, self.sources], sort_keys=True).encode())[:12]

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2, sort_keys=True) + "\n"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a voice's folder. Raises EngineNotInstalled when there is none that can be read."""
    try:
        return Manifest(**json.loads((folder / NAME).read_text(encoding="utf-8")))
    except FileNotFoundError:
        how = "python -m synthesis.engines.fastspeech2.convert makes it"
        raise EngineNotInstalled(f"no voice in {folder}: {how}") from None
    except (OSError, ValueError, TypeError) as error:
        raise EngineNotInstalled(f"{folder / NAME} cannot be read: {error}") from error


def read_output(folder: Path, name: str, manifest: Manifest) -> bytes:
    """One of the files made, verified. Raises EngineNotInstalled."""
    path = folder / name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EngineNotInstalled(f"{path} cannot be read: {error.strerror}") from error
    if sha256(data) != manifest.outputs.get(name):
        raise EngineNotInstalled(f"{path} is damaged: its SHA-256 is not the manifest's; convert again")
    return data
