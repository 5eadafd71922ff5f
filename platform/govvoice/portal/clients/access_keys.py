"""A client's access keys for the wires of others: issued and shown once, revoked at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access_keys import issue_access_key, revoke_access_key
from accounts.middleware import origin_of
from accounts.services import staff_actor
from govvoice.portal.clients.forms import LifetimeForm
from govvoice.portal.clients.views import detail_page, find
from govvoice.portal.pages import staff_of, staff_page


@staff_page("accounts.add_apikey")
@require_POST
def issue(request: HttpRequest, code: str) -> HttpResponse:
    """Answers with the page itself: no redirect could show the secret, for it is kept sealed."""
    form = LifetimeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请选择有效期后再签发密钥。"))
        return redirect("admin:client-detail", code)
    issued = issue_access_key(
        client=find(code),
        expires_at=form.expires_at,
        actor=staff_actor(staff_of(request)),
        origin=origin_of(request),
    )
    return detail_page(request, find(code), issued_pair=issued)


@staff_page("accounts.change_apikey")
@require_POST
def revoke(request: HttpRequest, code: str, key_id: str) -> HttpResponse:
    row = get_object_or_404(find(code).access_keys, key_id=key_id)
    revoke_access_key(row=row, actor=staff_actor(staff_of(request)), origin=origin_of(request))
    messages.success(request, _("AccessKey %(key)s 已吊销。") % {"key": key_id})
    return redirect("admin:client-detail", code)
