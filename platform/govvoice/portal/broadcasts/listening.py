"""Which sounds a reviewer has played to the end, kept with the session."""

from __future__ import annotations

from django.http import HttpRequest

_KEY = "heard"
_KEPT = 50


def mark_heard(request: HttpRequest, sha256: str) -> None:
    heard: list[str] = [known for known in request.session.get(_KEY, []) if known != sha256]
    request.session[_KEY] = [*heard, sha256][-_KEPT:]


def has_heard(request: HttpRequest, sha256: str) -> bool:
    return sha256 in request.session.get(_KEY, [])
