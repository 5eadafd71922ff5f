"""SM2 keys and signatures (GB/T 32918.2): what is needed to sign heads, and to check it.

The curve is the recommended one of GB/T 32918.5 (OID 1.2.156.10197.1.301), the signer's identity the default
of GM/T 0009, the hash SM3; a signature is r || s, 32 bytes each.
"""

from __future__ import annotations

import base64
import binascii
import re

from gmalg import SM2

IDENTITY = b"1234567812345678"
_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_SCALAR = 32
# AlgorithmIdentifier's content: id-ecPublicKey, and the curve.
_ALGORITHM = bytes.fromhex("06072a8648ce3d0201" + "06082a811ccf5501822d")
# SubjectPublicKeyInfo before the point's 64 bytes: its lengths are fixed, because the point's is.
_PUBLIC = bytes.fromhex("3059" + "3013") + _ALGORITHM + bytes.fromhex("034200" + "04")
_SEQUENCE, _INTEGER, _OCTETS = 0x30, 0x02, 0x04
_HEX = re.compile(r"[0-9a-fA-F]{64}")


def private_scalar(text: str) -> bytes:
    """The private key of 32 bytes, from 64 hex digits or an unencrypted PKCS#8 PEM. Raises ValueError."""
    scalar = bytes.fromhex(text.strip()) if _HEX.fullmatch(text.strip()) else _of_pkcs8(text)
    if not 1 <= int.from_bytes(scalar, "big") <= _ORDER - 2:
        raise ValueError("the number is none of the curve's private keys")
    return scalar


def public_key(scalar: bytes) -> bytes:
    """The SubjectPublicKeyInfo in DER, 91 bytes."""
    return _PUBLIC + bytes(SM2().generate_pk(scalar))[1:]


def sign(data: bytes, *, scalar: bytes) -> bytes:
    r, s = SM2(sk=scalar, uid=IDENTITY).sign(data)
    return bytes(r).rjust(_SCALAR, b"\0") + bytes(s).rjust(_SCALAR, b"\0")


def is_valid(signature: bytes, data: bytes, *, public: bytes) -> bool:
    """Raises ValueError when `public` is no SM2 key."""
    if not public.startswith(_PUBLIC) or len(public) != len(_PUBLIC) + 2 * _SCALAR:
        raise ValueError("this is no SM2 public key")
    if len(signature) != 2 * _SCALAR:
        return False
    verifier = SM2(uid=IDENTITY, pk=public[len(_PUBLIC) - 1 :])
    return bool(verifier.verify(data, signature[:_SCALAR], signature[_SCALAR:]))


def _of_pkcs8(text: str) -> bytes:
    lines = [line.strip() for line in text.strip().splitlines()]
    if lines[0] != "-----BEGIN PRIVATE KEY-----" or lines[-1] != "-----END PRIVATE KEY-----":
        raise ValueError("expected 64 hex digits, or an unencrypted PKCS#8 PEM (BEGIN PRIVATE KEY)")
    try:
        der = base64.b64decode("".join(lines[1:-1]), validate=True)
    except binascii.Error as error:
        raise ValueError(f"the PEM cannot be decoded: {error}") from None
    _, rest = _read(_read(der, _SEQUENCE)[0], _INTEGER)
    algorithm, rest = _read(rest, _SEQUENCE)
    if algorithm != _ALGORITHM:
        raise ValueError("the PEM holds a key of another curve than SM2's")
    _, rest = _read(_read(_read(rest, _OCTETS)[0], _SEQUENCE)[0], _INTEGER)
    return _read(rest, _OCTETS)[0].rjust(_SCALAR, b"\0")


def _read(der: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the first element, which must be of this tag, and what comes after it (X.690)."""
    if len(der) < 2 or der[0] != tag:
        raise ValueError("the PEM does not hold a PKCS#8 private key")
    length, start = der[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[2:start], "big")
    if start + length > len(der):
        raise ValueError("the PEM is cut short")
    return der[start : start + length], der[start + length :]
