"""When django-axes locks an account or an address, by the policy in force.

Failures are rows of the database: a restart forgets none. An unknown name is locked like a known one, so that
a lock tells nothing about who exists.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone

from accounts.fields import normal_username
from accounts.middleware import origin_of
from accounts.models import Staff
from accounts.policy import current

ADDRESS_WINDOW = timedelta(minutes=10)
NAME_KEPT = 64


class Handler(AxesDatabaseHandler):  # type: ignore[misc]  # axes carries no types
    """Counts by account as axes does, and by address with a limit of its own: an office shares one."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        failures: int = super().get_failures(request, credentials)
        policy = current()
        if failures_of(request.axes_ip_address) >= policy.address_failures:  # type: ignore[attr-defined]
            return max(failures, policy.lock_failures)
        return failures


def failures_of(address: str | None) -> int:
    """Failed logins from the address in the last ten minutes, whatever the names."""
    since = timezone.now() - ADDRESS_WINDOW
    tried = AccessAttempt.objects.filter(ip_address=address, attempt_time__gte=since)
    return int(tried.aggregate(all=Sum("failures_since_start"))["all"] or 0)


def is_locked(staff: Staff) -> bool:
    """Whether the account is locked now, wherever the failures came from."""
    policy = current()
    since = timezone.now() - timedelta(minutes=policy.lock_minutes)
    tried = AccessAttempt.objects.filter(username=staff.username, attempt_time__gt=since)
    return int(tried.aggregate(all=Sum("failures_since_start"))["all"] or 0) >= policy.lock_failures


def forget(staff: Staff) -> None:
    """The account may be tried again."""
    AccessAttempt.objects.filter(username=staff.username).delete()


# What axes asks for by name, see settings.


def failure_limit(request: HttpRequest, credentials: dict[str, Any] | None) -> int:
    return current().lock_failures


def lock_time(request: HttpRequest | None = None) -> timedelta:
    return timedelta(minutes=current().lock_minutes)


def address_of(request: HttpRequest) -> str | None:
    return origin_of(request).address


def name_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The name as it is kept, bounded: a stranger's 100,000 letters are no name."""
    given = (credentials or {}).get("username") or request.POST.get("username") or ""
    return normal_username(str(given)[: NAME_KEPT * 4]).replace("\0", "")[:NAME_KEPT]
