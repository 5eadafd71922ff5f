"""While nobody seals the log, staff may look and change nothing. Hotlines go on: their events are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse

from accounts.models import Staff
from audit.watch import sealing
from govvoice.portal.gate import ALWAYS_OPEN, route_of
from govvoice.portal.refusals import record_refusal, refusal

SAFE = {"GET", "HEAD", "OPTIONS"}
STILL_OPEN = ALWAYS_OPEN | {"session"}


class ReadOnly:
    """Middleware; asked anew at each change, so that the portal is itself again as soon as sealing is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        route = route_of(request)
        if request.method in SAFE or route is None or route in STILL_OPEN:
            return None
        if not isinstance(request.user, Staff) or not sealing().has_stopped:
            return None
        record_refusal(request, action="portal.refused", code="sealing_stopped", status=503)
        return cast(TemplateResponse, refusal(request, 503, page="sealing")).render()
