"""Texts that a person decides on: held, passed once or always, refused; and what earlier decisions say.

A decision is about one text, of one caller, and the words that it was held for. When lists change and the
text meets another word, it is held again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import webhooks
from accounts.models import Staff
from accounts.services import staff_actor
from audit.parties import Actor, Origin, Target
from audit.services import record
from synthesis.screening.current import Audience
from synthesis.screening.errors import ListRefused, OwnList
from synthesis.screening.models import ReviewItem
from synthesis.screening.verdicts import Hit

State = ReviewItem.State
# How long "once" waits for its one time, and a decided text is kept for those who try drafts on it.
ONCE_FOR = timedelta(days=7)
TEXT_KEPT_FOR = timedelta(days=30)
# Texts of one caller that may wait at a time: one who sends nonsense must not bury the others.
WAITING_MOST = 200
PASSES = (State.ONCE, State.ALWAYS)
# What a person may decide, and what the evidence calls it.
ACTIONS = {
    State.ONCE: "review.passed_once",
    State.ALWAYS: "review.passed_always",
    State.REFUSED: "review.refused",
}


@dataclass(frozen=True, slots=True)
class Held:
    """A text as it was sent, with what it is held for, at its places in it."""

    text: str
    hits: tuple[Hit, ...]

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def keys(self) -> list[str]:
        return sorted({hit.rule for hit in self.hits})


def standing(held: Held, actor: Actor) -> ReviewItem | None:
    """What there is on this text of this caller and covers all its words: the newest; None for nothing."""
    found = ReviewItem.objects.filter(
        text_sha256=held.digest, caller_kind=actor.kind, caller_id=actor.id, keys__contains=held.keys
    )
    fresh = found.exclude(state=State.SPENT).exclude(
        state=State.ONCE, decided_at__lt=timezone.now() - ONCE_FOR
    )
    return fresh.first()


@transaction.atomic
def hold(held: Held, *, audience: Audience, actor: Actor, origin: Origin) -> ReviewItem | None:
    """Puts the text before a person, or counts that it was asked for again; None when the queue is full."""
    _lock()
    waiting = ReviewItem.objects.filter(state=State.WAITING, caller_kind=actor.kind, caller_id=actor.id)
    item = waiting.filter(text_sha256=held.digest, keys=held.keys).first()
    if item is not None:
        waiting.filter(pk=item.pk).update(asked=F("asked") + 1, asked_at=timezone.now())
        return item
    if waiting.count() >= WAITING_MOST:
        return None
    item = ReviewItem.objects.create(
        code=_next_code(),
        text=held.text,
        text_sha256=held.digest,
        hits=[kept(hit) for hit in held.hits],
        keys=held.keys,
        caller_kind=actor.kind,
        caller_id=actor.id,
        caller_name=actor.name,
        organisation=audience.organisation,
        organisation_name=actor.organisation,
        request_id=origin.request_id,
    )
    record(action="review.held", actor=actor, target=target_of(item), origin=origin, text=held.text)
    return item


@transaction.atomic
def decide(*, item: ReviewItem, decision: str, reason: str, staff: Staff, origin: Origin | None) -> None:
    """Passes the text once or always, or refuses it, which needs a reason. Raises OwnList, ListRefused."""
    item = ReviewItem.objects.select_for_update().get(pk=item.pk)
    if item.state != State.WAITING:
        raise ListRefused(
            _("这条文本已由%(name)s处理。") % {"name": item.decider_name}, code="review_decided"
        )
    if (item.caller_kind, item.caller_id) == ("staff", str(staff.pk)):
        raise OwnList(_("不能审核自己试听的文本，请由另一位同事审核。"))
    if decision == State.REFUSED and not reason.strip():
        raise ListRefused(_("请填写拒绝理由。"), code="reason_required", field="reason")
    item.state = decision
    item.decider_id, item.decider_name = staff.pk, str(staff)
    item.decided_at = timezone.now()
    item.reason = reason.strip()[:300]
    item.save()
    _record(ACTIONS[State(decision)], item, staff, origin)
    _tell(item, item.decided_at)


@transaction.atomic
def revoke(*, item: ReviewItem, staff: Staff, origin: Origin | None) -> None:
    """Takes a pass back: the text is held again when it is next asked for. Raises ListRefused."""
    item = ReviewItem.objects.select_for_update().get(pk=item.pk)
    if item.state not in PASSES:
        raise ListRefused(_("这条文本没有有效的放行。"), code="review_state")
    item.state = State.SPENT
    item.save(update_fields=["state"])
    _record("review.revoked", item, staff, origin)


def spend(item: ReviewItem) -> bool:
    """Uses a single pass up, in the transaction of what it lets through; False when somebody was faster."""
    if item.state != State.ONCE:
        return True
    return bool(ReviewItem.objects.filter(pk=item.pk, state=State.ONCE).update(state=State.SPENT))


def forget_texts() -> int:
    """Empties texts that were decided on some time ago; how many."""
    old = ReviewItem.objects.exclude(state=State.WAITING).exclude(text="")
    return old.filter(decided_at__lt=timezone.now() - TEXT_KEPT_FOR).update(text="", hits=[])


def target_of(item: ReviewItem) -> Target:
    return Target(type="review", id=item.code, name=item.code)


def kept(hit: Hit) -> dict[str, object]:
    """A hit as it is kept with a text: without the word as the list has it."""
    return {
        "start": hit.start,
        "end": hit.end,
        "category": hit.category,
        "level": hit.level.value,
        "key": hit.rule,
    }


def _record(action: str, item: ReviewItem, staff: Staff, origin: Origin | None) -> None:
    record(
        action=action,
        actor=staff_actor(staff),
        target=target_of(item),
        origin=origin,
        details={"client": item.caller_name, "sha256": item.text_sha256, "reason": item.reason},
    )


def _tell(item: ReviewItem, decided_at: datetime) -> None:
    """The caller need not ask again and again. Neither text nor reason: a reason may name a listed word."""
    if item.caller_kind != "client":
        return
    until = decided_at + ONCE_FOR if item.state == State.ONCE else None
    webhooks.notify(
        client_code=item.caller_id,
        event="review.decided",
        subject=target_of(item),
        data={
            "review": item.code,
            "decision": item.state,
            "text_sha256": item.text_sha256,
            "request_id": item.request_id,
            "decided_at": decided_at.isoformat(),
            "valid_until": until.isoformat() if until else None,
        },
    )


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('screening.review'))")


def _next_code() -> str:
    """RV20261121-0007: the day in China and a running number, given to one transaction at a time."""
    day = timezone.localdate().strftime("%Y%m%d")
    last = ReviewItem.objects.filter(code__startswith=f"RV{day}-").aggregate(last=Max("code"))["last"]
    number = int(last.rsplit("-", 1)[1]) + 1 if last else 1
    return f"RV{day}-{number:04d}"
