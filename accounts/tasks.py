"""What beat asks of the accounts, and what a decision wakes."""

from __future__ import annotations

from celery import shared_task

from accounts import notices, signing, staffing


@shared_task
def close_dormant() -> int:
    return staffing.close_dormant()


@shared_task
def keep_signing_keys() -> None:
    signing.keep_house()


@shared_task
def send_notices() -> None:
    notices.send_due()


@shared_task
def forget_notices() -> None:
    notices.forget()
