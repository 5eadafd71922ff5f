"""Who did it, to what, and from where: values that an event copies, so that it outlives all of them."""

from __future__ import annotations

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
    `forwarded_for` is the header as it was sent, believed or not. `certificate` is the SHA-256 (hex) of what
    a trusted proxy vouches for. `notes` stand in the details of every event of the request.
    """

    address: str | None = None
    peer_address: str | None = None
    forwarded_for: str = ""
    user_agent: str = ""
    request_id: str = ""
    certificate: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)


SYSTEM = Actor(kind="system", name="system")
ANONYMOUS = Actor(kind="anonymous")
