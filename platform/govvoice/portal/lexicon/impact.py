"""影响范围: the broadcasts that say an entry's word, as the approver reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Staff
from govvoice.broadcasts.lexicon_impact import broadcasts_using, cached_phrases, is_outdated
from govvoice.broadcasts.models import Broadcast
from govvoice.portal.broadcasts.wording import Badge, broadcast_badge, rendition_badge
from synthesis.lexicon.models import Entry
from synthesis.models import Rendition

State = Broadcast.State
# What may be spoken anew: see govvoice.broadcasts.services.speak_anew.
RENEWABLE = frozenset({State.DRAFT, State.IN_REVIEW, State.APPROVED})
_AROUND = 14  # characters shown on either side of the word


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Affected:
    """A broadcast in the list; `advice` says what becomes of its audio."""

    code: str
    title: str
    url: str
    pieces: tuple[Piece, ...]
    badge: Badge
    sound: Badge | None
    advice: str


def heard_in(entry: Entry, staff: Staff) -> dict[str, Any]:
    """What the page shows: the own department's broadcasts by name, the others as a number."""
    found = broadcasts_using(entry)
    own = [broadcast for broadcast in found if broadcast.organisation_id == staff.organisation_id]
    return {
        "affected": [_row(broadcast, entry) for broadcast in own],
        "elsewhere": len(found) - len(own),
        "used": len(found),
        "renewable": sum(is_renewable(broadcast) for broadcast in found),
        "phrases": cached_phrases(entry) if entry.state == Entry.State.PENDING else 0,
    }


def is_renewable(broadcast: Broadcast) -> bool:
    return broadcast.state in RENEWABLE and is_outdated(broadcast)


def _row(broadcast: Broadcast, entry: Entry) -> Affected:
    revision = broadcast.published_revision or broadcast.latest
    return Affected(
        code=broadcast.code,
        title=broadcast.title,
        url=reverse("admin:broadcast-review", args=[broadcast.code]),
        pieces=_excerpt(revision.text, entry.word),
        badge=broadcast_badge(broadcast.state),
        sound=_sound(revision.rendition),
        advice=_advice(broadcast, revision.rendition, entry),
    )


def _excerpt(text: str, word: str) -> tuple[Piece, ...]:
    """The word with what stands around it; the beginning where it is written in another form."""
    at = text.find(word)
    if at < 0:
        return (Piece(text[: 2 * _AROUND], False),)
    end = at + len(word)
    before = ("…" if at > _AROUND else "") + text[max(0, at - _AROUND) : at]
    after = text[end : end + _AROUND] + ("…" if len(text) > end + _AROUND else "")
    return Piece(before, False), Piece(word, True), Piece(after, False)


def _sound(rendition: Rendition | None) -> Badge | None:
    if rendition is None:
        return None
    if rendition.outdated_at is not None:
        return Badge(_("已过时"), "grey", "history")
    return rendition_badge(rendition)


def _advice(broadcast: Broadcast, rendition: Rendition | None, entry: Entry) -> str:
    if rendition is None:
        return _("尚无音频，生成时自动采用。")
    if entry.state not in {Entry.State.ACTIVE, Entry.State.RETIRED}:
        return _("批准后才会受影响。")
    if rendition.state in {Rendition.State.QUEUED, Rendition.State.MAKING}:
        return _("正在按现在的读音合成。")
    if rendition.outdated_at is None:
        return _("已按现在的读音合成。")
    return {
        State.PUBLISHED: _("播出中，保持不变；撤回后可重新合成。"),
        State.APPROVED: _("可重新合成，须重新提交审核。"),
        State.IN_REVIEW: _("可重新合成，审核人须重听。"),
    }.get(State(broadcast.state), _("可重新合成。"))
