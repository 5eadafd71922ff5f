"""Where finished files lie, and the hashes they are known by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SM3, Hash
from django.core.files.base import File
from django.core.files.storage import storages

from audit.exports.models import ExportFile

STORE: Final = "exports"
_BLOCK: Final = 1 << 20


def keep(export_id: UUID, paths: Iterable[Path]) -> list[ExportFile]:
    """Copies the files into the store; the rows are not saved yet."""
    return [_kept(export_id, position, path) for position, path in enumerate(paths)]


def drop(files: Iterable[ExportFile]) -> None:
    for file in files:
        storages[STORE].delete(file.path)


def hashes_of(path: Path) -> tuple[str, str]:
    """SHA-256 and SM3 of a file, in hex."""
    sha256, sm3 = hashlib.sha256(), Hash(SM3())
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            sha256.update(block)
            sm3.update(block)
    return sha256.hexdigest(), sm3.finalize().hex()


def _kept(export_id: UUID, position: int, path: Path) -> ExportFile:
    sha256, sm3 = hashes_of(path)
    place = f"{export_id}/{path.name}"
    store = storages[STORE]
    if store.exists(place):
        store.delete(place)  # a worker that was killed had come this far
    with path.open("rb") as file:
        stored = store.save(place, File(file))
    return ExportFile(
        export_id=export_id,
        position=position,
        name=path.name,
        path=stored,
        size=path.stat().st_size,
        sha256=sha256,
        sm3=sm3,
    )
