"""Who signs: keys behind one interface, so that a token or a machine of keys can take a file's place.

Only the sealer reads private keys. A trial makes its own at its first start; in production somebody gives
one, because it has to be kept, and its public half published, before there is anything to prove by it.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from audit import sm2
from audit.digests import sha256
from audit.errors import SealKeyUnusable


class Signer(Protocol):
    """`public` is the SubjectPublicKeyInfo in DER."""

    @property
    def algorithm(self) -> str: ...

    @property
    def public(self) -> bytes: ...

    def sign(self, data: bytes) -> bytes: ...


@dataclass(frozen=True)
class Ed25519Signer:
    """RFC 8032; the key is one of `cryptography`."""

    key: Ed25519PrivateKey
    algorithm = "ed25519"

    @cached_property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data)


@dataclass(frozen=True)
class SM2Signer:
    """GB/T 32918.2; `scalar` is the private key of 32 bytes."""

    scalar: bytes
    algorithm = "sm2"

    @cached_property
    def public(self) -> bytes:
        return sm2.public_key(self.scalar)

    def sign(self, data: bytes) -> bytes:
        return sm2.sign(data, scalar=self.scalar)


def key_id(public: bytes) -> str:
    """The name of a key: the first 16 hex digits of its SHA-256."""
    return sha256(public).hex()[:16]


def configured_signers() -> list[Signer]:
    """Those of the settings: Ed25519, and SM2 where its key is given.

    A trial without a key makes one in var/audit/seal.key. Raises SealKeyUnusable.
    """
    try:
        ed25519, sm2_key = settings.SEAL_KEY(), settings.SEAL_SM2_KEY()
    except ImproperlyConfigured as error:
        raise SealKeyUnusable(str(error)) from error
    signers: list[Signer] = [Ed25519Signer(_ed25519_key(ed25519 or _trial_key()))]
    if sm2_key:
        signers.append(SM2Signer(_sm2_scalar(sm2_key)))
    return signers


def is_valid(signature: bytes, data: bytes, *, algorithm: str, public: bytes) -> bool:
    """Whether the holder of `public` signed these bytes. Raises ValueError for a key or algorithm unknown."""
    if algorithm == "sm2":
        return sm2.is_valid(signature, data, public=public)
    try:
        key = load_der_public_key(public)
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from error
    if algorithm != "ed25519" or not isinstance(key, Ed25519PublicKey):
        raise ValueError(f"the key does not sign by {algorithm!r}")
    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _ed25519_key(pem: str) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SealKeyUnusable(f"GOVVOICE_SEAL_KEY 无法读取 (cannot be read): {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SealKeyUnusable("GOVVOICE_SEAL_KEY 不是 Ed25519 私钥 (is no Ed25519 private key)")
    return key


def _sm2_scalar(text: str) -> bytes:
    try:
        return sm2.private_scalar(text)
    except ValueError as error:
        raise SealKeyUnusable(f"GOVVOICE_SEAL_SM2_KEY 无法读取 (cannot be read): {error}") from error


def _trial_key() -> str:
    if settings.PRODUCTION:
        raise SealKeyUnusable(
            "缺少封存签名私钥 GOVVOICE_SEAL_KEY（或 GOVVOICE_SEAL_KEY_FILE），生成方法："
            "openssl genpkey -algorithm ed25519 (the sealer's signing key must be set)"
        )
    path = Path(settings.VAR) / "audit" / "seal.key"
    try:
        if not path.exists():
            _make_key(path)
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise SealKeyUnusable(f"{path}: {error.strerror}") from error


def _make_key(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(f".{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        # Whole or not at all, and never in the place of a key that heads are signed with already.
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
