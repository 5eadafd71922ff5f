"""Strict JSON: what RFC 8259 leaves open is refused, and nothing is read twice in two ways."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from govvoice.api.refusals import Refusal, printable

MAX_DEPTH = 16
MAX_KEYS = 256
MAX_DIGITS = 32

# Possessive, so that no input makes it go back: the scan is linear. A string that never ends is one string.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}:]', re.DOTALL)
_BOM = b"\xef\xbb\xbf"


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`. Raises Refusal, status 400."""
    text = _decode(body)
    _check_shape(text)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Refusal(
            400,
            "json_invalid",
            _("JSON 格式有误：第 %(line)d 行第 %(column)d 列附近。")
            % {"line": error.lineno, "column": error.colno},
        ) from error
    if not isinstance(value, dict):
        raise Refusal(400, "json_not_object", _("请求体最外层应为 JSON 对象。"))
    return value


def _decode(body: bytes) -> str:
    if not body.strip():
        raise empty_body()
    if body.startswith(_BOM):
        raise Refusal(400, "encoding_invalid", _("请求体应为不带 BOM 的 UTF-8。"))
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(
            400,
            "encoding_invalid",
            _("请求体不是有效的 UTF-8（第 %(place)d 个字节）。") % {"place": error.start + 1},
        ) from error
    if "\0" in text:  # UTF-16 and UTF-32 without a mark are full of them; JSON never holds one
        raise Refusal(400, "encoding_invalid", _("请求体应为 UTF-8，不能是 UTF-16 或 UTF-32。"))
    return text


def empty_body() -> Refusal:
    return Refusal(400, "body_empty", _("请求体为空。"))


def _check_shape(text: str) -> None:
    """Depth and size first: the decoder recurses, and hashes every key."""
    depth = keys = 0
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        elif sign == ":":
            keys += 1
        if depth > MAX_DEPTH:
            raise Refusal(400, "json_too_deep", _("JSON 嵌套超过 %(limit)d 层。") % {"limit": MAX_DEPTH})
        if keys > MAX_KEYS:
            raise Refusal(400, "json_too_many_keys", _("JSON 键超过 %(limit)d 个。") % {"limit": MAX_KEYS})


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Refusal(400, "json_duplicate_key", _("JSON 键重复：%(name)s。") % {"name": printable(name)})
        found[name] = value
    return found


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        raise Refusal(400, "number_too_long", _("整数超过 %(limit)d 位。") % {"limit": MAX_DIGITS})
    return int(digits)


def _fraction(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise Refusal(400, "number_out_of_range", _("数值超出可表示的范围。"))
    return value


def _constant(name: str) -> NoReturn:
    raise Refusal(400, "number_not_finite", _("JSON 不允许 %(name)s。") % {"name": name})


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_fraction, parse_constant=_constant
)
