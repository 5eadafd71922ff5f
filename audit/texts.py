"""Texts on record: each sealed under the key of its month, so that destroying one key erases them all.

An event's leaf covers the hash of the sealed text, never the text: the log still verifies when nobody can
read the text any more. A month's key is random, and kept sealed under the deployment's data keys.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import connection
from django.utils import timezone

from audit.errors import TextUnreadable
from audit.models import Event, TextKey
from audit.sealed import SealBroken, decrypt, encrypt, make_key, seal, unseal

_MAKE_KEY = (
    "INSERT INTO audit_textkey (month, algorithm, sealed_key) VALUES (%s, %s, %s)"
    " ON CONFLICT (month) DO NOTHING"
)
# The writer's clock chose the month, the database's clock the time: at midnight they may disagree.
_AROUND = (timedelta(), timedelta(days=-1), timedelta(days=1))


@dataclass(frozen=True, slots=True)
class OpenedText:
    """`text` is None when its month's key was destroyed, at `destroyed_at`."""

    text: str | None
    destroyed_at: datetime | None = None


def sealed_text(plain: bytes) -> bytes:
    """The bytes under this month's key: nonce || ciphertext || tag, bound to the month. Raises SealBroken."""
    month = month_of(timezone.now())
    algorithm, key = _key_to_write_with(month)
    return encrypt(plain, algorithm=algorithm, key=key, bound_to=_bound_to(month))


def open_text(event: Event) -> OpenedText | None:
    """The text of an event; None for one that has none. Raises TextUnreadable."""
    if event.sealed_text is None:
        return None
    data = bytes(event.sealed_text)
    if hashlib.sha256(data).hexdigest() != event.sealed_sha256:
        raise TextUnreadable(f"event {event.pk}: not the bytes that were sealed")
    months = [month_of(event.at + day) for day in _AROUND]
    keys = TextKey.objects.in_bulk(months)
    for month in months:
        if month in keys and (opened := _opened(data, keys[month])) is not None:
            return opened
    raise TextUnreadable(f"event {event.pk}: no key opens it")


def month_of(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.year:04}-{local.month:02}"


def forget() -> None:
    """Has the next text look for its key in the database."""
    _key_to_write_with.cache_clear()


@lru_cache(maxsize=2)
def _key_to_write_with(month: str) -> tuple[str, bytes]:
    row = TextKey.objects.filter(month=month).first() or _made(month)
    return row.algorithm, unseal(row.sealed_key, purpose=_purpose(month))


def _made(month: str) -> TextKey:
    """Over a connection of its own: the key stays when the act that first needed it is undone."""
    sealed_key = seal(make_key(settings.DATA_CIPHER), purpose=_purpose(month))
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute(_MAKE_KEY, [month, settings.DATA_CIPHER, sealed_key])
    finally:
        own.close()
    return TextKey.objects.get(month=month)  # whoever came first has made it


def _opened(data: bytes, key: TextKey) -> OpenedText | None:
    if key.destroyed_at is not None:
        return OpenedText(None, key.destroyed_at)
    try:
        opened = unseal(key.sealed_key, purpose=_purpose(key.month))
        plain = decrypt(data, algorithm=key.algorithm, key=opened, bound_to=_bound_to(key.month))
    except SealBroken:
        return None
    return OpenedText(plain.decode("utf-8", "surrogatepass"))


def _bound_to(month: str) -> bytes:
    return b"audit-text" + month.encode()


def _purpose(month: str) -> str:
    return f"audit texts of {month}"
