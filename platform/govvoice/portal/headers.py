"""What a browser is told about every answer: what it may load, and which of its powers pages may use."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class BrowserHeaders:
    """Permissions-Policy on every answer, and Clear-Site-Data on the one that ends a session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        match = request.resolver_match
        if match is not None and match.view_name == "admin:logout" and request.method == "POST":
            # The cache only: the session is flushed already, and the theme one chose may stay.
            response["Clear-Site-Data"] = '"cache"'
        return response
