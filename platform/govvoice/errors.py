"""Django's own error pages: problem+json under /api, a short page in Chinese elsewhere."""

from __future__ import annotations

import sys

from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from audit.errors import AuditUnavailable
from govvoice.api.auth import caller_of
from govvoice.api.errors import internal_problem, not_found_problem
from govvoice.portal.refusals import record_refusal
from govvoice.problems import TITLES, Problem, problem_of, refuse


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, _bad_request_problem(exception))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, Problem(403, "forbidden", _("无权访问。")))


def form_from_elsewhere(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without this session's token: an old page, or somebody else's."""
    problem = Problem(403, "csrf_invalid", _("表单已失效，或来自其他网站。请刷新页面后重试。"))
    record_refusal(request, action="portal.refused", code=problem.code, status=problem.status)
    return _page(problem)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, not_found_problem())


def failed(request: HttpRequest) -> HttpResponse:
    """An error nobody caught; Django has logged it with its traceback.

    Pages leave it to us to say that evidence or the database is out of reach: it is the same for all.
    """
    error = sys.exception()
    later = problem_of(error) if isinstance(error, AuditUnavailable | DatabaseFailure) else None
    return _answer(request, later or internal_problem())


def _bad_request_problem(exception: Exception) -> Problem:
    return problem_of(exception) or Problem(400, "request_invalid", _("请求无法处理。"))


def _answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    if request.path.startswith("/api/") or request.path == "/api":
        return refuse(request, problem, actor=caller_of(request))
    return _page(problem)


def _page(problem: Problem) -> HttpResponse:
    # Without the request: its context asks for the session, which may be what just failed.
    page = render_to_string("errors/page.html", {"problem": problem, "title": TITLES[problem.status]})
    return HttpResponse(page, status=problem.status, headers=problem.headers)
