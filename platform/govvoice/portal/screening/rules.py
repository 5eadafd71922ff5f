"""A rule as staff write it into the form, turned into what lists hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from synthesis.screening.documents import Pattern

_LISTED = re.compile(r"[、，,；;\s]+")
_DAY = re.compile(r"(\d{1,2})(?:-|/|月)(\d{1,2})日?")


def rule_from(posted: dict[str, Any]) -> Pattern:
    """Raises ValidationError by the form's fields."""
    value = posted["value"].strip()
    read = _READERS.get(posted["kind"], _nothing)
    return Pattern(posted["kind"], read(value), posted["level"], posted["reason"])


def _nothing(value: str) -> dict[str, Any]:
    if value:
        raise _refused(_("这种规则不必填写内容。"))
    return {}


def _pattern(value: str) -> dict[str, Any]:
    if not value:
        raise _refused(_("请填写正则表达式。"))
    return {"pattern": value}


def _number(value: str) -> dict[str, Any]:
    if value and not (value.isascii() and value.isdigit()):
        raise _refused(_("请填写从几位数字起，例如 8；留空为 8。"))
    return {"length": int(value[:3])} if value else {}


def _name_title(value: str) -> dict[str, Any]:
    name, _colon, titles = value.replace(":", "：").partition("：")
    if not name.strip() or not titles.strip():
        raise _refused(_("请写成“姓名：正确职务、正确职务”。"))
    return {"name": name.strip(), "titles": _items(titles)}


def _event_date(value: str) -> dict[str, Any]:
    lines = [line for line in value.splitlines() if line.strip()]
    days = [_DAY.fullmatch(day) for day in _items(lines[1])] if len(lines) == 2 else []
    if not days or None in days:
        raise _refused(_("第一行写事件用语，第二行写日期（如 6月30日、10-01），都用顿号分隔。"))
    dates = [f"{int(day[1]):02}-{int(day[2]):02}" for day in days if day]
    return {"words": _items(lines[0]), "dates": dates}


def _items(text: str) -> list[str]:
    return [item for item in _LISTED.split(text.strip()) if item]


def _refused(message: str) -> ValidationError:
    return ValidationError({"value": ValidationError(message, code="rule_invalid")})


_READERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "pattern": _pattern,
    "number": _number,
    "name_title": _name_title,
    "event_date": _event_date,
}
