"""Login, logout and failed login go into the evidence log."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import DatabaseError, transaction
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import sittings
from accounts.lockout import NAME_KEPT
from accounts.middleware import origin_of, proven
from accounts.models import Staff
from accounts.services import staff_actor
from audit.errors import AuditError
from audit.parties import ANONYMOUS, Actor
from audit.services import record


@receiver(user_logged_in)
def on_login(sender: Any, request: HttpRequest, user: Staff, **kwargs: Any) -> None:
    proof = getattr(request, "proven_by", "password")
    try:
        with transaction.atomic():
            sittings.begin(request.session, user, proof=proof)
            proven(request, method=proof, session=user.sitting)
            _record(request, "auth.login", staff_actor(user), details={"proof": proof})
    except (AuditError, DatabaseError):
        request.session.flush()  # it would be kept with the refusal, and nobody comes in unrecorded
        raise


@receiver(user_logged_out)
def on_logout(sender: Any, request: HttpRequest, user: Staff | None, **kwargs: Any) -> None:
    if user is not None:
        with transaction.atomic():
            sittings.end(user)
            _record(request, "auth.logout", staff_actor(user))


@receiver(user_login_failed)
def on_failure(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    if request is not None:
        name = str(credentials.get("username", ""))[:NAME_KEPT]
        code = str(credentials.get("factor", "password"))
        _record(request, "auth.failed", ANONYMOUS, outcome="refused", code=code, details={"username": name})


def _record(request: HttpRequest, action: str, actor: Actor, **more: Any) -> None:
    with transaction.atomic():
        record(action=action, actor=actor, origin=origin_of(request), **more)
