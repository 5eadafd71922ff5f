"""What a stretch of the log comes to, in numbers: the summary of a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, Min, QuerySet
from django.db.models.functions import TruncDay, TruncMonth
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actions import label_of
from audit.masking import mask
from audit.models import Event

MOST_DAYS = 92  # more of them are told by the month
_TOP_ACTIONS, _TOP_ACTORS = 12, 10

Bars = list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Figures:
    """`times` runs without a gap from the first event to the last, by day or by month."""

    rows: int
    first: datetime | None
    last: datetime | None
    times: Bars
    by_month: bool
    outcomes: dict[str, int]
    actions: Bars
    actors: Bars


def figures_of(events: QuerySet[Event]) -> Figures:
    """Counted in the database; the events themselves are not read."""
    events = events.order_by()
    ends = events.aggregate(rows=Count("id"), first=Min("at"), last=Max("at"))
    by_month = bool(ends["rows"]) and ends["last"] - ends["first"] > timedelta(days=MOST_DAYS)
    return Figures(
        rows=ends["rows"],
        first=ends["first"],
        last=ends["last"],
        times=_times(events, ends["first"], ends["last"], by_month) if ends["rows"] else [],
        by_month=by_month,
        outcomes=dict(events.values_list("outcome").annotate(count=Count("id")).order_by("-count")),
        actions=_actions(events),
        actors=_actors(events),
    )


def _times(events: QuerySet[Event], first: datetime, last: datetime, by_month: bool) -> Bars:
    truncated = TruncMonth("at") if by_month else TruncDay("at")  # days and months of the current time zone
    counted = {
        moment.date(): count
        for moment, count in events.annotate(time=truncated).values_list("time").annotate(count=Count("id"))
    }
    shape = "%Y-%m" if by_month else "%m-%d"
    ends = timezone.localtime(first).date(), timezone.localtime(last).date()
    return [(day.strftime(shape), counted.get(day, 0)) for day in _days(*ends, by_month=by_month)]


def _days(first: date, last: date, *, by_month: bool) -> list[date]:
    if not by_month:
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(month // 12, month % 12 + 1, 1) for month in months]


def _actions(events: QuerySet[Event]) -> Bars:
    counted = list(events.values_list("action").annotate(count=Count("id")).order_by("-count", "action"))
    bars = [(label_of(action), count) for action, count in counted[:_TOP_ACTIONS]]
    if rest := sum(count for _action, count in counted[_TOP_ACTIONS:]):
        bars.append((_("其他操作"), rest))
    return bars


def _actors(events: QuerySet[Event]) -> Bars:
    counted = events.values_list("actor_kind", "actor_id").annotate(count=Count("id"), name=Max("actor_name"))
    kinds = dict(Event.ActorKind.choices)
    return [
        (_name(kind, name) or actor_id or str(kinds.get(kind, kind)), count)
        for kind, actor_id, count, name in counted.order_by("-count", "actor_kind", "actor_id")[:_TOP_ACTORS]
    ]


def _name(kind: str, name: str) -> str:
    """Masked; the platform itself goes by the word for its kind."""
    return "" if kind == Event.ActorKind.SYSTEM else mask(name)
