"""What Django itself refuses: problem+json under /api, a short page elsewhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from audit.parties import ANONYMOUS
from govvoice.problems import TITLES, Problem, refuse


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 400, "bad_request")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, "forbidden")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, "not_found")


def failed(request: HttpRequest) -> HttpResponse:
    return _answer(request, 503, "internal_error")


def _answer(request: HttpRequest, status: int, code: str) -> HttpResponse:
    title = str(TITLES[status])
    if request.path.startswith("/api/"):
        return refuse(request, Problem(status, code, title), actor=ANONYMOUS)
    return render(request, "errors/page.html", {"title": title, "status": status}, status=status)
