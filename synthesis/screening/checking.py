"""What staff write into a list, checked and explained where it is wrong."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from synthesis.screening.documents import Pattern, Word, form_of
from synthesis.screening.rules import RuleRefused, finder_of
from synthesis.screening.verdicts import Level, Options, Rule

LONGEST = 64
_NOTE = 200
_LEVELS = {level.value for level in Level}


def check_word(word: Word) -> None:
    """Raises ValidationError by the field that is wrong."""
    _check_text(word.text, "text")
    if word.level and word.level not in _LEVELS:
        raise _refused("level", "level_unknown", _("没有这种处理方式：%(level)s。") % {"level": word.level})
    if word.since and word.until and word.until < word.since:
        raise _refused("until", "dates_reversed", _("失效日期不能早于生效日期。"))
    if form_of(word.text) in form_of(word.substitute):
        raise _refused("substitute", "substitute_says_it", _("替换文本中仍含有这个词。"))
    for name in ("substitute", "reason", "basis"):
        _check_note(getattr(word, name), name)


def check_allowed(text: str) -> None:
    """Raises ValidationError."""
    _check_text(text, "allowed")


def check_options(options: Mapping[str, Any]) -> None:
    """Raises ValidationError unless these are names and values of verdicts.Options."""
    kinds = {one.name: type(one.default) for one in fields(Options)}
    for name, value in options.items():
        if type(value) is not kinds.get(name):
            raise _refused("options", "option_unknown", _("没有这种变形识别：%(name)s。") % {"name": name})


def check_rule(rule: Pattern) -> None:
    """Raises ValidationError."""
    if rule.level and rule.level not in _LEVELS:
        raise _refused("level", "level_unknown", _("没有这种处理方式：%(level)s。") % {"level": rule.level})
    _check_note(rule.reason, "reason")
    try:
        finder_of(Rule("", "", rule.kind, parameters=dict(rule.parameters)))  # type: ignore[arg-type]
    except RuleRefused as refused:
        message = _("规则无法使用：%(reason)s") % {"reason": refused.reason}
        raise _refused("rules", "rule_invalid", message) from refused


def _check_text(text: str, field: str) -> None:
    if not text.strip() or not any(map(_shows, text)):
        raise _refused(field, "text_required", _("请填写词语。"))
    if len(text) > LONGEST:
        raise _refused(
            field,
            "text_too_long",
            _("“%(text)s…”超过 %(limit)d 个字。") % {"text": text[:8], "limit": LONGEST},
        )
    if not text.isprintable():
        raise _refused(field, "text_invalid_character", _("含有不能使用的控制字符。"))


def _check_note(text: str, field: str) -> None:
    if len(text) > _NOTE:
        raise _refused(field, "text_too_long", _("最多 %(limit)d 个字。") % {"limit": _NOTE})
    if not text.isprintable():
        raise _refused(field, "text_invalid_character", _("含有不能使用的控制字符。"))


def _shows(sign: str) -> bool:
    return not sign.isspace() and unicodedata.category(sign) not in {"Cf", "Mn", "Cc"}


def _refused(field: str, code: str, message: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})
