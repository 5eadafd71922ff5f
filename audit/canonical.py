"""The bytes that stand for an event or a head: the JSON Canonicalization Scheme, RFC 8785.

UTF-8, no white space, names in the order of their UTF-16 code units, strings with the fewest escapes, numbers
as ECMAScript prints them. Anyone can make the same bytes from an export with a few lines of any language.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
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

# All that an event is sealed by, of whatever schema: what a row for row_bytes() has to hold.
SEALED_FROM = tuple(sorted({*_SCHEMA_1, *_SCHEMA_2, *_SCHEMA_2_PERSONAL, "at", "salt"}))

_CONSTANTS = {None: "null", True: "true", False: "false"}
_MOST_SHAPES = 256  # sets of names; those of events are a few, of their details a few dozen

Row = Mapping[str, Any]


def event_bytes(event: Event) -> bytes:
    """What the event's leaf is made of: the canonical form of sealed_fields()."""
    return row_bytes(vars(event))


def row_bytes(row: Row) -> bytes:
    """The same for an event given as values by the names of SEALED_FROM."""
    return canonical(_sealed(row))


def sealed_fields(event: Event) -> dict[str, Any]:
    """The fields of the event's schema as stored, `at` in UTC with six decimals.

    From schema 2 on `personal` stands for the personal fields: their SHA-256 and SM3 in hex.
    """
    return _sealed(vars(event))


def personal_fields(event: Event) -> dict[str, Any]:
    """What the hashes in `personal` are made of, with the salt; for events of schema 2."""
    return _personal(vars(event))


def _sealed(row: Row) -> dict[str, Any]:
    if row["schema"] == 1:
        return _taken(row, _SCHEMA_1)
    personal = canonical(_personal(row))
    fields = _taken(row, _SCHEMA_2)
    fields["personal"] = {name: digest(personal).hex() for name, digest in DIGESTS.items()}
    return fields


def _personal(row: Row) -> dict[str, Any]:
    fields = {name: row[name] for name in _SCHEMA_2_PERSONAL}
    fields["salt"] = str(row["salt"])
    return fields


def _taken(row: Row, names: tuple[str, ...]) -> dict[str, Any]:
    fields = {name: row[name] for name in names}
    fields["at"] = instant(row["at"])
    return fields


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
        return "{" + ",".join([key + _text(value[name]) for name, key in _members(tuple(value))]) + "}"
    raise TypeError(f"{type(value).__name__} has no canonical form")


@lru_cache(_MOST_SHAPES)
def _members(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each name as it is and as it is written, in their order: thousands of events have the same names."""
    ordered = sorted(names, key=lambda name: name.encode("utf-16-be"))
    return [(name, f"{encode_basestring(name)}:") for name in ordered]


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
    # strftime() takes twice as long.
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
