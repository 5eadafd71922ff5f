"""The only body this door takes: a JSON object in UTF-8."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import Message
from typing import IO, Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from govvoice.api.bodies import promised_length, read_body
from govvoice.api.json_text import empty_body, parse_object
from govvoice.api.refusals import Refusal

MEDIA_TYPE = "application/json"
BODY_SECONDS = 10.0  # 64 KB take a slow line a second or two


class StrictJSONParser(BaseParser):
    media_type = MEDIA_TYPE

    def parse(
        self,
        stream: IO[Any] | HttpRequest,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The body's object. Raises Refusal (400, 408, 413, 415), or what `if_late` of the context does."""
        assert isinstance(stream, HttpRequest)  # noqa: S101  (StrictRequest sees to it)
        if promised_length(stream) == 0:  # before its type: who sends nothing rarely names one
            raise empty_body()
        _check_content_type(media_type or "")
        if_late = (parser_context or {}).get("if_late", _not_at_all)
        body = read_body(stream, limit=settings.API_BODY_LIMIT, seconds=BODY_SECONDS, if_late=if_late)
        return parse_object(body)


class StrictRequest(Request):
    """DRF takes a request without Content-Length for one without a body, and asks no parser about it.

    Here the parser always decides: an empty body is an error with a name, a chunked one is read.
    """

    def _load_stream(self) -> None:
        self._stream = self._request  # type: ignore[assignment]


def object_of(request: Request) -> dict[str, Any]:
    """What the body says. Raises Refusal: 400, 408, 413 or 415."""
    data = request.data
    assert isinstance(data, dict)  # noqa: S101  (StrictJSONParser makes nothing else)
    return data


def _not_at_all() -> None:
    """Its call has been counted already."""


def _check_content_type(content_type: str) -> None:
    parsed = Message()
    parsed["Content-Type"] = content_type
    # DRF has matched the type by then, but would let `*/*` pass.
    if parsed.get_content_type() != MEDIA_TYPE or not content_type.strip().lower().startswith(MEDIA_TYPE):
        raise unsupported()
    charset = str(parsed.get_param("charset", "utf-8")).strip().lower()
    if charset not in {"utf-8", "utf8"}:
        raise Refusal(415, "charset_unsupported", _("字符集只支持 utf-8。"))


def unsupported() -> Refusal:
    return Refusal(415, "media_type_unsupported", _("请求体的 Content-Type 应为 application/json。"))
