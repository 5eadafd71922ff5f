from __future__ import annotations

from django.urls import path

from govvoice.portal.home import views

urlpatterns = [
    path("", views.home, name="index"),
    path("alarms/", views.alarms, name="alarms"),
    path("help/", views.help_page, name="help"),
]
