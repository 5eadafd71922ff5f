"""The folder that a converter fills: its files, and a manifest of what they were made from.

It appears whole or not at all, also when two processes make it at once.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from synthesis.engines.base import EngineNotInstalled

NAME: Final = "manifest.json"


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


def read_manifest(folder: Path, *, how: str) -> Manifest:
    """The manifest of a voice's folder. Raises EngineNotInstalled, which says `how` the voice is made."""
    try:
        return Manifest(**json.loads((folder / NAME).read_text(encoding="utf-8")))
    except FileNotFoundError:
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


def holds(folder: Path, *, converter: int, sources: Mapping[str, str]) -> bool:
    """Whether `folder` has, undamaged, what this converter makes from these sources."""
    try:
        manifest = read_manifest(folder, how="")
        for name in manifest.outputs:
            read_output(folder, name, manifest)
    except EngineNotInstalled:
        return False
    return manifest.converter == converter and manifest.sources == sources


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; what a killed converter left behind is nobody's and goes."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for stale in folder.parent.glob(f"{_temporary(folder)}*"):
            shutil.rmtree(stale, ignore_errors=True)
        yield


def write(folder: Path, outputs: Mapping[str, bytes], *, converter: int, sources: Mapping[str, str]) -> None:
    """Put the files into `folder`, in the place of what it held; call it `alone`. Raises OSError."""
    digests = {name: sha256(data) for name, data in outputs.items()}
    manifest = Manifest(converter, dict(sources), digests)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=_temporary(folder)) as temporary:
        made = Path(temporary) / folder.name
        made.mkdir()
        for name, data in outputs.items():
            _write_through(made / name, data)
        _write_through(made / NAME, manifest.to_json().encode())
        if folder.exists():  # an older voice: a folder cannot be renamed onto a full one
            folder.rename(Path(temporary) / "replaced")
        made.rename(folder)


def _write_through(path: Path, data: bytes) -> None:
    """Write and wait for the disk, so that no rename can be kept and its content lost."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _temporary(folder: Path) -> str:
    return f".{folder.name}.tmp-"
