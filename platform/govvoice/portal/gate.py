"""Between the login and every page: is this still the same sitting, from the right place, fully proven?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts import factors, passwords, policy, sittings
from accounts.middleware import origin_of, proven
from accounts.models import Staff
from accounts.services import staff_actor
from audit.services import record
from govvoice.portal.refusals import record_refusal, refusal

# Pages that ask by themselves: they keep nobody's session alive.
PASSIVE = {"alarms", "broadcast-status", "session"}
# Where one gets to whatever else is missing.
ALWAYS_OPEN = {"login", "logout"}
ENROLMENT = {"factors", "factor-code", "factor-options", "factor-passkey", "session"}

ENDED = {
    "idle": _("您已较长时间没有操作，为安全起见已退出登录，请重新登录。"),
    "long": _("本次登录已达到最长时间，请重新登录。"),
    "elsewhere": _("本次登录已结束：该账号在别处登录，或账号、密码、角色已变更。"),
}


class BeforeThePortal:
    """The frame of a middleware that asks before a view of the portal runs; other doors it lets through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        if match is None or match.url_name is None or "admin" not in match.namespaces:
            return None
        return self.before(request, match.url_name)

    def before(self, request: HttpRequest, route: str) -> HttpResponseBase | None:
        """What is answered instead of the view; `route` is the portal's name of the page asked for."""
        raise NotImplementedError


class Gate(BeforeThePortal):
    def before(self, request: HttpRequest, route: str) -> HttpResponseBase | None:
        if not isinstance(request.user, Staff):
            return None
        method, sitting = sittings.proof(request.session)
        proven(request, method=method, session=sitting)
        if not _still_sits(request, request.user):
            return None  # the view now sees a stranger, and sends him to the login page
        if route not in PASSIVE:
            sittings.touch(request.session)
        return None if route in ALWAYS_OPEN else _detour(request, request.user, route)


def _still_sits(request: HttpRequest, staff: Staff) -> bool:
    why = sittings.ended(request.session, staff)
    if why is None:
        return True
    with transaction.atomic():
        record(action="auth.ended", actor=staff_actor(staff), origin=origin_of(request), code=why)
    _forget(request)
    messages.warning(request, ENDED[why])
    return False


def _forget(request: HttpRequest) -> None:
    request.session.flush()
    request.user = AnonymousUser()


def _detour(request: HttpRequest, staff: Staff, route: str) -> HttpResponseBase | None:
    """Where the request has to go first, or None when nothing is in its way."""
    if not policy.may_come_from(staff=staff, address=origin_of(request).address):
        record_refusal(request, action="portal.refused", code="network_refused", status=403)
        _forget(request)
        return refusal(request, 403, page="network")
    if passwords.needs_change(staff) and route != "password_change":
        return redirect("admin:password_change")
    if factors.is_missing(staff) and route not in {"password_change", *ENROLMENT}:
        return redirect("admin:factors")
    return None
