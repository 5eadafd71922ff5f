"""The free part of an event brought into bounds: plain JSON, masked, no secrets, a few kilobytes at most."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from audit.lines import one_line
from audit.masking import mask

MAX_BYTES = 16 * 1024
_MAX_DEPTH = 6
_MAX_ENTRIES = 200
_MAX_NAME = 100
_MAX_STRING = 2000
# Numbers beyond these read differently in different tools: they are kept as text.
_MAX_INTEGER = 2**53 - 1
_FLOATS_FROM, _FLOATS_TO = 1e-6, 1e15
_SECRETS = ("password", "passwd", "secret", "token", "authorization", "cookie", "api_key")


def safe_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """A copy fit for jsonb and for the canonical form. What has to go leaves a mark: a count, or a hash."""
    kept = _object(details, depth=1)
    encoded = json.dumps(kept, ensure_ascii=False).encode()
    if len(encoded) <= MAX_BYTES:
        return kept
    return {
        "too_large": len(encoded),
        "sha256": hashlib.sha256(encoded).hexdigest(),
        "names": [one_line(name, limit=_MAX_NAME) for name in list(kept)[:20]],
    }


def _object(value: Mapping[Any, Any], *, depth: int) -> dict[str, Any]:
    entries = [(str(name), item) for name, item in value.items()]
    kept = {
        one_line(name, limit=_MAX_NAME): _entry(name, item, depth) for name, item in entries[:_MAX_ENTRIES]
    }
    if len(entries) > _MAX_ENTRIES:
        kept["…"] = f"(+{len(entries) - _MAX_ENTRIES})"
    return kept


def _entry(name: str, value: Any, depth: int) -> Any:
    return "***" if any(word in name.lower() for word in _SECRETS) else _value(value, depth=depth + 1)


def _value(value: Any, *, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if _reads_alike(value) else _number_as_text(value)
    if depth <= _MAX_DEPTH and isinstance(value, Mapping):
        return _object(value, depth=depth)
    if depth <= _MAX_DEPTH and isinstance(value, list | tuple):
        return _list(list(value), depth=depth)
    return mask(one_line(str(value), limit=_MAX_STRING))


def _reads_alike(number: float) -> bool:
    if isinstance(number, int):
        return abs(number) <= _MAX_INTEGER
    return number == 0 or _FLOATS_FROM <= abs(number) < _FLOATS_TO


def _number_as_text(number: float) -> str:
    if isinstance(number, int) and number.bit_length() > 1024:  # Python refuses to print the longest ones
        return f"(integer of {number.bit_length()} bits)"
    return repr(number)


def _list(items: list[Any], *, depth: int) -> list[Any]:
    kept = [_value(item, depth=depth + 1) for item in items[:_MAX_ENTRIES]]
    if len(items) > _MAX_ENTRIES:
        kept.append(f"…(+{len(items) - _MAX_ENTRIES})")
    return kept
