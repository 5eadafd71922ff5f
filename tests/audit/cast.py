"""Who appears in these tests."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from audit.models import Event
from audit.parties import Actor, Origin, Target, session_mark
from audit.services import record

EDITOR = Actor(kind="staff", id="7", name="李编辑", role="播报编辑", organisation="市政务服务中心")
HOTLINE = Actor(kind="client", id="hotline-12345", name="12345 热线", organisation="市政务服务中心")
BROADCAST = Target(type="broadcast", id="BB-0001", name="停水通知")
DESK = Origin(
    address="10.1.2.3",
    peer_address="10.0.0.1",
    user_agent="Firefox",
    request_id="request-1",
    auth_method="password+totp",
    session=session_mark("sitting-1"),
)


def committed(action: str = "broadcast.created", **more: Any) -> Event:
    """An event in a transaction of its own."""
    with transaction.atomic():
        return record(**{"action": action, "actor": EDITOR, "target": BROADCAST, "origin": DESK, **more})
