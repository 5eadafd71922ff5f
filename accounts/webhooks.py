"""Where a client is told what it waits for: set by staff, and what is put down to be sent."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Mapping
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts import tasks
from accounts.models import Client, Notice, Webhook
from accounts.services import client_target
from audit.parties import Actor, Origin, Target
from audit.sealed import seal
from audit.services import record


@transaction.atomic
def set_webhook(*, client: Client, url: str, actor: Actor, origin: Origin | None) -> str:
    """Has the client told at this address from now on; the new signing secret, to be shown once.

    Each address has a secret of its own: who was told before cannot sign for who is told now. Raises
    ValidationError.
    """
    secret = f"gvw_{secrets.token_urlsafe(32)}"
    before = Webhook.objects.select_for_update().filter(client=client).first()
    row = before or Webhook(client=client)
    was = row.place
    row.url, row.set_by, row.set_at = url, actor.name, timezone.now()
    row.secret = seal(secret.encode(), purpose=row.purpose)
    row.full_clean()
    row.save()
    record(
        action="webhook.changed",
        actor=actor,
        target=client_target(client),
        origin=origin,
        details={"before": was, "after": row.place},
    )
    return secret


@transaction.atomic
def remove_webhook(*, client: Client, actor: Actor, origin: Origin | None) -> None:
    """Tells the client nothing more; twice changes nothing."""
    row = Webhook.objects.select_for_update().filter(client=client).first()
    if row is None:
        return
    details = {"before": row.place}
    row.delete()
    record(
        action="webhook.removed", actor=actor, target=client_target(client), origin=origin, details=details
    )


def notify(*, client_code: str, event: str, subject: Target, data: Mapping[str, object]) -> None:
    """Puts a notice down in the caller's transaction; a worker sends it once that holds.

    Nothing for a client that named no address, or is out of service.
    """
    clients = Client.objects.select_related("organisation").filter(webhook__isnull=False)
    client = clients.filter(code=client_code).first()
    if client is None or not client.is_open:
        return
    number, now = uuid4(), timezone.now()
    told = {"id": str(number), "event": event, "created_at": now.isoformat(), "data": dict(data)}
    Notice.objects.create(
        id=number,
        client=client,
        event=event,
        subject_type=subject.type,
        subject_id=subject.id,
        body=json.dumps(told, ensure_ascii=False, separators=(",", ":")),
        created_at=now,
        due_at=now,
    )
    transaction.on_commit(_wake, robust=True)


def _wake() -> None:
    # A queue that is down now loses nothing: beat asks for what is due.
    with contextlib.suppress(OperationalError):
        tasks.send_notices.delay()
