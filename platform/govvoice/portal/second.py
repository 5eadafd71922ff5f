"""The second step of the way in: a code, or a passkey. Until then nobody is logged in."""

from __future__ import annotations

import time
from ipaddress import ip_address
from typing import Any, cast
from urllib.parse import urlsplit

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib import admin
from django.contrib.auth import login, user_login_failed
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import factors, passkeys
from accounts.errors import CodeWrong, PasskeyWrong
from accounts.models import Staff
from accounts.passkeys import Site

SECONDS = 300
BACKEND = "django.contrib.auth.backends.ModelBackend"
_WAITING = "second_step"
_CHALLENGE = "second_challenge"


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("验证码"),
        max_length=32,
        error_messages={"required": gettext_lazy("请填写此项。")},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "text",
                "autofocus": True,
                "class": "gv-code",
            }
        ),
    )


def begin(request: HttpRequest, staff: Staff, *, next_url: str) -> None:
    """Notes who has given the right password; his account is still closed to this browser."""
    request.session.cycle_key()
    request.session[_WAITING] = {
        "staff": staff.pk,
        "since": int(time.time()),
        "next": next_url,
        "hash": staff.get_session_auth_hash(),  # a password changed meanwhile begins anew
    }


def waiting(request: HttpRequest) -> Staff | None:
    """Who has given his password here in the last five minutes."""
    told = request.session.get(_WAITING)
    if told is None or time.time() - told["since"] > SECONDS:
        return None
    staff = (
        Staff.objects.select_related("role", "organisation").filter(pk=told["staff"], is_active=True).first()
    )
    return staff if staff and staff.get_session_auth_hash() == told["hash"] else None


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def second(request: HttpRequest) -> HttpResponseBase:
    staff = waiting(request)
    if staff is None:
        return redirect("admin:login")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        method = _is_allowed(request, staff) and factors.check_code(
            staff=staff, code=form.cleaned_data["code"]
        )
        if method:
            return redirect(_enter(request, staff, f"password+{method}"))
        _failed(request, staff, "code")
        form.add_error("code", str(CodeWrong.message))
    return _page(request, staff, form)


@never_cache
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    staff = waiting(request)
    if staff is None:
        return JsonResponse({"login": reverse("admin:login")}, status=403)
    question = passkeys.ask_for(staff=staff, site=site_of(request))
    request.session[_CHALLENGE] = question.challenge
    return JsonResponse(question.options)


@never_cache
@require_POST
def passkey(request: HttpRequest) -> HttpResponseBase:
    staff = waiting(request)
    if staff is None:
        return redirect("admin:login")
    challenge, answer = request.session.pop(_CHALLENGE, ""), request.POST.get("answer", "")
    try:
        if not _is_allowed(request, staff):
            raise PasskeyWrong
        passkeys.check(staff=staff, answer=answer, challenge=challenge, site=site_of(request))
    except PasskeyWrong as wrong:
        _failed(request, staff, "passkey")
        form = CodeForm({"code": ""})
        form.errors["code"] = form.error_class([str(wrong.message)])
        return _page(request, staff, form)
    return redirect(_enter(request, staff, "password+passkey"))


def site_of(request: HttpRequest) -> Site:
    """The portal as this browser addresses it; ALLOWED_HOSTS has bounded what that can be."""
    url = f"{request.scheme}://{request.get_host()}"
    return Site(host=urlsplit(url).hostname or "", url=url)


def takes_passkeys(request: HttpRequest) -> bool:
    """Browsers offer WebAuthn to names, not to bare addresses, and over HTTPS or on this machine only."""
    host = site_of(request).host
    try:
        ip_address(host)
    except ValueError:
        return request.is_secure() or host == "localhost"
    return False


def _is_allowed(request: HttpRequest, staff: Staff) -> bool:
    """Whether the account is not locked; guessed codes count as failed logins."""
    allowed = AxesProxyHandler.is_allowed(request, {"username": staff.username})
    if not allowed:
        request.axes_locked_out = True  # type: ignore[attr-defined]  # axes answers with the locked page
    return bool(allowed)


def _failed(request: HttpRequest, staff: Staff, factor: str) -> None:
    credentials = {"username": staff.username, "factor": factor}
    user_login_failed.send(sender=__name__, credentials=credentials, request=request)


def _enter(request: HttpRequest, staff: Staff, method: str) -> str:
    """Logs in, and says where to."""
    next_url = request.session.pop(_WAITING)["next"]
    request.proven_by = method  # type: ignore[attr-defined]  # for the line of evidence
    login(request, staff, backend=BACKEND)
    return cast(str, next_url)


def _page(request: HttpRequest, staff: Staff, form: CodeForm) -> TemplateResponse:
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("第二步验证"),
        "form": form,
        "has_code": staff.authenticators.exists(),
        "has_passkey": staff.passkeys.exists() and takes_passkeys(request),
    }
    return TemplateResponse(request, "portal/factors/second.html", context)
