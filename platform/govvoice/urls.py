"""Which path leads to which door."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from govvoice.operations import health, metrics

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("healthz", health.alive),
    path("health", health.alive),
    path("ready", health.ready),
    path("metrics", metrics.metrics),
    path("api/v1/", include("govvoice.api.urls")),
    path("portal/i18n/", include("django.conf.urls.i18n")),
    path("portal/", admin.site.urls),
]

handler400 = "govvoice.errors.bad_request"
handler403 = "govvoice.errors.forbidden"
handler404 = "govvoice.errors.not_found"
handler500 = "govvoice.errors.failed"
