"""Housekeeping that beat asks for."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from govvoice.operations import clock


@shared_task
def clear_sessions() -> None:
    call_command("clearsessions")


@shared_task
def watch_clock() -> None:
    clock.watch()
