"""Where a client is told what it waits for: set, with a signing secret that is shown once, and removed."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.middleware import origin_of
from accounts.models import Client
from accounts.services import client_target, staff_actor
from accounts.webhooks import remove_webhook, set_webhook
from govvoice.portal.clients.forms import WebhookForm
from govvoice.portal.clients.views import CHANGE, detail_page, find
from govvoice.portal.pages import staff_of, staff_page
from govvoice.portal.steps import attempt


@staff_page(CHANGE)
@require_POST
def set_up(request: HttpRequest, code: str) -> HttpResponse:
    """Answers with the page itself: no redirect could show the secret, for it is kept sealed."""
    client, form = find(code), WebhookForm(request.POST)
    secrets: list[str] = []
    problem = attempt(
        request,
        lambda: secrets.append(_set_up(request, client, form)),
        action="webhook.changed",
        target=client_target(client),
    )
    if problem:
        if form.is_valid():
            form.add_error("url", problem.detail)
        return detail_page(request, client, webhook_form=form, status=problem.status)
    return detail_page(request, find(code), webhook_secret=secrets[0])


def _set_up(request: HttpRequest, client: Client, form: WebhookForm) -> str:
    """The new secret. Raises ValidationError."""
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    return set_webhook(
        client=client,
        url=form.cleaned_data["url"],
        actor=staff_actor(staff_of(request)),
        origin=origin_of(request),
    )


@staff_page(CHANGE)
@require_POST
def remove(request: HttpRequest, code: str) -> HttpResponse:
    remove_webhook(client=find(code), actor=staff_actor(staff_of(request)), origin=origin_of(request))
    messages.success(request, _("已移除通知地址，不再发送通知。"))
    return redirect("admin:client-detail", code)
