"""While nobody seals the log, staff may look and change nothing. Hotlines go on: their events are written."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse

from accounts.models import Staff
from audit.watch import sealing
from govvoice.portal.gate import ALWAYS_OPEN, BeforeThePortal
from govvoice.portal.refusals import record_refusal, refusal

SAFE = {"GET", "HEAD", "OPTIONS"}
STILL_OPEN = ALWAYS_OPEN | {"session"}


class ReadOnly(BeforeThePortal):
    """Asked anew at each change, so that the portal is itself again as soon as sealing is."""

    def before(self, request: HttpRequest, route: str) -> HttpResponseBase | None:
        if request.method in SAFE or route in STILL_OPEN:
            return None
        if not isinstance(request.user, Staff) or not sealing().has_stopped:
            return None
        record_refusal(request, action="portal.refused", code="sealing_stopped", status=503)
        return cast(TemplateResponse, refusal(request, 503, page="sealing")).render()
