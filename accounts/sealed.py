"""Secrets that have to be read again (seeds of one-time codes), sealed before they reach the database.

AES-256-GCM, or SM4-GCM where the customer's assessment asks for Chinese algorithms. A sealed value names its
algorithm and its key: keys rotate by putting a new one first in DATA_KEYS and leaving the old ones behind it.
"""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE = 12
_TAG = 16
_KEY_BYTES = {"aes": 32, "sm4": 16}


class SealBroken(Exception):
    """Another key, another purpose, or other bytes than were sealed."""


def seal(plain: bytes, *, purpose: str) -> str:
    """`algorithm:key id:base64`; opens only for the same purpose, so no row can borrow another's secret."""
    algorithm, secret = settings.DATA_CIPHER, settings.DATA_KEYS[0]
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(_cipher(algorithm, secret), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(purpose.encode())
    sealed = encryptor.update(plain) + encryptor.finalize()
    return f"{algorithm}:{_key_id(secret)}:{base64.b64encode(nonce + encryptor.tag + sealed).decode()}"


def unseal(value: str, *, purpose: str) -> bytes:
    """Raises SealBroken."""
    try:
        algorithm, key_id, encoded = value.split(":")
        secret = {_key_id(secret): secret for secret in settings.DATA_KEYS}[key_id]
        data = base64.b64decode(encoded, validate=True)
        nonce, tag, sealed = data[:_NONCE], data[_NONCE : _NONCE + _TAG], data[_NONCE + _TAG :]
        decryptor = Cipher(_cipher(algorithm, secret), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(purpose.encode())
        return decryptor.update(sealed) + decryptor.finalize()
    except (ValueError, KeyError, InvalidTag) as error:
        raise SealBroken(purpose) from error


def _cipher(algorithm: str, secret: str) -> CipherAlgorithm:
    key = _derive(secret, f"govvoice {algorithm}", _KEY_BYTES[algorithm])
    return algorithms.AES(key) if algorithm == "aes" else algorithms.SM4(key)


def _key_id(secret: str) -> str:
    return _derive(secret, "govvoice key id", 4).hex()


def _derive(secret: str, use: str, size: int) -> bytes:
    """HKDF, RFC 5869."""
    return HKDF(algorithm=SHA256(), length=size, salt=None, info=use.encode()).derive(secret.encode())
