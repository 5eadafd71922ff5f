"""Reads what the desk's script posts, strictly: a body that is not exactly right is refused by field."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from govvoice.broadcasts.models import Channel
from govvoice.portal.desk.errors import RequestRefused
from govvoice.portal.desk.forms import SPOKEN, SpokenForm
from govvoice.problems import FieldProblem, Problem
from synthesis.spec import SpeechSpec

CATEGORY_LONGEST = 32
BODY_LIMIT = 16 * 1024  # bytes; 500 characters written as JSON escapes are 6,000
_NUMBERS = frozenset({"intensity", "rate", "pitch", "volume"})


def read_spec(body: dict[str, Any]) -> SpeechSpec:
    """A body as a spec. Raises RequestRefused (422)."""
    _check_fields(body)
    form = SpokenForm(body)
    if not form.is_valid():
        raise unfit(
            [_problem(name, error) for name, errors in form.errors.as_data().items() for error in errors]
        )
    return SpeechSpec(**form.cleaned_data, strict=True)


def read_channels(body: dict[str, Any]) -> list[str]:
    """Takes the channels out of the body: whose readings hold, in the order in which a broadcast has them.

    Raises RequestRefused (422).
    """
    codes = body.pop("channels", [])
    if not isinstance(codes, list) or not all(isinstance(code, str) and "\0" not in code for code in codes):
        raise unfit([FieldProblem("channels", "wrong_type", _("渠道格式不对。"))])
    found = list(Channel.objects.filter(code__in=codes).values_list("code", flat=True))
    if unknown := sorted(set(codes) - set(found)):
        message = _("没有渠道“%(value)s”，请刷新页面后重新选择。") % {"value": unknown[0][:64]}
        raise unfit([FieldProblem("channels", "channel_unknown", message)])
    return found


def read_category(body: dict[str, Any]) -> str:
    """Takes the broadcast's category out of the body, empty where there is none. Raises RequestRefused."""
    code = body.pop("category", "")
    if not isinstance(code, str) or len(code) > CATEGORY_LONGEST or "\0" in code:
        raise unfit([FieldProblem("category", "wrong_type", _("播报类别的格式不对。"))])
    return code


def read_object(request: HttpRequest) -> dict[str, Any]:
    """The request's body as a JSON object. Raises RequestRefused (400, 413, 415)."""
    if request.content_type != "application/json":
        raise _refused(415, "content_type", _("请求须为 JSON（application/json）。"))
    if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_LIMIT:
        raise _refused(413, "body_too_large", _("请求内容过大。"))
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise _refused(400, "json_broken", _("请求不是有效的 JSON。")) from None
    if not isinstance(body, dict):
        raise _refused(400, "json_broken", _("请求须为一个 JSON 对象。"))
    return body


def _check_fields(body: dict[str, Any]) -> None:
    """Names and types: forms would take "1" for 1 and pass over a field they do not know."""
    unknown = [
        FieldProblem(name[:64], "unknown_field", _("没有名为“%(name)s”的字段。") % {"name": name[:64]})
        for name in body
        if name not in SPOKEN
    ]
    wrong = [
        FieldProblem(
            name, "wrong_type", _("%(label)s的类型不对。") % {"label": SpokenForm.base_fields[name].label}
        )
        for name, value in body.items()
        if name in SPOKEN and not _is_typed(name, value)
    ]
    if unknown or wrong:
        raise unfit(unknown + wrong)


def _is_typed(name: str, value: Any) -> bool:
    if name in _NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def _problem(name: str, error: ValidationError) -> FieldProblem:
    return FieldProblem(name, error.code or "invalid", " ".join(error.messages))


def unfit(errors: list[FieldProblem]) -> RequestRefused:
    """Fields that are not as they should be, the first of them in the headline."""
    return RequestRefused(Problem(422, errors[0].code, errors[0].message, tuple(errors)))


def _refused(status: int, code: str, detail: str) -> RequestRefused:
    return RequestRefused(Problem(status, code, detail))
