from __future__ import annotations

from django.urls import URLPattern, path

from govvoice.portal.desk import views

urlpatterns: list[URLPattern] = [
    path("", views.desk, name="desk"),
    path("speak", views.speak, name="desk-speak"),
    path("audio/<uuid:speech_id>", views.audio, name="desk-audio"),
]
