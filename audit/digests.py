"""The two hash functions that evidence stands on, side by side: SHA-256 (FIPS 180-4) and SM3 (GB/T 32905).

Any tool can check the first, an assessment by Chinese algorithms asks for the second, and a break of one
leaves the other standing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SM3, Hash

from audit.errors import AlgorithmMissing

Digest = Callable[[bytes], bytes]
HASH_BYTES = 32  # of both


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def sm3(data: bytes) -> bytes:
    """Raises AlgorithmMissing where no library of this machine has SM3."""
    return _sm3(data)


def _by_hashlib() -> Digest:
    fresh = hashlib.new("sm3")

    def digest(data: bytes) -> bytes:
        running = fresh.copy()  # looking an algorithm up by its name takes longer than an event's hash
        running.update(data)
        return running.digest()

    return digest


def _by_cryptography() -> Digest:
    fresh = Hash(SM3())

    def digest(data: bytes) -> bytes:
        running = fresh.copy()
        running.update(data)
        return running.finalize()

    return digest


def _by_nobody(data: bytes) -> bytes:
    raise AlgorithmMissing(
        "本机的 OpenSSL 与 cryptography 均不支持 SM3，无法封存审计日志："
        "请换用支持国密的构建 (neither OpenSSL nor cryptography has SM3 here)"
    )


def _find_sm3() -> Digest:
    for library in (_by_hashlib, _by_cryptography):
        try:
            return library()
        except (ValueError, UnsupportedAlgorithm):  # built without SM3, or forbidden by a policy
            continue
    return _by_nobody


_sm3 = _find_sm3()
DIGESTS: dict[str, Digest] = {"sha256": sha256, "sm3": sm3}
