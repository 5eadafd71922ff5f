"""What the workers do for the evidence; each is one call."""

from __future__ import annotations

from celery import shared_task

from audit.archiving import archive_due


@shared_task(ignore_result=True)
def archive_months() -> None:
    archive_due()
