"""How sealing is going, for those who only look: health, metrics, the portal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from audit.models import Event, Heartbeat, Leaf

ALARM = timedelta(minutes=2)
STOPPED = timedelta(minutes=10)
_NONE = timedelta()


@dataclass(frozen=True, slots=True)
class Sealing:
    """By the database's clock.

    `silence`: since the sealer's last sign of life, None before its first one. `lag`: how long the oldest
    event without a leaf has been waiting, None when none waits; one transaction left open drives it up too.
    """

    silence: timedelta | None
    lag: timedelta | None

    @property
    def is_well(self) -> bool:
        return self.silence is not None and not self.is_alarming

    @property
    def is_alarming(self) -> bool:
        return self._longest > ALARM

    @property
    def has_stopped(self) -> bool:
        """For so long that no more should be asked of a log that nobody seals."""
        return self._longest > STOPPED

    @property
    def _longest(self) -> timedelta:
        return max(self.silence or _NONE, self.lag or _NONE)


def sealing() -> Sealing:
    return Sealing(silence=_silence(), lag=seal_lag())


def seal_lag() -> timedelta | None:
    """How long the oldest event without a leaf has been waiting; None when none waits."""
    return lag_from(Heartbeat.objects.values_list("sealed_below", flat=True).first() or 0)


def lag_from(xid: int) -> timedelta | None:
    """The same where all events of transactions before this one are known to have their leaves."""
    # The first in the order of sealing: a walk over an index, where the least of all times would read all.
    waiting = without_leaf().filter(xid__gte=xid).order_by("xid", "id")
    return waiting.values_list(_age(), flat=True).first()


def is_sealing() -> bool:
    """Whether the sealer showed life within two minutes, and no event has been waiting for longer."""
    return sealing().is_well


def without_leaf() -> QuerySet[Event]:
    return Event.objects.filter(~Exists(Leaf.objects.filter(event_id=OuterRef("id"))))


def _silence() -> timedelta | None:
    return Heartbeat.objects.values_list(_age(), flat=True).first()


def _age() -> Combinable:
    return ExpressionWrapper(Now() - F("at"), output_field=DurationField())
