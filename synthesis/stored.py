"""Sounds in the store, read back only as they were made."""

from __future__ import annotations

import hashlib

from django.core.files.storage import storages


def read_stored(storage: str, path: str, *, sha256: str) -> bytes:
    """The bytes as stored. Raises OSError, or ValueError when they are not the ones that were made."""
    with storages[storage].open(path) as file:
        data: bytes = file.read()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError(f"what is stored in {storage} at {path} does not match its hash")
    return data
