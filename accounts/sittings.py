"""A sitting: the time between a login and its end. One an account; it ends by time, logout or force.

The session carries the sitting's random name, the account says which name may act. A login elsewhere, a
closed account or a reset password changes the account's, and the old session opens nothing from then on.
"""

from __future__ import annotations

import secrets
import time
from typing import Literal

from django.contrib.sessions.backends.base import SessionBase

from accounts.models import Staff
from accounts.policy import current

End = Literal["idle", "long", "elsewhere"]

_NAME = "sitting"
_BEGAN = "sitting_began"
_SEEN = "sitting_seen"
_PROOF = "sitting_proof"
# Seconds; a session written at every request would be a row locked at every request.
_STEP = 20


def begin(session: SessionBase, staff: Staff, *, proof: str) -> None:
    """Makes this session the account's only one. `proof` is how he proved himself, such as password+totp."""
    staff.sitting = secrets.token_hex(16)
    staff.save(update_fields=["sitting"])
    now = int(time.time())
    session[_NAME], session[_BEGAN], session[_SEEN] = staff.sitting, now, now
    session[_PROOF] = proof


def proof(session: SessionBase) -> tuple[str, str]:
    """How the sitting was proved, and its name; both empty where nobody sits."""
    return session.get(_PROOF, ""), session.get(_NAME, "")


def end(staff: Staff) -> None:
    """No session may act for the account until its next login."""
    staff.sitting = ""
    staff.save(update_fields=["sitting"])


def ended(session: SessionBase, staff: Staff) -> End | None:
    """Why the session may act no more, or None while it may."""
    policy, now = current(), time.time()
    if not staff.sitting or session.get(_NAME) != staff.sitting:
        return "elsewhere"
    if now - session.get(_SEEN, 0) >= policy.idle_minutes * 60:
        return "idle"
    return "long" if now - session.get(_BEGAN, 0) >= policy.session_hours * 3600 else None


def touch(session: SessionBase) -> None:
    """The person has done something; pages that ask by themselves do not call this."""
    now = int(time.time())
    if now - session.get(_SEEN, 0) >= _STEP:
        session[_SEEN] = now


def seconds_left(session: SessionBase) -> int:
    """Until the idle end, or the absolute one if that comes first."""
    policy, now = current(), time.time()
    idle = session.get(_SEEN, now) + policy.idle_minutes * 60
    long = session.get(_BEGAN, now) + policy.session_hours * 3600
    return max(0, int(min(idle, long) - now))
