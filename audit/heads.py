"""Heads outside the database: as a line of the head file, and as text for paper and its QR code.

The text has the shape of a c2sp.org/tlog-checkpoint: origin, size and root (base64) on the first three lines,
then all else that is signed, an empty line, and the signatures:

    govvoice/0123456789abcdef
    1234
    <SHA-256 root, base64>
    schema 2
    number 17
    at 2026-11-21T09:05:00.000000Z
    sm3 <SM3 root, base64>
    previous <SHA-256 of the head before, base64>

    — ed25519 <key id> <signature, base64>

Signed are not these lines but the head's canonical bytes, which they yield (see audit.canonical.head_bytes).
"""

from __future__ import annotations

import base64
from typing import Any

import segno

from audit.canonical import canonical, head_fields
from audit.models import TreeHead


def head_record(head: TreeHead) -> dict[str, Any]:
    """The signed fields and the signatures, as one line of the head file holds them."""
    return {**head_fields(head), "signatures": head.signatures}


def head_line(head: TreeHead) -> bytes:
    """One line of the head file, RFC 8785 JSON, without its line feed."""
    return canonical(head_record(head))


def head_text(head: TreeHead) -> str:
    """For paper and QR codes; ends with a line feed."""
    lines = [
        head.origin,
        str(head.size),
        _base64(bytes(head.root_sha256)),
        f"schema {head.schema}",
        f"number {head.number}",
        f"at {head_fields(head)['at']}",
        f"sm3 {_base64(bytes(head.root_sm3))}",
        f"previous {_base64(bytes(head.previous))}",
        "",
        *(f"— {one['algorithm']} {one['key_id']} {_of_hex(one['signature'])}" for one in head.signatures),
    ]
    return "\n".join(lines) + "\n"


def head_qr(head: TreeHead) -> segno.QRCode:
    """The text as a QR code that survives a worn sheet of paper (error correction M)."""
    return segno.make(head_text(head), error="m", micro=False)


def read_head_text(text: str) -> dict[str, Any]:
    """The inverse of head_text, as head_record() gives it. Raises ValueError naming the first wrong line."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if len(lines) < 10:
        raise ValueError(f"a head has at least 10 lines, this has {len(lines)}")
    if lines[8]:
        raise ValueError("line 9 must be empty")
    return {
        "schema": int(_named("schema", lines[3])),
        "number": int(_named("number", lines[4])),
        "at": _named("at", lines[5]),
        "origin": lines[0],
        "size": int(lines[1]),
        "root_sha256": _hex(lines[2]),
        "root_sm3": _hex(_named("sm3", lines[6])),
        "previous": _hex(_named("previous", lines[7])),
        "signatures": [_signature(line) for line in lines[9:]],
    }


def _named(name: str, line: str) -> str:
    found, _, value = line.partition(" ")
    if found != name:
        raise ValueError(f"expected the line of {name!r}, not {line[:40]!r}")
    return value


def _signature(line: str) -> dict[str, str]:
    try:
        dash, algorithm, key_id, signature = line.split(" ")
    except ValueError:
        raise ValueError(f"this is no line of a signature: {line[:40]!r}") from None
    if dash not in ("—", "-"):
        raise ValueError(f"a signature's line begins with a dash, not {dash!r}")
    return {"key_id": key_id, "algorithm": algorithm, "signature": _hex(signature)}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _of_hex(text: str) -> str:
    return _base64(bytes.fromhex(text))


def _hex(text: str) -> str:
    return base64.b64decode(text, validate=True).hex()
