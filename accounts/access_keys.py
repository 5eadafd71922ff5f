"""What a client holds for the wires of others: an appkey that names it, and access keys that sign for it.

The appkey is the client's for good and opens nothing. Access keys come and go: several hold at a time, so
that a new one is taken into use before the old one is revoked.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.errors import AccessKeyInvalid, AppkeyInvalid
from accounts.models import AccessKey, Client
from audit.parties import Actor, Origin, Target
from audit.sealed import seal, unseal
from audit.services import record

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
APPKEY_LENGTH, KEY_ID_LENGTH, SECRET_LENGTH = 16, 24, 30  # as their SDKs know them


@dataclass(frozen=True, slots=True)
class IssuedAccessKey:
    """A new pair as its owner sees it, once."""

    row: AccessKey
    secret: str


@dataclass(frozen=True, slots=True)
class Signer:
    """Who may sign with an access key: its open client, and the secret (ASCII) to check signatures with."""

    client: Client
    secret: bytes


@transaction.atomic
def issue_access_key(
    *, client: Client, expires_at: datetime | None, actor: Actor, origin: Origin | None
) -> IssuedAccessKey:
    """A new pair; the first one brings the client its appkey."""
    client = Client.objects.select_for_update().get(pk=client.pk)
    if not client.appkey:
        client.appkey = _random(APPKEY_LENGTH)
        client.save(update_fields=["appkey"])
    row = AccessKey(
        client=client, key_id=_random(KEY_ID_LENGTH), created_by=actor.name, expires_at=expires_at
    )
    secret = _random(SECRET_LENGTH)
    row.secret = seal(secret.encode(), purpose=row.purpose)
    row.full_clean()
    row.save()
    record(
        action="access_key.issued",
        actor=actor,
        target=_target(row),
        origin=origin,
        details={
            "client": client.code,
            "appkey": client.appkey,
            "expires_at": expires_at.isoformat() if expires_at else None,
        },
    )
    return IssuedAccessKey(row, secret)


@transaction.atomic
def revoke_access_key(*, row: AccessKey, actor: Actor, origin: Origin | None) -> None:
    """The pair opens nothing from now on; revoking it twice changes nothing."""
    row = AccessKey.objects.select_for_update().select_related("client").get(pk=row.pk)
    if row.revoked_at is not None:
        return
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    record(
        action="access_key.revoked",
        actor=actor,
        target=_target(row),
        origin=origin,
        details={"client": row.client.code},
    )


def find_by_appkey(*, appkey: str) -> Client:
    """The open client that the appkey names; it proves nothing. Raises AppkeyInvalid."""
    clients = Client.objects.select_related("organisation").prefetch_related("networks")
    client = clients.filter(appkey=appkey).exclude(appkey="").first()
    if client is None or not client.is_open:
        raise AppkeyInvalid
    return client


def find_signer(*, key_id: str) -> Signer:
    """Whose signature is to be checked, by a valid access key of an open client.

    Raises AccessKeyInvalid; SealBroken where the deployment has lost its data keys.
    """
    rows = AccessKey.objects.select_related("client__organisation").prefetch_related("client__networks")
    row = rows.filter(key_id=key_id).first()
    if row is None or not (row.is_valid and row.client.is_open):
        raise AccessKeyInvalid
    return Signer(row.client, unseal(row.secret, purpose=row.purpose))


def _target(row: AccessKey) -> Target:
    return Target(type="access_key", id=row.key_id, name=f"{row.client.name} {row.key_id}")


def _random(length: int) -> str:
    """So many of 62 letters and digits: 178 random bits in a secret."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
