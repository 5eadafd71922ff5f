"""What happened to a broadcast, out of the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.actions import label_of
from audit.models import Event
from audit.parties import SYSTEM
from govvoice.broadcasts.models import Broadcast

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    who: str
    what: str
    outcome: str
    refused: bool
    reason: str


def timeline_of(broadcast: Broadcast) -> list[Moment]:
    """The newest events first, refused attempts among them."""
    return moments_of(Event.objects.filter(object_type="broadcast", object_id=broadcast.code))


def moments_of(events: QuerySet[Event]) -> list[Moment]:
    return [_moment(event) for event in events[:SHOWN]]


def _moment(event: Event) -> Moment:
    return Moment(
        at=event.at,
        who=_("系统") if event.actor_kind == SYSTEM.kind else event.actor_name,
        what=label_of(event.action),
        outcome=event.get_outcome_display(),
        refused=event.outcome != Event.Outcome.SUCCEEDED,
        reason=str(event.details.get("reason", "")),
    )
