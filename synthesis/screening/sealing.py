"""Confidential lists at rest: AES-256-GCM, bound to the list they belong to. Knows no Django."""

from __future__ import annotations

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12


class SealBroken(Exception):
    """The bytes were not sealed with this key for this place, or have changed since."""


def key_from(text: str) -> bytes:
    """The key that Base64 text stands for. Raises ValueError unless that is 32 bytes."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not Base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"{len(key)} bytes instead of {KEY_BYTES}")
    return key


def seal(data: bytes, *, key: bytes, place: str) -> bytes:
    """Nonce, then ciphertext and tag; a copy put into another `place` opens no more."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, place.encode())


def unseal(data: bytes, *, key: bytes, place: str) -> bytes:
    """Raises SealBroken."""
    try:
        return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken(place) from error
