"""The staff portal: Django's admin site, with our own pages beside the lists."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from unfold.sites import UnfoldAdminSite


class PortalSite(UnfoldAdminSite):
    def get_urls(self) -> list[URLPattern | URLResolver]:
        pages: list[URLPattern | URLResolver] = [
            path("desk/", include("govvoice.portal.desk.urls")),
            path("broadcasts/", include("govvoice.portal.broadcasts.urls")),
            path("clients/", include("govvoice.portal.clients.urls")),
            path("evidence/", include("govvoice.portal.evidence.urls")),
        ]
        return pages + super().get_urls()
