"""The certificate that a caller showed to the proxy before us (mutual TLS), as that proxy passes it on.

Proxies write it in their own ways: the whole certificate as PEM, its line ends escaped (nginx), as base64 of
the DER (HAProxy, RFC 9440), or only its SHA-256 in hex. Here it is always the SHA-256 of the DER.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from accounts.networks import UNREADABLE, contains, parse_address

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_ARMOUR = re.compile(r"-----(BEGIN|END) CERTIFICATE-----|\s")


@dataclass(frozen=True, slots=True)
class Shown:
    """`fingerprint` is what we believe; `ignored` is what somebody claimed who is no proxy of ours."""

    fingerprint: str = ""
    ignored: str = ""


_NOTHING = Shown()


def shown_certificate(environ: Mapping[str, str], *, header: str, proxies: list[str]) -> Shown:
    """What the request says of its caller's certificate; `header` as WSGI names it, "" where none is read."""
    value = environ.get(header, "") if header else ""
    if not value.strip():
        return _NOTHING
    found = fingerprint_of(value) or UNREADABLE
    peer = parse_address(environ.get("REMOTE_ADDR", ""))
    if peer is None or not contains(proxies, peer):
        return Shown(ignored=found)
    return Shown(fingerprint=found)


def fingerprint_of(text: str) -> str | None:
    """The SHA-256, in 64 hex digits, of a certificate in any of the forms above; None for anything else."""
    plain = unquote(text).strip()
    digits = plain.replace(":", "").lower()
    if _FINGERPRINT.fullmatch(digits):
        return digits
    try:
        der = base64.b64decode(_ARMOUR.sub("", plain).strip(":"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return hashlib.sha256(der).hexdigest() if der else None
