"""What a text may be made of, before anybody reads it. Positions count code points from 0."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from govvoice.api.refusals import FieldRefused

MAX_COMBINING = 8
# Compatibility forms unfold (U+FDFA into 18 characters); an ordinary text with … or ㎡ must still pass.
MAX_UNFOLDING = 2

_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LINE_SIGNS = frozenset("\t\n\r")
# Beyond this Python's Unicode tables, but set aside by the standard: planes 2 and 3 for Han, and for emoji.
_LATER = re.compile("[\U00020000-\U0003fffd\U0001f000-\U0001faff]")


def clean_text(text: str, *, limit: int) -> str:
    """The text in NFC. Raises FieldRefused."""
    _refuse_characters(text)
    _refuse_combining_runs(text)
    if not any(map(_shows, text)):
        raise FieldRefused("text_empty", _("文本为空。"))
    composed = _composed(text)
    _refuse_length(len(composed), limit)
    # Only now, so that a huge text is not unfolded first.
    _refuse_length(len(unicodedata.normalize("NFKC", composed)), limit * MAX_UNFOLDING)
    return composed


def count_characters(text: str) -> int:
    """What a text counts against limits of characters, before and after it was cleaned."""
    return len(_composed(text))


def plain_characters(said: Mapping[str, Any]) -> int:
    """What a request's body will count, when that can be told without work: 0 for SSML, and for nonsense.

    A text of any length is not composed here: that could take long.
    """
    text = said.get("text")
    if "ssml" in said or not isinstance(text, str) or len(text) > settings.SPEECH_MAX_CHARACTERS:
        return 0
    return count_characters(text)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _refuse_characters(text: str) -> None:
    if bidi := _BIDI.search(text):
        raise FieldRefused(
            "text_bidi_control",
            _("第 %(place)d 个字符是文字方向控制符，不能使用。") % {"place": bidi.start() + 1},
            position=bidi.start(),
        )
    for position, character in enumerate(text):
        if not _is_allowed(character):
            raise FieldRefused(
                "text_invalid_character",
                _("第 %(place)d 个字符 U+%(code)04X 不能使用。")
                % {"place": position + 1, "code": ord(character)},
                position=position,
            )


def _is_allowed(character: str) -> bool:
    category = unicodedata.category(character)
    if category == "Cn":
        return _LATER.fullmatch(character) is not None and ord(character) & 0xFFFE != 0xFFFE
    return category not in {"Cc", "Cs", "Co"} or character in _LINE_SIGNS


def _refuse_combining_runs(text: str) -> None:
    run = 0
    for position, character in enumerate(text):
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MAX_COMBINING:
            raise FieldRefused(
                "text_combining_run",
                _("第 %(place)d 个字符处叠加符号超过 %(limit)d 个。")
                % {"place": position + 1, "limit": MAX_COMBINING},
                position=position,
            )


def _shows(character: str) -> bool:
    """Anything but space and what shows nothing (zero-width signs, variation selectors)."""
    return not character.isspace() and unicodedata.category(character) not in {"Cf", "Mn", "Me"}


def _refuse_length(length: int, limit: int) -> None:
    if length > limit:
        raise FieldRefused(
            "text_too_long",
            _("文本共 %(length)d 个字符，超过上限 %(limit)d。") % {"length": length, "limit": limit},
            limit=limit,
            length=length,
        )
