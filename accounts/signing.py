"""The keys that sign access tokens: Ed25519 (RFC 8032), kept sealed, changed without anybody noticing.

A new key signs from the moment it is there. Every process looks keys up in the database, so none has to be
told first; the key before it still opens until the last token that it signed has expired.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import RevokedToken, SigningKey, TokenOut
from audit.parties import SYSTEM, Actor, Origin, Target
from audit.sealed import seal, unseal
from audit.services import record

LIFETIME = timedelta(minutes=10)
# How far the clocks of two machines may be apart.
LEEWAY = timedelta(seconds=10)
CHANGED_EVERY = timedelta(days=30)


def signer() -> tuple[str, Ed25519PrivateKey]:
    """The id of the key that signs now, and the key. Raises SealBroken."""
    row = _current() or _first()
    private = unseal(row.private_key, purpose=_purpose(row.kid))
    return row.kid, Ed25519PrivateKey.from_private_bytes(private)


def verifier(kid: str) -> Ed25519PublicKey | None:
    """The public half of a key that still opens."""
    still = Q(closes_at=None) | Q(closes_at__gt=timezone.now())
    row = SigningKey.objects.filter(still, kid=kid).first()
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(row.public_key)) if row else None


@transaction.atomic
def rotate(*, actor: Actor, origin: Origin | None, at_once: bool = False) -> SigningKey:
    """A new key signs from now on. `at_once`: what the others signed opens nothing any more."""
    now = timezone.now()
    # Whoever else rotates waits here, and then changes the key that this call has made.
    list(SigningKey.objects.select_for_update().filter(signs=True))
    SigningKey.objects.filter(signs=True).update(signs=False, closes_at=now + LIFETIME + LEEWAY)
    if at_once:
        SigningKey.objects.filter(signs=False).update(closes_at=now)
    row = _make(now)
    record(
        action="signing_key.changed",
        actor=actor,
        target=Target(type="signing_key", id=row.kid, name=row.kid),
        origin=origin,
        details={"at_once": at_once},
    )
    return row


def keep_house() -> None:
    """Changes a key that has signed for long enough, and forgets what has expired on its own."""
    now = timezone.now()
    row = _current()
    if row is not None and row.created_at <= now - CHANGED_EVERY:
        rotate(actor=SYSTEM, origin=None)
    SigningKey.objects.filter(closes_at__lte=now).delete()
    TokenOut.objects.filter(expires_at__lte=now - LEEWAY).delete()
    RevokedToken.objects.filter(expires_at__lte=now - LEEWAY).delete()


def _current() -> SigningKey | None:
    return SigningKey.objects.filter(signs=True).first()


def _first() -> SigningKey:
    """Made by whoever needs it first; the database lets only one of several in."""
    try:
        with transaction.atomic():
            return _make(timezone.now())
    except IntegrityError:
        return SigningKey.objects.get(signs=True)


def _make(now: datetime) -> SigningKey:
    kid, key = secrets.token_hex(8), Ed25519PrivateKey.generate()
    return SigningKey.objects.create(
        kid=kid,
        public_key=base64.b64encode(key.public_key().public_bytes_raw()).decode(),
        private_key=seal(key.private_bytes_raw(), purpose=_purpose(kid)),
        created_at=now,
    )


def _purpose(kid: str) -> str:
    return f"signing key {kid}"
