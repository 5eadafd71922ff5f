"""What has to be read again (seeds of one-time codes, texts on record), sealed before it is kept.

AES-256-GCM, or SM4-GCM where the customer's assessment asks for Chinese algorithms. `seal` works under the
deployment's keys: a sealed value names its algorithm and its key, and keys rotate by putting a new one first
in DATA_KEYS and leaving the old ones behind it. `encrypt` works under a key that the caller keeps.
"""

from __future__ import annotations

import base64
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherAlgorithm, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
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
    nonce, sealed, tag = _encrypted(plain, _cipher(algorithm, _key(algorithm, secret)), purpose.encode())
    return f"{algorithm}:{_key_id(secret)}:{base64.b64encode(nonce + tag + sealed).decode()}"


def unseal(value: str, *, purpose: str) -> bytes:
    """Raises SealBroken."""
    try:
        algorithm, key_id, encoded = value.split(":")
        secret = {_key_id(secret): secret for secret in settings.DATA_KEYS}[key_id]
        data = base64.b64decode(encoded, validate=True)
        nonce, tag, sealed = data[:_NONCE], data[_NONCE : _NONCE + _TAG], data[_NONCE + _TAG :]
        return _decrypted(sealed, nonce, tag, _cipher(algorithm, _key(algorithm, secret)), purpose.encode())
    except (ValueError, KeyError, InvalidTag) as error:
        raise SealBroken(purpose) from error


def make_key(algorithm: str) -> bytes:
    """A random one of the length that "aes" or "sm4" takes."""
    return os.urandom(_KEY_BYTES[algorithm])


def encrypt(plain: bytes, *, algorithm: str, key: bytes, bound_to: bytes) -> bytes:
    """nonce (12 bytes) || ciphertext || tag (16); `bound_to` is authenticated with it (GCM's "aad")."""
    if algorithm == "aes":  # the same in one call, which has no such for SM4
        nonce = os.urandom(_NONCE)
        return nonce + _aes(key).encrypt(nonce, plain, bound_to)
    nonce, sealed, tag = _encrypted(plain, _cipher(algorithm, key), bound_to)
    return nonce + sealed + tag


@lru_cache(maxsize=4)
def _aes(key: bytes) -> AESGCM:
    return AESGCM(key)


def decrypt(data: bytes, *, algorithm: str, key: bytes, bound_to: bytes) -> bytes:
    """Raises SealBroken."""
    nonce, sealed, tag = data[:_NONCE], data[_NONCE:-_TAG], data[-_TAG:]
    try:
        return _decrypted(sealed, nonce, tag, _cipher(algorithm, key), bound_to)
    except (ValueError, InvalidTag) as error:
        raise SealBroken(bound_to.decode(errors="replace")) from error


def _encrypted(plain: bytes, cipher: CipherAlgorithm, bound_to: bytes) -> tuple[bytes, bytes, bytes]:
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(cipher, modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound_to)
    sealed = encryptor.update(plain) + encryptor.finalize()
    return nonce, sealed, encryptor.tag


def _decrypted(sealed: bytes, nonce: bytes, tag: bytes, cipher: CipherAlgorithm, bound_to: bytes) -> bytes:
    decryptor = Cipher(cipher, modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(bound_to)
    return decryptor.update(sealed) + decryptor.finalize()


def _cipher(algorithm: str, key: bytes) -> CipherAlgorithm:
    return algorithms.AES(key) if algorithm == "aes" else algorithms.SM4(key)


def _key(algorithm: str, secret: str) -> bytes:
    return _derive(secret, f"govvoice {algorithm}", _KEY_BYTES[algorithm])


def _key_id(secret: str) -> str:
    return _derive(secret, "govvoice key id", 4).hex()


def _derive(secret: str, use: str, size: int) -> bytes:
    """HKDF, RFC 5869."""
    return HKDF(algorithm=SHA256(), length=size, salt=None, info=use.encode()).derive(secret.encode())
