"""Every request gets an id and the address it came from, before anything else looks at it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.certificates import shown_certificate
from accounts.networks import client_address, told_of_hops
from audit.parties import Origin, session_mark

REQUEST_ID_HEADER = "X-Request-Id"


class RequestOrigin:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        origin = origin_of(request)
        request.origin = origin  # type: ignore[attr-defined]
        response = self.get_response(request)
        response[REQUEST_ID_HEADER] = origin.request_id
        return response


def origin_of(request: HttpRequest) -> Origin:
    """Where the request came from; made once a request, then kept on it."""
    known: Origin | None = getattr(request, "origin", None)
    return known or _read_origin(request)


def proven(request: HttpRequest, *, method: str, session: str) -> None:
    """Notes how the caller proved who he is, and by which sitting, token or key: his events say so."""
    origin = replace(origin_of(request), auth_method=method, session=session_mark(session))
    request.origin = origin  # type: ignore[attr-defined]


def _read_origin(request: HttpRequest) -> Origin:
    address = client_address(request.META, trusted_proxies=settings.TRUSTED_PROXIES)
    shown = shown_certificate(
        request.META, header=settings.CLIENT_CERTIFICATE_HEADER, proxies=settings.TRUSTED_PROXIES
    )
    return Origin(
        address=str(address) if address else None,
        peer_address=request.META.get("REMOTE_ADDR") or None,
        forwarded_for=told_of_hops(request.META),
        user_agent=request.META.get("HTTP_USER_AGENT", ""),
        request_id=uuid.uuid4().hex,
        certificate=shown.fingerprint,
        notes={"certificate_ignored": shown.ignored} if shown.ignored else {},
    )
