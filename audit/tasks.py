"""What beat and the portal have done in the background."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from audit import archiving, assurance


@shared_task
def verify_for(*, actor: dict[str, Any]) -> None:
    assurance.verify_for(actor)


@shared_task
def verify_sample() -> None:
    assurance.check_sample()


@shared_task
def verify_all() -> None:
    assurance.check_all()


@shared_task
def archive_months() -> None:
    archiving.archive_due()
