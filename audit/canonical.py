"""The bytes that stand for an event or a head: the JSON Canonicalization Scheme, RFC 8785.

UTF-8, no white space, names in the order of their UTF-16 code units, strings with the fewest escapes, numbers
as ECMAScript prints them. Anyone can make the same bytes from an export with a few lines of any language.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from audit.digests import DIGESTS
from audit.models import Event, TreeHead

# What an event of each schema is sealed with, besides `at`. Never edited: a new field means a new schema with
# a list of its own.
_SCHEMA_1 = (
    "id",
    "schema",
    "xid",
    "action",
    "outcome",
    "code",
    "status",
    "actor_kind",
    "actor_id",
    "actor_name",
    "actor_role",
    "organisation",
    "object_type",
    "object_id",
    "object_name",
    "address",
    "peer_address",
    "forwarded_for",
    "user_agent",
    "request_id",
    "text_sha256",
    "characters",
    "details",
)
_SCHEMA_2 = (
    "schema",
    "id",
    "xid",
    "action",
    "outcome",
    "code",
    "status",
    "actor_kind",
    "actor_id",
    "actor_role",
    "organisation",
    "auth_method",
    "object_type",
    "object_id",
    "request_id",
    "characters",
    "sealed_sha256",
)
# Stand behind two hashes, salted: a copy without them still yields the leaf.
_SCHEMA_2_PERSONAL = (
    "actor_name",
    "object_name",
    "address",
    "peer_address",
    "forwarded_for",
    "user_agent",
    "session",
    "text_sha256",
    "details",
)

# What a signature is for stands before what is signed, so that none can be passed off as another's.
_HEAD = b"govvoice-tree-head-2\n"
_MANIFEST = b"govvoice-manifest-1\n"

_CONSTANTS = {None: "null", True: "true", False: "false"}


def event_bytes(event: Event) -> bytes:
    """What the event's leaf is made of: the canonical form of sealed_fields()."""
    return canonical(sealed_fields(event))


def sealed_fields(event: Event) -> dict[str, Any]:
    """The fields of the event's schema as stored, `at` in UTC with six decimals.

    From schema 2 on `personal` stands for the personal fields: their SHA-256 and SM3 in hex.
    """
    if event.schema == 1:
        return _taken(event, _SCHEMA_1)
    personal = canonical(personal_fields(event))
    hashes = {name: digest(personal).hex() for name, digest in DIGESTS.items()}
    return {**_taken(event, _SCHEMA_2), "personal": hashes}


def personal_fields(event: Event) -> dict[str, Any]:
    """What the hashes in `personal` are made of, with the salt; for events of schema 2."""
    fields = {name: getattr(event, name) for name in _SCHEMA_2_PERSONAL}
    return {**fields, "salt": str(event.salt)}


def _taken(event: Event, names: tuple[str, ...]) -> dict[str, Any]:
    return {**{name: getattr(event, name) for name in names}, "at": instant(event.at)}


def head_bytes(head: TreeHead) -> bytes:
    """What is signed of a head, and hashed by the next one; the frontiers follow from the leaves."""
    return head_message(canonical(head_fields(head)))


def head_message(body: bytes) -> bytes:
    """What is signed of a head, from the canonical JSON of its signed fields."""
    return _HEAD + body


def head_fields(head: TreeHead) -> dict[str, Any]:
    return {
        "schema": head.schema,
        "number": head.number,
        "at": instant(head.at),
        "origin": head.origin,
        "size": head.size,
        "root_sha256": bytes(head.root_sha256).hex(),
        "root_sm3": bytes(head.root_sm3).hex(),
        "previous": bytes(head.previous).hex(),
    }


def manifest_bytes(body: bytes) -> bytes:
    """What is signed of a manifest, from its canonical JSON."""
    return _MANIFEST + body


def canonical(value: Any) -> bytes:
    """For None, bool, int, finite float, str, list and dict. Raises TypeError or ValueError for others."""
    return _text(value).encode()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool):
        return _CONSTANTS[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    if isinstance(value, dict):
        entries = sorted(value.items(), key=lambda entry: entry[0].encode("utf-16-be"))
        return "{" + ",".join(f"{_text(name)}:{_text(item)}" for name, item in entries) + "}"
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _number(value: float) -> str:
    """ECMAScript's Number::toString (ECMA-262 6.1.6.1.20); both take the shortest digits that read back."""
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"{value} has no canonical form")
    shown = _decimal("".join(map(str, digits)), exponent)
    return f"-{shown}" if sign else shown


def _decimal(digits: str, exponent: int) -> str:
    point = len(digits) + exponent  # the decimal point's place, counted from the first digit
    if len(digits) <= point <= 21:
        return digits + "0" * exponent
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"


def instant(at: datetime) -> str:
    """A time as evidence writes it: UTC, six decimals, as in 2026-11-21T09:05:00.000000Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
