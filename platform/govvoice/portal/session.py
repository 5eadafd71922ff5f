"""How long the sitting still lasts, and "go on": a time limit must be extensible (WCAG 2.2.1)."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_http_methods

from accounts import sittings
from govvoice.portal.pages import staff_page


@staff_page()
@require_http_methods(["GET", "HEAD", "POST"])
def session(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        sittings.touch(request.session)
    return JsonResponse({"seconds": sittings.seconds_left(request.session)})
