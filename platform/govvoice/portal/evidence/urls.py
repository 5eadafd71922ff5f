from __future__ import annotations

from django.urls import URLPattern, path

from govvoice.portal.evidence import views

urlpatterns: list[URLPattern] = [
    path("", views.evidence, name="evidence"),
    path("export", views.export, name="evidence-export"),
    path("<int:number>", views.event, name="evidence-event"),
]
