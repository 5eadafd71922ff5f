"""Keys: which are taken, what is said of those that are not, and that others agree with what they sign."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from audit.checks import heads_can_be_signed
from audit.errors import SealKeyUnusable
from audit.signers import Ed25519Signer, SM2Signer, configured_signers, is_valid, key_id
from govvoice import env

# Made, and signed with, by OpenSSL 3: genpkey, and pkeyutl -digest sm3 -pkeyopt distid:1234567812345678.
SM2_PEM = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgUkrKSTcPF4jKZTmx
AFjJ6a9UQ4p+sTZ3pu/Ec304rGWhRANCAARQVkCk2Nmbvlxsbq+Bsap6KZYD1NTm
Bz85Kc8YA20LSQKg77dERRnxqK7SpvGroMr/iAo+GM/6WuRdbbPJ54Xc
-----END PRIVATE KEY-----
"""
SM2_SCALAR = "524aca49370f1788ca6539b10058c9e9af54438a7eb13677a6efc4737d38ac65"
SM2_PUBLIC = (
    "3059301306072a8648ce3d020106082a811ccf5501822d03420004505640a4d8d99bbe5c6c6eaf81b1aa7a299603d4d4e6073f39"
    "29cf18036d0b4902a0efb7444519f1a8aed2a6f1aba0caff880a3e18cffa5ae45d6db3c9e785dc"
)
SM2_SIGNATURE = (
    "510834c788f03ff99048f40c055d6d79f0ac1ff23df9df9d98fa298cac2bc4ed"
    "f8f844f6013e54657b210841987b873ded8f36a7fe219a9936aa672ed998b6ee"
)


def pem(key: Ed25519PrivateKey, encryption: KeySerializationEncryption | None = None) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode()


@pytest.fixture
def asked(settings: Settings) -> Callable[..., None]:
    """Sets what GOVVOICE_SEAL_KEY and GOVVOICE_SEAL_SM2_KEY say."""

    def ask(*, ed25519: str = "", sm2: str = "") -> None:
        settings.SEAL_KEY, settings.SEAL_SM2_KEY = (lambda: ed25519), (lambda: sm2)

    return ask


def test_a_trial_makes_its_key_once_and_keeps_it_to_itself(
    asked: Callable[..., None], settings: Settings, tmp_path: Path
) -> None:
    asked()
    settings.VAR = tmp_path
    (signer,) = configured_signers()
    (again,) = configured_signers()
    assert signer.public == again.public
    assert signer.algorithm == "ed25519"
    assert [path.name for path in (tmp_path / "audit").iterdir()] == ["seal.key"]
    assert stat.S_IMODE((tmp_path / "audit" / "seal.key").stat().st_mode) == 0o600


def test_production_demands_a_key(asked: Callable[..., None], settings: Settings) -> None:
    asked()
    settings.PRODUCTION = True
    with pytest.raises(SealKeyUnusable, match="GOVVOICE_SEAL_KEY"):
        configured_signers()
    assert [error.id for error in heads_can_be_signed()] == ["audit.E002"]
    asked(ed25519=pem(Ed25519PrivateKey.generate()))
    assert heads_can_be_signed() == []


def test_a_key_is_read_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GOVVOICE_SEAL_KEY_FILE", str(tmp_path / "seal.pem"))
    read = env.later("GOVVOICE_SEAL_KEY")
    with pytest.raises(ImproperlyConfigured, match="GOVVOICE_SEAL_KEY_FILE"):
        read()
    (tmp_path / "seal.pem").write_text("key\n")
    assert read() == "key"


def test_a_key_file_that_is_not_there_is_named(
    asked: Callable[..., None], settings: Settings, tmp_path: Path
) -> None:
    asked()
    settings.VAR = tmp_path
    (tmp_path / "audit").write_text("a file where the folder should be")
    with pytest.raises(SealKeyUnusable, match=r"seal\.key"):
        configured_signers()


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("nonsense", "无法读取"),
        (pem(Ed25519PrivateKey.generate(), BestAvailableEncryption(b"x")), "无法读取"),
        (
            rsa_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
            "不是 Ed25519",
        ),
    ],
)
def test_what_is_no_ed25519_key_is_refused(asked: Callable[..., None], key: str, message: str) -> None:
    asked(ed25519=key)
    with pytest.raises(SealKeyUnusable, match=message):
        configured_signers()


@pytest.mark.parametrize("text", [SM2_PEM, SM2_SCALAR, SM2_SCALAR.upper() + "\n"])
def test_an_sm2_key_is_read_as_hex_and_as_pem(asked: Callable[..., None], text: str) -> None:
    asked(ed25519=pem(Ed25519PrivateKey.generate()), sm2=text)
    _, signer = configured_signers()
    assert signer.algorithm == "sm2"
    assert signer.public.hex() == SM2_PUBLIC


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0" * 64, "private keys"),
        ("f" * 64, "private keys"),
        ("12", "64 hex digits"),
        (SM2_PEM.replace("PRIVATE", "EC PRIVATE"), "PKCS#8"),
        (SM2_PEM.replace("MIGH", "M?GH"), "decoded"),
        (SM2_PEM.replace("MIGH", "MYGH"), "does not hold"),
        (
            "-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----",
            "cut short",
        ),
        (
            generate_private_key(SECP256R1())
            .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            .decode(),
            "another curve",
        ),
    ],
)
def test_what_is_no_sm2_key_is_refused(asked: Callable[..., None], text: str, message: str) -> None:
    asked(ed25519=pem(Ed25519PrivateKey.generate()), sm2=text)
    with pytest.raises(SealKeyUnusable, match=message):
        configured_signers()


def test_another_program_s_sm2_signature_is_checked_alike() -> None:
    public, signature = bytes.fromhex(SM2_PUBLIC), bytes.fromhex(SM2_SIGNATURE)
    assert is_valid(signature, b"evidence", algorithm="sm2", public=public)
    assert not is_valid(signature, b"evidences", algorithm="sm2", public=public)
    assert not is_valid(signature[:-1], b"evidence", algorithm="sm2", public=public)
    assert not is_valid(bytes(64), b"evidence", algorithm="sm2", public=public)


@pytest.mark.parametrize(
    "signer", [Ed25519Signer(Ed25519PrivateKey.generate()), SM2Signer(bytes.fromhex(SM2_SCALAR))]
)
def test_what_is_signed_is_valid_and_nothing_else(signer: Ed25519Signer | SM2Signer) -> None:
    signature = signer.sign(b"head")
    assert len(signature) == 64
    assert is_valid(signature, b"head", algorithm=signer.algorithm, public=signer.public)
    assert not is_valid(signature, b"heads", algorithm=signer.algorithm, public=signer.public)
    for place in (0, 31, 32, 63):
        bent = bytearray(signature)
        bent[place] ^= 1
        assert not is_valid(bytes(bent), b"head", algorithm=signer.algorithm, public=signer.public)


def test_a_key_of_another_kind_is_an_error_not_a_no() -> None:
    p256 = generate_private_key(SECP256R1()).public_key()
    other = p256.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for algorithm in ("ed25519", "sm2", "rsa"):
        with pytest.raises(ValueError, match="key"):
            is_valid(bytes(64), b"", algorithm=algorithm, public=other)


def test_a_key_is_named_by_its_hash() -> None:
    assert key_id(bytes.fromhex(SM2_PUBLIC)) == "e330c0045512b246"
