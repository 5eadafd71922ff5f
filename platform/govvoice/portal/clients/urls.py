from __future__ import annotations

from django.urls import URLPattern, path

from govvoice.portal.clients import access_keys, keys, tokens, views, webhooks

urlpatterns: list[URLPattern] = [
    path("", views.client_list, name="client-list"),
    path("new", views.new, name="client-new"),
    path("<slug:code>", views.detail, name="client-detail"),
    path("<slug:code>/change", views.change, name="client-change"),
    path("<slug:code>/state", views.switch, name="client-switch"),
    path("<slug:code>/networks/add", views.add_network, name="client-network-add"),
    path("<slug:code>/networks/remove", views.remove_network, name="client-network-remove"),
    path("<slug:code>/webhook", webhooks.set_up, name="client-webhook"),
    path("<slug:code>/webhook/remove", webhooks.remove, name="client-webhook-remove"),
    path("<slug:code>/keys/issue", keys.issue, name="client-key-issue"),
    path("<slug:code>/keys/<slug:prefix>/revoke", keys.revoke, name="client-key-revoke"),
    path("<slug:code>/access-keys/issue", access_keys.issue, name="client-access-key-issue"),
    path("<slug:code>/access-keys/<slug:key_id>/revoke", access_keys.revoke, name="client-access-key-revoke"),
    path("<slug:code>/tokens/revoke", tokens.revoke_all, name="client-tokens-revoke"),
    path("<slug:code>/tokens/<slug:jti>/revoke", tokens.revoke, name="client-token-revoke"),
]
