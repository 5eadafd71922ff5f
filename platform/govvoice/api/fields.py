"""Fields that take a JSON value as it is: nothing is turned into another type on the way in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import serializers

from govvoice.api.refusals import FieldRefused
from govvoice.api.text_rules import clean_text

VOICE = re.compile(r"[a-z0-9_-]{1,64}")  # as released voices are called: zhitian_emo
EMOTION = re.compile(r"[a-z0-9-]{1,16}")
CATEGORY = re.compile(r"[a-z0-9_-]{1,32}")
SESSION = re.compile(r"[!-~]{1,64}")
# Characters of SSML with all its tags: less than what fits into a body, more than anybody needs.
MARKUP_LIMIT = 50_000


def wrong_type(expected: str) -> FieldRefused:
    return FieldRefused("type", _("类型不对，应为%(expected)s。") % {"expected": expected})


def require_text(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong_type(_("字符串"))
    return value


class SpokenTextField(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        return clean_text(require_text(data), limit=settings.SPEECH_MAX_CHARACTERS)


class MarkupField(serializers.CharField):
    """SSML: as many signs again as tags need; how much of it is spoken is limited where it is read."""

    def to_internal_value(self, data: Any) -> str:
        return clean_text(require_text(data), limit=MARKUP_LIMIT)


class PlainField(serializers.CharField):
    """A string of some length that is compared with something we know, and not spoken."""

    def to_internal_value(self, data: Any) -> str:
        text = require_text(data)
        if not (self.min_length or 0) <= len(text) <= (self.max_length or len(text)):
            message = _("长度应为 %(low)d 到 %(high)d 个字符。") % {
                "low": self.min_length,
                "high": self.max_length,
            }
            raise FieldRefused("length", message, limit=self.max_length, length=len(text))
        return text


class NumberField(serializers.FloatField):
    """A JSON number from `min_value` to `max_value`; anything else in range is refused with `code`."""

    def __init__(self, *, code: str, low: float, high: float, **kwargs: Any) -> None:
        super().__init__(min_value=low, max_value=high, **kwargs)
        self.code, self.low, self.high = code, low, high

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            raise wrong_type(_("数字"))
        if not self.low <= data <= self.high:
            raise _out_of_range(self.code, self.low, self.high)
        return float(data)


class WholeNumberField(serializers.IntegerField):
    """A JSON integer from `low` to `high`."""

    def __init__(self, *, code: str, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(min_value=low, max_value=high, **kwargs)
        self.code, self.low, self.high = code, low, high

    def to_internal_value(self, data: Any) -> int:
        number = _require_integer(data)
        if not self.low <= number <= self.high:
            raise _out_of_range(self.code, self.low, self.high)
        return number


class OneOfField(serializers.ChoiceField):
    """One of a few words or numbers, of exactly their type; others are refused with `code`."""

    def __init__(self, *, code: str, options: Iterable[Any], **kwargs: Any) -> None:
        self.options = tuple(options)
        super().__init__(choices=self.options, **kwargs)
        self.code = code

    def to_internal_value(self, data: Any) -> Any:
        value = require_text(data) if isinstance(self.options[0], str) else _require_integer(data)
        if value not in self.options:
            listed = "、".join(map(str, self.options))
            raise FieldRefused(self.code, _("取值应为以下之一：%(options)s。") % {"options": listed})
        return value


class CodeField(serializers.CharField):
    """The code of something in a catalogue. One that no catalogue can hold is as unknown as any other."""

    def __init__(self, *, pattern: re.Pattern[str], code: str, message: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pattern, self.code, self.message = pattern, code, message

    def to_internal_value(self, data: Any) -> str:
        if not self.pattern.fullmatch(require_text(data)):
            raise FieldRefused(self.code, str(self.message))
        return str(data)


def _require_integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(_("整数"))
    return value


def _out_of_range(code: str, low: float, high: float) -> FieldRefused:
    return FieldRefused(code, _("取值范围是 %(low)g 到 %(high)g。") % {"low": low, "high": high})
