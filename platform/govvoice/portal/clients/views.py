"""Client systems (接入系统): who may call the API, from where, how much."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access_keys import IssuedAccessKey
from accounts.middleware import origin_of
from accounts.models import Client, Webhook
from accounts.services import IssuedKey, change_client, create_client, replace_networks, staff_actor
from accounts.tokens import standing_tokens
from govvoice.portal.clients.forms import (
    ClientForm,
    KeyForm,
    LifetimeForm,
    NetworkForm,
    NewClientForm,
    WebhookForm,
)
from govvoice.portal.clients.usage import key_standing, notice_standing, standing_of, usage_of
from govvoice.portal.pages import Crumb, page, staff_of, staff_page

VIEW = "accounts.view_client"
ADD = "accounts.add_client"
CHANGE = "accounts.change_client"
NOTICES_SHOWN = 5
TOKENS_SHOWN = 10


@staff_page(VIEW)
@require_safe
def client_list(request: HttpRequest) -> HttpResponse:
    clients = list(_clients())
    usage = usage_of(clients)
    rows = [(client, standing_of(client), usage[client.code], _valid_keys(client)) for client in clients]
    return page(
        request,
        "portal/clients/list.html",
        title=_("接入系统"),
        rows=rows,
        may_add=staff_of(request).has_perm(ADD),
    )


@staff_page(ADD)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = NewClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        client = create_client(
            fields={"code": form.cleaned_data["code"], **form.values},
            networks=form.cleaned_data["networks"],
            actor=staff_actor(staff_of(request)),
            origin=origin_of(request),
        )
        messages.success(request, _("已创建“%(name)s”。下一步：签发密钥。") % {"name": client.name})
        return redirect("admin:client-detail", client.code)
    return _form_page(request, form, title=_("新建接入系统"), back=reverse("admin:client-list"))


@staff_page(VIEW)
@require_safe
def detail(request: HttpRequest, code: str) -> HttpResponse:
    return detail_page(request, find(code))


@staff_page(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, code: str) -> HttpResponse:
    client = find(code)
    form = ClientForm(request.POST or None, instance=find(code))
    if request.method == "POST" and form.is_valid():
        _change(request, client, form.values)
        messages.success(request, _("已保存。"))
        return redirect("admin:client-detail", code)
    title = _("修改“%(name)s”") % {"name": client.name}
    trail = (Crumb(client.name, reverse("admin:client-detail", args=[code])),)
    return _form_page(request, form, title=title, back=trail[0].url, trail=trail)


@staff_page(CHANGE)
@require_POST
def switch(request: HttpRequest, code: str) -> HttpResponse:
    """Puts the client out of service, or back into it."""
    client = find(code)
    _change(request, client, {"is_active": not client.is_active})
    words = _("已恢复“%(name)s”的调用。") if client.is_active else _("已停用“%(name)s”，其全部密钥立即失效。")
    messages.success(request, words % {"name": client.name})
    return redirect("admin:client-detail", code)


@staff_page(CHANGE)
@require_POST
def add_network(request: HttpRequest, code: str) -> HttpResponse:
    client = find(code)
    form = NetworkForm(request.POST)
    if not form.is_valid():
        return detail_page(request, client, network_form=form, status=422)
    _keep_networks(request, client, [*_networks(client), form.cleaned_data["network"]])
    return redirect("admin:client-detail", code)


@staff_page(CHANGE)
@require_POST
def remove_network(request: HttpRequest, code: str) -> HttpResponse:
    client = find(code)
    gone = request.POST.get("network", "")
    _keep_networks(request, client, [network for network in _networks(client) if network != gone])
    return redirect("admin:client-detail", code)


def find(code: str) -> Client:
    """The client with all that its page shows. Raises Http404."""
    return get_object_or_404(_clients(), code=code)


def detail_page(
    request: HttpRequest,
    client: Client,
    *,
    issued: IssuedKey | None = None,
    issued_pair: IssuedAccessKey | None = None,
    network_form: NetworkForm | None = None,
    webhook_form: WebhookForm | None = None,
    webhook_secret: str = "",
    status: int = 200,
) -> HttpResponse:
    """A client's page; `issued`, `issued_pair`, `webhook_secret`: just made, and shown this once."""
    staff = staff_of(request)
    webhook = Webhook.objects.filter(client=client).first()
    return page(
        request,
        "portal/clients/detail.html",
        title=client.name,
        trail=[_list_crumb()],
        status=status,
        client=client,
        standing=standing_of(client),
        usage=usage_of([client])[client.code],
        keys=[(key, key_standing(key)) for key in client.keys.all()],
        issued=issued,
        key_form=KeyForm(),
        access_keys=[(key, key_standing(key)) for key in client.access_keys.all()],
        issued_pair=issued_pair,
        access_key_form=LifetimeForm(auto_id="id_access_%s"),
        tokens=standing_tokens(client)[:TOKENS_SHOWN],
        token_count=standing_tokens(client).count(),
        network_form=network_form or NetworkForm(),
        webhook=webhook,
        webhook_form=webhook_form or WebhookForm(initial={"url": webhook.url if webhook else ""}),
        webhook_secret=webhook_secret,
        notices=[(notice, notice_standing(notice)) for notice in client.notices.all()[:NOTICES_SHOWN]],
        own_address=origin_of(request).address,
        token_url=request.build_absolute_uri("/api/v1/auth/token"),
        speech_url=request.build_absolute_uri("/api/v1/speech"),
        may_change=staff.has_perm(CHANGE),
        may_issue=staff.has_perm("accounts.add_apikey"),
        may_revoke=staff.has_perm("accounts.change_apikey"),
    )


def _clients() -> QuerySet[Client]:
    return Client.objects.select_related("organisation").prefetch_related("keys", "networks")


def _networks(client: Client) -> list[str]:
    return [row.network for row in client.networks.all()]


def _valid_keys(client: Client) -> int:
    return sum(key.is_valid for key in client.keys.all())


def _list_crumb() -> Crumb:
    return Crumb(_("接入系统"), reverse("admin:client-list"))


def _change(request: HttpRequest, client: Client, fields: dict[str, object]) -> None:
    change_client(
        client=client,
        fields=fields,
        networks=None,
        actor=staff_actor(staff_of(request)),
        origin=origin_of(request),
    )


def _keep_networks(request: HttpRequest, client: Client, networks: list[str]) -> None:
    try:
        replace_networks(
            client=client,
            networks=networks,
            actor=staff_actor(staff_of(request)),
            origin=origin_of(request),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("IP 白名单已更新，立即生效。"))


def _form_page(
    request: HttpRequest, form: ClientForm, *, title: str, back: str, trail: tuple[Crumb, ...] = ()
) -> HttpResponse:
    return page(
        request,
        "portal/clients/form.html",
        title=title,
        trail=[_list_crumb(), *trail],
        status=422 if form.errors else 200,
        form=form,
        back=back,
        own_address=origin_of(request).address,
    )
