"""What staff see who may not go on: a plain page inside the shell; and a line of evidence."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts import lockout
from accounts.middleware import origin_of
from accounts.models import Staff
from accounts.policy import current
from accounts.services import staff_actor
from audit.parties import ANONYMOUS
from audit.services import record

View = Callable[..., HttpResponse]

TITLES = {
    "403": _("无权查看此页面"),
    "404": _("没有找到此页面"),
    "405": _("此网址不能直接打开"),
    "429": _("操作过于频繁"),
    "locked": _("登录已锁定"),
    "network": _("不能从当前地址登录"),
    "sealing": _("审计封存中断，门户暂时只读"),
}


def with_refusals(view: View) -> View:
    """The view, its 403, 404 and 405 answered as pages of the portal."""

    @wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer = view(request, *args, **kwargs)
        except PermissionDenied:
            record_refusal(request, action="portal.refused", code="forbidden", status=403)
            return refusal(request, 403)
        except Http404:
            return refusal(request, 404)
        if not isinstance(answer, HttpResponseNotAllowed):
            return answer
        # Somebody has opened the address of a button: out of the history, or after he had to log in again.
        explained = refusal(request, 405)
        explained["Allow"] = answer["Allow"]
        return explained

    return answering


def refusal(request: HttpRequest, status: int, *, page: str = "", **more: Any) -> HttpResponse:
    """The page of that name, or the status's own, with the status."""
    name = page or str(status)
    context = {**admin.site.each_context(request), "title": TITLES[name], **more}
    return TemplateResponse(request, f"portal/errors/{name}.html", context, status=status)


def locked_out(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any]) -> HttpResponse:
    """The answer to a login that axes has locked, right password or not, known name or not."""
    record_refusal(
        request,
        action="auth.locked",
        code="locked",
        status=403,
        username=lockout.name_of(request, credentials),
    )
    answer = refusal(request, 403, page="locked", minutes=current().lock_minutes)
    return cast(TemplateResponse, answer).render()


def record_refusal(request: HttpRequest, *, action: str, code: str, status: int, **details: str) -> None:
    staff = request.user
    with transaction.atomic():
        record(
            action=action,
            outcome="refused",
            actor=staff_actor(staff) if isinstance(staff, Staff) else ANONYMOUS,
            origin=origin_of(request),
            code=code,
            status=status,
            details={"method": request.method or "", "path": request.path[:200], **details},
        )
