"""Sends what clients are to be told, and tries again for a while. Inside a worker.

A notice is a row: a worker that dies, or a queue that forgets, costs a delay. It may then come twice, so each
carries its id. One process sends at a time: receivers that are slow take one worker's slot, not all.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from accounts.models import Notice, Webhook
from accounts.outbound import NotSent, post
from audit.parties import SYSTEM, Target
from audit.sealed import SealBroken, unseal
from audit.services import record

State = Notice.State
KEPT_FOR = timedelta(days=30)
# After a failed attempt nothing else is sent to that client for this long.
PAUSE = timedelta(seconds=60)
# How long an attempt may take at the most before its worker is taken for dead.
_LOST_AFTER = timedelta(seconds=60)
# A worker goes on to the next notice for this long, then beat asks again.
_TURN_SECONDS = 10
_SENDER = "accounts.notices.sender"
# Trying again would change nothing.
_FINAL = frozenset({"webhook_removed", "client_closed", "secret_sealed"})


def send_due() -> None:
    """Sends what is due, the longest waiting first; nothing while another worker does."""
    if not cache.add(_SENDER, 1, timeout=_LOST_AFTER.seconds):
        return
    try:
        until = time.monotonic() + _TURN_SECONDS
        while time.monotonic() < until and (notice := _take()):
            _settle(notice, *_attempt(notice))
    finally:
        cache.delete(_SENDER)


def forget() -> int:
    """Deletes notices that were settled some time ago; how many. The evidence keeps what became of them."""
    return Notice.objects.filter(settled_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 of `timestamp.body`, in hex: nobody else can sign, and an old notice cannot be replayed."""
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


@transaction.atomic
def _take() -> Notice | None:
    """The next one that is due, counted as tried: if this worker dies it is tried again later."""
    due = Notice.objects.filter(state=State.WAITING, due_at__lte=timezone.now()).order_by("due_at")
    notice = (
        due.select_related("client__organisation").select_for_update(of=["self"], skip_locked=True).first()
    )
    if notice is None:
        return None
    notice.attempts += 1
    notice.due_at = timezone.now() + _LOST_AFTER
    notice.save(update_fields=["attempts", "due_at"])
    return notice


def _attempt(notice: Notice) -> tuple[str, str]:
    """Where it went, and why it was not taken: empty when it was."""
    webhook = Webhook.objects.filter(client=notice.client).first()
    if webhook is None:
        return "", "webhook_removed"
    if not notice.client.is_open:
        return webhook.place, "client_closed"
    if notice.attempts > len(settings.WEBHOOK_WAITS) + 1:  # its worker died at the last attempt
        return webhook.place, notice.problem or "worker_lost"
    return webhook.place, _send(notice, webhook)


def _send(notice: Notice, webhook: Webhook) -> str:
    try:
        secret = unseal(webhook.secret, purpose=webhook.purpose)
        status = post(
            webhook.url,
            body=notice.body.encode(),
            headers=_headers(notice, secret),
            networks=settings.WEBHOOK_NETWORKS,
            seconds=settings.WEBHOOK_TIMEOUT,
        )
    except SealBroken:
        return "secret_sealed"
    except NotSent as error:
        return error.code
    return "" if 200 <= status < 300 else f"status_{status}"


def _headers(notice: Notice, secret: bytes) -> dict[str, str]:
    timestamp = str(int(time.time()))
    return {
        "Content-Type": "application/json",
        "User-Agent": f"govvoice/{settings.VERSION}",
        "X-Govvoice-Notice": str(notice.pk),
        "X-Govvoice-Event": notice.event,
        "X-Govvoice-Timestamp": timestamp,
        "X-Govvoice-Signature": f"v1={signature(secret, timestamp, notice.body.encode())}",
    }


@transaction.atomic
def _settle(notice: Notice, place: str, problem: str) -> None:
    waits = settings.WEBHOOK_WAITS
    notice.problem = problem
    if not problem:
        _close(notice, State.DELIVERED, place)
    elif problem in _FINAL or notice.attempts > len(waits):
        _close(notice, State.GIVEN_UP, place)
    else:
        notice.due_at = timezone.now() + timedelta(seconds=waits[notice.attempts - 1])
    notice.save()
    if problem:
        _let_rest(notice)


def _let_rest(failed: Notice) -> None:
    """The client's other notices wait a little: each would hold the worker as long as this one did."""
    pause = timezone.now() + PAUSE
    others = Notice.objects.filter(client=failed.client, state=State.WAITING, due_at__lt=pause)
    others.exclude(pk=failed.pk).update(due_at=pause)


def _close(notice: Notice, state: State, place: str) -> None:
    notice.state, notice.settled_at = state, timezone.now()
    record(
        action=f"notice.{state.value}",
        actor=SYSTEM,
        outcome="failed" if notice.problem else "succeeded",
        code=notice.problem,
        target=Target(type=notice.subject_type, id=notice.subject_id, name=notice.subject_id),
        details={
            "client": notice.client.code,
            "notice": str(notice.pk),
            "place": place,
            "attempts": notice.attempts,
            "reason": notice.problem,
        },
    )
