"""A client's keys: issued and shown once, revoked at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.middleware import origin_of
from accounts.services import issue_key, revoke_key, staff_actor
from govvoice.portal.clients.forms import KeyForm
from govvoice.portal.clients.views import detail_page, find
from govvoice.portal.pages import staff_of, staff_page


@staff_page("accounts.add_apikey")
@require_POST
def issue(request: HttpRequest, code: str) -> HttpResponse:
    """Answers with the page itself: no redirect could show the key, for it is kept nowhere."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请选择有效期后再签发密钥。"))
        return redirect("admin:client-detail", code)
    issued = issue_key(
        client=find(code),
        expires_at=form.expires_at,
        kind=form.issued_kind,
        actor=staff_actor(staff_of(request)),
        origin=origin_of(request),
    )
    return detail_page(request, find(code), issued=issued)


@staff_page("accounts.change_apikey")
@require_POST
def revoke(request: HttpRequest, code: str, prefix: str) -> HttpResponse:
    row = get_object_or_404(find(code).keys, prefix=prefix)
    revoke_key(row=row, actor=staff_actor(staff_of(request)), origin=origin_of(request))
    messages.success(request, _("密钥 %(prefix)s… 已吊销，使用它的调用立即被拒绝。") % {"prefix": prefix})
    return redirect("admin:client-detail", code)
