from __future__ import annotations

from django.urls import path

from govvoice.portal.home import views
from govvoice.portal.session import session

urlpatterns = [
    path("", views.home, name="index"),
    path("alarms/", views.alarms, name="alarms"),
    path("session", session, name="session"),
    path("help/", views.help_page, name="help"),
]
