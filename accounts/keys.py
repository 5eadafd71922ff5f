"""API keys: made, and found again from what a caller sends.

A key is `gv_PREFIX_SECRET`, a secret that fetches tokens `gvs_PREFIX_SECRET`. The prefix finds the row, the
HMAC-SHA256 of the whole key under the deployment's pepper proves it; a copy of the database alone opens
nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from django.conf import settings

KEY_PATTERN = re.compile(r"gvs?_([a-z2-7]{10})_[A-Za-z0-9_-]{43}")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_NO_DIGEST = "0" * 64


@dataclass(frozen=True, slots=True)
class NewKey:
    key: str
    prefix: str
    digest: str


def random_key(*, secret: bool = False) -> str:
    """A fresh key, or secret, of 256 random bits."""
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    return f"{'gvs' if secret else 'gv'}_{prefix}_{secrets.token_urlsafe(32)}"


def make_key(key: str | None = None) -> NewKey:
    """What to keep of `key`, or of a fresh one. Raises ValueError when `key` is not of our form."""
    key = key or random_key()
    prefix = prefix_of(key)
    if prefix is None:
        raise ValueError("a key looks like gv_PREFIX_SECRET")
    return NewKey(key=key, prefix=prefix, digest=digest_of(key))


def digest_of(key: str) -> str:
    return hmac.new(settings.KEY_PEPPER.encode(), key.encode(), hashlib.sha256).hexdigest()


def prefix_of(key: str) -> str | None:
    """The prefix of a well-formed key, else None."""
    match = KEY_PATTERN.fullmatch(key)
    return match[1] if match else None


def matches(key: str, digest: str | None) -> bool:
    """Compares in constant time, and does the same work when no key was found."""
    return hmac.compare_digest(digest_of(key), digest or _NO_DIGEST)
