"""Who did it, to what, and from where: values that an event copies, so that it outlives all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ActorKind = Literal["staff", "client", "system", "anonymous"]
Outcome = Literal["succeeded", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is stable and meant for search (a staff number, a client's code), the rest is read by people."""

    kind: ActorKind
    id: str = ""
    name: str = ""
    role: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What the act was done to. `type` is a plain noun: broadcast, client, key, staff, speech ..."""

    type: str
    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from.

    `address` is the caller as the trusted proxies tell it and `peer_address` the other end of the socket;
    `forwarded_for` is the header as it was sent, believed or not. `auth_method` says how the caller proved
    who he is (password, password+totp, password+passkey, api_key, token ...), `session` is session_mark()
    of what he proved it with; both are empty while he has not. `certificate` is the SHA-256 (hex) of what a
    trusted proxy vouches for. `notes` stand in the details of every event of the request.
    """

    address: str | None = None
    peer_address: str | None = None
    forwarded_for: str = ""
    user_agent: str = ""
    request_id: str = ""
    auth_method: str = ""
    session: str = ""
    certificate: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)


def session_mark(name: str) -> str:
    """The same 32 characters for the same sitting, token or key, from which it cannot be told."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


SYSTEM = Actor(kind="system", name="system")
ANONYMOUS = Actor(kind="anonymous")
