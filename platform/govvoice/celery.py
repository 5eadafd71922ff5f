"""The Celery application; `celery -A govvoice.celery` starts workers and beat."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "govvoice.settings")

app = Celery("govvoice")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
