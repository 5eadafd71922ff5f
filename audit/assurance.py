"""Verifying as an act: who asked, how far it is, what came of it. Each verification is on record itself."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.utils.translation import gettext as _

from audit.canonical import head_bytes
from audit.digests import sha256
from audit.errors import VerificationRunning
from audit.findings import Outcome
from audit.head_chain import Keys
from audit.models import Event, TreeHead
from audit.parties import SYSTEM, Actor, Origin
from audit.published import Published, Witness, read_heads, read_text
from audit.services import record
from audit.verification import ALL, Progress, Scope, verify

HELD, FAILED = "audit.verified", "audit.verification_failed"
BROKEN_OFF = "broken_off"  # the code of one that did not come to an end
DAILY_SHARE = 0.01

_LOCK = 0x61756469_76657266  # "audiverf"
_PROGRESS = "audit:verification"
_FORGOTTEN_AFTER = 120  # seconds: a killed job's progress does not stand for ever
_NEWS_EVERY = 0.5


@dataclass(frozen=True, slots=True)
class Running:
    """A verification that waits or is under way; `of` leaves, 0 while it waits."""

    done: int = 0
    of: int = 0

    @property
    def percent(self) -> int:
        return 100 * self.done // self.of if self.of else 0


def running() -> Running | None:
    state = cache.get(_PROGRESS)
    return Running(**state) if state else None


def history(limit: int = 20) -> list[Event]:
    """The latest verifications, newest first."""
    return list(Event.objects.filter(action__in=(HELD, FAILED)).order_by("-at", "-id")[:limit])


def latest_failed() -> bool:
    """Whether the latest verification that came to an end found something."""
    done = Event.objects.filter(action__in=(HELD, FAILED)).exclude(code=BROKEN_OFF).order_by("-at", "-id")
    return done.values_list("action", flat=True).first() == FAILED


def request_verification(*, actor: Actor, origin: Origin | None = None) -> None:
    """Has the whole log verified in the background. Raises VerificationRunning."""
    if running() is not None:
        raise VerificationRunning
    from audit.tasks import verify_for

    with transaction.atomic():
        record(action="audit.verification_requested", actor=actor, origin=origin)
        _tell(Running())
        transaction.on_commit(lambda: verify_for.delay(actor=asdict(actor)))


def verify_for(actor: Mapping[str, Any]) -> None:
    """What the background does for request_verification(); a second one beside it does nothing."""
    _verify_quietly(actor=Actor(**actor), scope=ALL)


def check_sample() -> None:
    """The daily self-check: all heads and leaves, and a random share of the events."""
    _verify_quietly(actor=SYSTEM, scope=Scope(share=DAILY_SHARE))


def check_all() -> None:
    """The weekly self-check."""
    _verify_quietly(actor=SYSTEM, scope=ALL)


def _verify_quietly(*, actor: Actor, scope: Scope) -> None:
    try:
        verify_log(actor=actor, scope=scope, progress=_news())
    except VerificationRunning:
        return  # the other one tells how far it is
    except Exception as error:
        cache.delete(_PROGRESS)
        _record_broken_off(actor, error)
        raise
    cache.delete(_PROGRESS)


def _record_broken_off(actor: Actor, error: Exception) -> None:
    """Neither good nor bad; but whoever asked must not wait for ever."""
    with transaction.atomic():
        record(
            action=FAILED,
            outcome="failed",
            code=BROKEN_OFF,
            actor=actor,
            details={"error": type(error).__name__, "events": 0, "heads": 0},
        )


class Comparison(Enum):
    """What a printed head says of the log."""

    SAME = "same"
    GONE = "gone"
    DIFFERS = "differs"
    UNSIGNED = "unsigned"


def compare_head(text: str, *, actor: Actor, origin: Origin | None = None) -> tuple[Comparison, Published]:
    """Holds a head on paper against the stored one of its number. Raises HeadsUnreadable.

    One that differs and is not signed by a key of this log says nothing: it may be a slip of the pen.
    """
    head = read_text(text)
    stored = TreeHead.objects.filter(number=head.number).first()
    if stored is not None and sha256(head_bytes(stored)) == head.hash:
        found = Comparison.SAME
    elif not Keys().signed(head):
        found = Comparison.UNSIGNED
    else:
        found = Comparison.GONE if stored is None else Comparison.DIFFERS
    with transaction.atomic():
        record(
            action="audit.head_compared",
            outcome="succeeded" if found is Comparison.SAME else "failed",
            code="" if found is Comparison.SAME else found.value,
            actor=actor,
            origin=origin,
            details={"number": head.number, "size": head.size},
        )
    return found, head


def verify_log(
    *,
    actor: Actor,
    origin: Origin | None = None,
    scope: Scope = ALL,
    copies: Sequence[Path] = (),
    progress: Progress | None = None,
) -> Outcome:
    """Verifies and records the result. `copies` are files with heads that were published, besides our own.

    Raises VerificationRunning, HeadsUnreadable and OSError for a copy that cannot be read.
    """
    with _alone():
        witnesses = [*_own_witness(), *(Witness(read_heads(copy)) for copy in copies)]
        outcome = verify(scope=scope, witnesses=witnesses, progress=progress)
        if not Path(settings.AUDIT_HEADS).exists():
            outcome.notes.append(_("树头文件不在本机，未与其比对"))
        with transaction.atomic():
            _record(outcome, actor, origin, scope)
    return outcome


def _own_witness() -> list[Witness]:
    path = Path(settings.AUDIT_HEADS)
    if not path.exists():
        return []
    return [Witness(read_heads(path), complete_until=_database_time())]


def _database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
        return at


def _record(outcome: Outcome, actor: Actor, origin: Origin | None, scope: Scope) -> None:
    since = {"since": scope.since.isoformat()} if scope.since else {}
    bad = outcome.first_bad
    record(
        action=HELD if outcome.holds else FAILED,
        outcome="succeeded" if outcome.holds else "failed",
        code=bad.code if bad else "",
        actor=actor,
        origin=origin,
        details={"share": scope.share, **since, **outcome.as_details()},
    )


@contextmanager
def _alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise VerificationRunning
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _news() -> Progress:
    last = 0.0

    def tell(done: int, of: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _NEWS_EVERY:
            last = time.monotonic()
            _tell(Running(done, of))

    return tell


def _tell(state: Running) -> None:
    cache.set(_PROGRESS, asdict(state), _FORGOTTEN_AFTER)
