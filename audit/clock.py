"""Steps of the clock that dates the evidence, and what times they leave possible.

Events and heads are dated by the database's clock. When that is set back, honest events look as if they were
dated back, and a head is earlier than the one before. What tells such a step from a forged row is an event of
its own, `clock.step`, sealed between the same two heads as the step: it says from what time to what time the
clock went, and excuses exactly what lies on either side of it, there and nowhere else. Whoever can put rows
into the log before they are sealed can forge one; it then stands in the log for ever, and every verification
names it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import Max

from audit.canonical import event_bytes, instant
from audit.merkle import leaf_hashes
from audit.models import Event, Leaf, TreeHead

CLOCK_STEP: Final = "clock.step"
# A transaction may begin its statement before a head and commit after it, but not by as much as this; and
# the head over an event comes sooner.
LONGEST_TRANSACTION: Final = timedelta(hours=1)
_CLOCKS = timedelta(minutes=1)
# How far off the times of a step may be: what is no step yet, and what its reading took.
_SLACK = timedelta(seconds=3)
# Readings are no further apart, however long a worker was held up.
_UNSEEN = timedelta(hours=1, minutes=1)
_NONE = timedelta()
_EARLIEST, _LATEST = (edge.replace(tzinfo=UTC) for edge in (datetime.min, datetime.max))


@dataclass(frozen=True, slots=True)
class Step:
    """One step, in the times of the clock that stepped.

    `now` is what it showed when the step was noticed, `expected` what it would have shown without the step,
    `earliest` the first that it can have shown after it.
    """

    now: datetime
    expected: datetime
    earliest: datetime

    @property
    def seconds(self) -> float:
        """Below zero when the clock was set back."""
        return (self.now - self.expected).total_seconds()

    def as_details(self) -> dict[str, Any]:
        times = {name: instant(getattr(self, name)) for name in ("now", "expected", "earliest")}
        return {"stepped": round(self.seconds, 3), **times}

    @classmethod
    def told_by(cls, event: Event) -> Step | None:
        """None when the event tells of none, or not of one that was noticed when it was written."""
        try:
            told = (event.details[name] for name in ("now", "expected", "earliest"))
            step = cls(*map(datetime.fromisoformat, told))
            written, unseen = event.at - step.now, step.now - step.earliest
            sane = _EARLIEST + _UNSEEN < step.expected < _LATEST - _UNSEEN
        except (KeyError, TypeError, ValueError):
            return None
        return step if sane and -_SLACK <= written <= _CLOCKS and _NONE <= unseen <= _UNSEEN else None


@dataclass(frozen=True, slots=True)
class SealedStep:
    """A step with the place and the id of its event."""

    step: Step
    seq: int
    event: int


def sealed_steps() -> list[SealedStep]:
    """Those on record whose event is the one that was sealed, in the order of their places."""
    events = Event.objects.filter(action=CLOCK_STEP).in_bulk()
    leaves = Leaf.objects.filter(event_id__in=events).order_by("seq")
    return [found for leaf in leaves for found in _told(leaf, events[leaf.event_id])]


def _told(leaf: Leaf, event: Event) -> Iterator[SealedStep]:
    step = Step.told_by(event)
    if step is not None and leaf_hashes(event_bytes(event)) == (bytes(leaf.sha256), bytes(leaf.sm3)):
        yield SealedStep(step, leaf.seq, event.id)


def between(steps: Iterable[SealedStep], begin: int, end: int) -> list[SealedStep]:
    """The steps that are sealed at the places begin to end - 1."""
    return [one for one in steps if begin <= one.seq < end]


def explains(steps: Sequence[SealedStep], before: datetime, after: datetime) -> bool:
    """Whether these steps, sealed between two heads of these times, say how the second can be the earlier."""
    return _lead_to(steps, after) and before <= max(one.step.expected for one in steps) + _SLACK


def _lead_to(steps: Sequence[SealedStep], after: datetime) -> bool:
    """Whether the clock went on from the last of the steps to the head that closes their stretch.

    Else one forged event would excuse whatever lies before a head that knows nothing of a step.
    """
    if not steps:
        return False
    last = steps[-1].step
    return last.earliest - _SLACK <= after <= last.now + LONGEST_TRANSACTION


class Times:
    """When the events between two heads can have been written.

    `since` and `until` are the times of the heads, None where there is none; `steps` are sealed between them.
    Events are sealed in the order in which their transactions began to write, so that none of before a step
    can stand behind the event that tells of it.
    """

    def __init__(
        self, since: datetime | None, until: datetime | None, steps: Sequence[SealedStep] = ()
    ) -> None:
        told = steps if until is None or _lead_to(steps, until) else ()
        starts = [one.step.earliest - _SLACK for one in told]
        ends = [one.step.expected + _SLACK for one in told]
        first = _EARLIEST if since is None else min([since, *ends[:1]]) - LONGEST_TRANSACTION
        last = _LATEST if until is None else until + _CLOCKS
        self._spans = list(zip([first, *starts], [*ends, last], strict=True))
        self._places = [one.seq for one in told]

    def hold(self, at: datetime, seq: int) -> bool:
        """Whether an event of this time can stand at this place."""
        passed = bisect_left(self._places, seq)
        return any(start <= at <= end for start, end in self._spans[passed:])


def latest_time() -> datetime | None:
    """The latest time that events and heads bear since the last step on record; None for an empty log."""
    step = Event.objects.filter(action=CLOCK_STEP).order_by("-id").first()
    events, heads = Event.objects.all(), TreeHead.objects.all()
    if step is not None:
        leaf = Leaf.objects.filter(event_id=step.id).first()
        events = events.filter(id__gte=step.id)
        heads = heads.filter(size__gt=leaf.seq) if leaf else heads.none()
    newest = heads.order_by("-number").values_list("at", flat=True).first()
    times = (newest, events.aggregate(at=Max("at"))["at"])
    return max((at for at in times if at is not None), default=None)
