"""What beat asks of the accounts."""

from __future__ import annotations

from celery import shared_task

from accounts import signing, staffing


@shared_task
def close_dormant() -> int:
    return staffing.close_dormant()


@shared_task
def keep_signing_keys() -> None:
    signing.keep_house()
