"""The staff portal: Django's admin site, with our own pages beside the lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from accounts.models import Staff
from accounts.passwords import needs_change
from accounts.sittings import seconds_left
from audit.assurance import latest_failed
from audit.watch import sealing
from govvoice.portal.appearance import SITE_TITLE
from govvoice.portal.entrance import EntranceView, PasswordView, is_tried_too_often
from govvoice.portal.home.today import waiting_count
from govvoice.portal.menu import menu_for
from govvoice.portal.refusals import record_refusal, refusal, with_refusals

# Doors of the theme and of Django that none of our pages leads through.
UNUSED = {"search", "autocomplete", "view_on_site"}


class PortalSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold carries no types
    site_title = site_header = SITE_TITLE
    enable_nav_sidebar = False  # the shell has its own menu

    def get_urls(self) -> list[URLPattern | URLResolver]:
        pages: list[URLPattern | URLResolver] = [
            path("", include("govvoice.portal.home.urls")),
            path("", include("govvoice.portal.factors.urls")),
            path("", include("govvoice.portal.security.urls")),
            path("speakers/", include("govvoice.portal.speakers.urls")),
            path("desk/", include("govvoice.portal.desk.urls")),
            path("broadcasts/", include("govvoice.portal.broadcasts.urls")),
            path("categories/", include("govvoice.portal.categories.urls")),
            path("clients/", include("govvoice.portal.clients.urls")),
            path("lexicon/", include("govvoice.portal.lexicon.urls")),
            path("screening/", include("govvoice.portal.screening.urls")),
            path("evidence/", include("govvoice.portal.evidence.urls")),
        ]
        inherited = [entry for entry in super().get_urls() if getattr(entry, "name", "") not in UNUSED]
        return pages + inherited

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **super().each_context(request),
            "menu": menu_for(request),
            "waiting_count": _waiting_count(request),
            "home_url": reverse("admin:index"),
            "platform_version": settings.VERSION,
            "languages": settings.LANGUAGES,
            "seconds_left": _seconds_left(request),
            "sealing": sealing() if isinstance(request.user, Staff) else None,
            "log_is_altered": _may_read_evidence(request) and latest_failed(),
        }

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Any:
        return super().admin_view(with_refusals(view), cacheable)

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if is_tried_too_often(request):
            record_refusal(request, action="auth.throttled", code="rate_limited", status=429)
            return refusal(request, 429)
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        context = {**self.each_context(request), "title": _("登录"), "app_path": request.get_full_path()}
        return cast(HttpResponse, EntranceView.as_view(extra_context=context)(request))

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        forced = {"must_change": needs_change(cast(Staff, request.user))}
        context = {**self.each_context(request), **forced, **(extra_context or {})}
        return PasswordView.as_view(extra_context=context)(request)

    def catch_all_view(self, request: HttpRequest, url: str) -> HttpResponse:
        return refusal(request, 404)


def _may_read_evidence(request: HttpRequest) -> bool:
    return isinstance(request.user, Staff) and request.user.has_perm("audit.view_event")


def _seconds_left(request: HttpRequest) -> int | None:
    return seconds_left(request.session) if isinstance(request.user, Staff) else None


def _waiting_count(request: HttpRequest) -> int:
    return waiting_count(request.user) if isinstance(request.user, Staff) else 0
