"""A client's tokens that are out: one of them ended, or all."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.middleware import origin_of
from accounts.services import staff_actor
from accounts.tokens import claims_of, revoke_token, revoke_tokens, standing_tokens
from govvoice.portal.clients.views import find
from govvoice.portal.pages import staff_of, staff_page


@staff_page("accounts.change_apikey")
@require_POST
def revoke(request: HttpRequest, code: str, jti: str) -> HttpResponse:
    row = get_object_or_404(standing_tokens(find(code)).select_related("client"), jti=jti)
    revoke_token(claims=claims_of(row), actor=staff_actor(staff_of(request)), origin=origin_of(request))
    messages.success(request, _("令牌 %(jti)s… 已吊销，1 秒内在所有进程失效。") % {"jti": jti[:8]})
    return redirect("admin:client-detail", code)


@staff_page("accounts.change_apikey")
@require_POST
def revoke_all(request: HttpRequest, code: str) -> HttpResponse:
    count = revoke_tokens(client=find(code), actor=staff_actor(staff_of(request)), origin=origin_of(request))
    messages.success(request, _("已吊销 %(count)d 个令牌，1 秒内在所有进程失效。") % {"count": count})
    return redirect("admin:client-detail", code)
