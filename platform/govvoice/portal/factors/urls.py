from __future__ import annotations

from django.urls import URLPattern, path

from govvoice.portal import second
from govvoice.portal.factors import views

urlpatterns: list[URLPattern] = [
    path("login/second", second.second, name="second"),
    path("login/second/options", second.passkey_options, name="second-options"),
    path("login/second/passkey", second.passkey, name="second-passkey"),
    path("me/", views.mine, name="factors"),
    path("me/code", views.add_code, name="factor-code"),
    path("me/passkey/options", views.passkey_options, name="factor-options"),
    path("me/passkey", views.add_passkey, name="factor-passkey"),
    path("me/recovery", views.new_codes, name="factor-recovery"),
    path("me/<slug:kind>/<int:number>/remove", views.remove, name="factor-remove"),
]
