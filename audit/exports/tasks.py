"""What workers and beat do for exports. Each looks before it acts, so that running twice does no harm."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from audit.exports import making, monthly, services

_LOOK_AGAIN = 5  # seconds; a head comes at least every minute


@shared_task
def make_export(*, export_id: str) -> None:
    if making.make(UUID(export_id)) == "waits":
        make_export.apply_async(kwargs={"export_id": export_id}, countdown=_LOOK_AGAIN)


@shared_task
def resume_exports() -> None:
    for export_id in making.stalled():
        make_export.delay(export_id=str(export_id))


@shared_task
def forget_exports() -> None:
    services.forget_expired()


@shared_task
def report_month() -> None:
    monthly.report_last_month()
