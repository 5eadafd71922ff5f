"""Reads a request's body: never more than the limit, and no longer than a caller may take."""

from __future__ import annotations

import threading
from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from govvoice.api.refusals import Refusal

PIECE = 16 * 1024
SHORT = 8 * 1024  # more than the longest plain text needs, every character of it escaped
AT_ONCE_SECONDS = 0.05


def read_body(request: HttpRequest, *, limit: int, seconds: float, if_late: Callable[[], None]) -> bytes:
    """The whole body, of at most `limit` bytes. Raises Refusal: 400, 408, 413 or 415.

    `if_late` is asked, once or twice, before a body is waited for that is not short or not there at once; it
    may raise.
    """
    _check_encoding(request)
    promised = promised_length(request)
    if promised is not None and promised > limit:
        raise _too_large(limit)
    if promised is None or promised > SHORT:
        if_late()
    source = request.META["wsgi.input"] if promised is None else request
    body = _Reading(source.read, most=limit + 1 if promised is None else promised).result(seconds, if_late)
    if len(body) > limit:
        raise _too_large(limit)
    if len(body) < (promised or 0):
        raise Refusal(400, "body_incomplete", _("请求体比 Content-Length 声明的短。"))
    return body


class _Reading:
    """A read on a thread of its own: a WSGI server's read blocks until the caller sends, if he ever does.

    The thread outlives a caller who is told 408 only until the server closes his connection.
    """

    def __init__(self, read: Callable[[int], bytes], *, most: int) -> None:
        self._read = read
        self._most = most
        self._body = BytesIO()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True, name="body")

    def result(self, seconds: float, if_late: Callable[[], None]) -> bytes:
        self._thread.start()
        self._thread.join(AT_ONCE_SECONDS)
        if self._thread.is_alive():
            _ask(if_late)
        self._thread.join(seconds)
        if self._thread.is_alive():
            raise Refusal(
                408,
                "body_too_slow",
                _("请求体未在 %(seconds)g 秒内传完。") % {"seconds": seconds},
                headers={"Connection": "close"},
            )
        if self._failure is not None:
            raise Refusal(400, "body_incomplete", _("请求体传输中断。")) from self._failure
        return self._body.getvalue()

    def _run(self) -> None:
        try:
            while (missing := self._most - self._body.tell()) > 0:
                piece = self._read(min(PIECE, missing))
                if not piece:
                    return
                self._body.write(piece)
        except Exception as error:  # whatever the server throws here, the body is not whole
            self._failure = error


def _ask(if_late: Callable[[], None]) -> None:
    try:
        if_late()
    except Refusal as refusal:  # the thread reads on until the server closes the connection
        refusal.problem.headers["Connection"] = "close"
        raise


def _check_encoding(request: HttpRequest) -> None:
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding not in {"", "identity"}:
        raise Refusal(415, "content_encoding_unsupported", _("不接受压缩的请求体（Content-Encoding）。"))


def promised_length(request: HttpRequest) -> int | None:
    """Content-Length; None for a chunked body, which has none. Raises Refusal 400."""
    coding = request.META.get("HTTP_TRANSFER_ENCODING", "").strip().lower()
    if coding == "chunked":
        return None
    if coding:  # the server undoes the chunks only: what is below them would be taken for the body
        raise Refusal(400, "transfer_encoding_invalid", _("Transfer-Encoding 只支持 chunked。"))
    given: Any = request.META.get("CONTENT_LENGTH") or "0"
    if not (str(given).isascii() and str(given).isdigit()):
        raise Refusal(400, "content_length_invalid", _("Content-Length 不是非负整数。"))
    return int(given)


def _too_large(limit: int) -> Refusal:
    # The rest stays unread, so the connection cannot serve another request.
    return Refusal(413, "body_too_large", _("请求体超过 %(limit)d 字节。") % {"limit": limit})
