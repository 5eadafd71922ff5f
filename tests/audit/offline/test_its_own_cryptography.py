"""The formulas inside audit-verify.py against published vectors and against independent implementations."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from gmalg import SM2
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.canonical import canonical
from tests.audit.bundling import SM2_USER
from tests.audit.offline.program import verifier

# RFC 8032 section 7.1: public key, message, signature.
ED25519 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
            "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


def some_bytes(size: int) -> bytes:
    return bytes(17 * place % 251 for place in range(size))


ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize(("public", "message", "signature"), ED25519)
def test_ed25519_of_rfc_8032(public: str, message: str, signature: str) -> None:
    key, data, signed = (
        verifier.Ed25519Key(bytes.fromhex(public)),
        bytes.fromhex(message),
        bytes.fromhex(signature),
    )
    assert key.verifies(data, signed)
    assert not key.verifies(data + b"x", signed)
    assert not key.verifies(data, signed[:-1])


def test_every_bit_of_an_ed25519_signature_counts() -> None:
    private = Ed25519PrivateKey.generate()
    key = verifier.Ed25519Key(private.public_key().public_bytes_raw())
    message = b"a head"
    signed = private.sign(message)
    assert key.verifies(message, signed)
    for bit in range(0, 512, 7):
        forged = bytearray(signed)
        forged[bit // 8] ^= 1 << bit % 8
        assert not key.verifies(message, bytes(forged))


def test_no_second_ed25519_signature_can_be_made_of_one() -> None:
    private = Ed25519PrivateKey.generate()
    key = verifier.Ed25519Key(private.public_key().public_bytes_raw())
    signed = private.sign(b"a head")
    scalar = int.from_bytes(signed[32:], "little") + ORDER
    assert not key.verifies(b"a head", signed[:32] + scalar.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "encoded",
    [
        bytes(31),
        b"\xff" * 32,  # y is not below p
        b"\x02" + bytes(31),  # no x belongs to this y
        b"\x01" + bytes(30) + b"\x80",  # x is 0, and its sign 1
    ],
)
def test_bytes_that_are_no_point_are_no_key(encoded: bytes) -> None:
    with pytest.raises(ValueError, match="no Ed25519 key"):
        verifier.Ed25519Key(encoded)


def test_sm2_agrees_with_another_implementation() -> None:
    secret, public = SM2().generate_keypair()
    signer, key = SM2(secret, SM2_USER, public), verifier.Sm2Key(public[1:])
    for size in (0, 1, 55, 56, 64, 300):
        message = some_bytes(size)
        r, s = (bytes(part).rjust(32, b"\0") for part in signer.sign(message))
        assert key.verifies(message, r + s)
        assert not key.verifies(message + b"x", r + s)
        assert not key.verifies(message, s + r)
        assert not key.verifies(message, r + s[:-1] + bytes([s[-1] ^ 1]))
        assert not key.verifies(message, bytes(32) + s)
        assert not key.verifies(message, (r + s)[:63])


def test_a_point_beside_the_curve_is_no_sm2_key() -> None:
    _, public = SM2().generate_keypair()
    with pytest.raises(ValueError, match="no SM2 key"):
        verifier.Sm2Key(public[1:64] + bytes([public[64] ^ 1]))


@pytest.mark.parametrize("size", [0, 3, 55, 56, 63, 64, 65, 119, 120, 200])
def test_its_own_sm3_is_that_of_openssl(size: int) -> None:
    data = some_bytes(size)
    assert verifier.slow_sm3(data) == verifier.sm3(data) == hashlib.new("sm3", data).digest()


def test_sm3_of_gb_32905() -> None:
    known = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert verifier.slow_sm3(b"abc").hex() == known


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), VALUES, max_size=5))
@settings(max_examples=100, deadline=None)
def test_two_writers_of_rfc_8785_agree(value: dict[str, Any]) -> None:
    text = canonical(value)
    assert verifier.canonical(json.loads(text)).encode() == text
    assert not verifier._is_canonical_object(json.dumps(value, indent=1).encode()) or value == {}


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1.0}',
        '{"a":1e2}',
        '{"a":NaN}',
        '{"b":1,"a":2}',
        '{"a":1,"a":1}',
        '{"a":"\\u0041"}',
        '{"a":"\\/"}',
        "{ }",
        '{"𐀀":1,"\uffff":2}',
        '{"\uffff":1,"𐀀":2}',
        '{"a":-0}',
        '{"a":1.50}',
        '{"a":"\\u001F"}',
    ],
)
def test_the_quick_judgement_lets_nothing_odd_through(text: str) -> None:
    assert not verifier._is_canonical_object(text.encode())
