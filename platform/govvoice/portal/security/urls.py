from __future__ import annotations

from django.urls import URLPattern, path

from govvoice.portal.security import beginning, grants, rules

urlpatterns: list[URLPattern] = [
    path("security/staff", grants.staff_list, name="grant-list"),
    path("security/staff/<int:number>", grants.detail, name="grant-detail"),
    path("security/staff/<int:number>/role", grants.grant, name="grant-role"),
    path("security/staff/<int:number>/password", grants.password, name="grant-password"),
    path("security/staff/<int:number>/unlock", grants.unlock, name="grant-unlock"),
    path("security/staff/<int:number>/factors", grants.clear_factors, name="grant-factors"),
    path("security/policy", rules.policy_page, name="policy"),
    path("security/policy/propose", rules.propose, name="policy-propose"),
    path("security/policy/<int:number>/decide", rules.decide_on, name="policy-decide"),
    path("beginning", beginning.beginning, name="beginning"),
]
