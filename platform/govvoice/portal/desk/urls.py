from __future__ import annotations

from django.urls import URLPattern, path

from govvoice.portal.desk import readings, views

urlpatterns: list[URLPattern] = [
    path("", views.desk, name="desk"),
    path("speak", views.speak, name="desk-speak"),
    path("readings", readings.readings, name="desk-readings"),
    path("readings/check", readings.check, name="desk-reading-check"),
    path("audio/<uuid:speech_id>", views.audio, name="desk-audio"),
]
