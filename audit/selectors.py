"""Reading the log: one filter for lists and exports, pages that stay put while events come in, timelines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from audit.actions import choices, is_registered
from audit.addresses import plain_network
from audit.errors import InvalidFilter
from audit.models import Event, Leaf

COUNTED = 10_000  # beyond it nobody reads on, and counting takes longer than finding
_LONGEST = 200
_GROUP = ".*"
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What to look for; an empty field asks nothing, all that are filled must hold.

    `since` is inclusive and `until` exclusive. `actor` is part of a name or a whole id, `client` the code of
    a client that acted or was acted upon, `object` part of a name or a whole id, `address` an address or a
    network. `action` is a whole one, or all that begin alike: `broadcast.*`.
    """

    since: datetime | None = None
    until: datetime | None = None
    action: str = ""
    outcome: str = ""
    actor: str = ""
    client: str = ""
    object_type: str = ""
    object: str = ""
    address: str = ""
    request_id: str = ""

    @classmethod
    def parse(cls, terms: Mapping[str, str]) -> EventFilter:
        """From a query string's terms. A day alone means the whole day, Shanghai time, for `until` too.

        Raises InvalidFilter naming every field that cannot be read, and every name that is no field.
        """
        problems: dict[str, str] = {}
        values: dict[str, object] = {}
        for name, text in terms.items():
            if not text.strip():
                continue
            try:
                values[name] = _READERS[name](text.strip())
            except KeyError:
                problems[name] = _("没有这个筛选条件")
            except ValueError as error:
                problems[name] = str(error)
        if problems:
            raise InvalidFilter(problems)
        return cls(**values).checked()  # type: ignore[arg-type]  # each reader yields its field's type

    def checked(self) -> EventFilter:
        """Itself. Raises InvalidFilter when the time ends before it begins."""
        if self.since and self.until and self.since >= self.until:
            raise InvalidFilter({"until": _("结束时间应晚于开始时间")})
        return self

    def before(self, moment: datetime) -> EventFilter:
        """The same, of what happened before `moment`."""
        return replace(self, until=min(self.until, moment) if self.until else moment)

    def queryset(self) -> QuerySet[Event]:
        """Matching events, newest first."""
        return Event.objects.filter(self._condition()).order_by("-at", "-id")

    def as_details(self) -> dict[str, str]:
        """The fields that ask something, for the event that records a search or an export."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
            if value
        }

    def _condition(self) -> Q:
        exact = {
            "at__gte": self.since,
            "at__lt": self.until,
            "outcome": self.outcome,
            "object_type": self.object_type,
            "address__within": self.address,
            "request_id": self.request_id,
        }
        condition = Q(**{lookup: value for lookup, value in exact.items() if value})
        if self.action:
            condition &= self._of_action()
        if self.actor:
            condition &= Q(actor_id=self.actor) | Q(actor_name__icontains=self.actor)
        if self.client:
            condition &= Q(actor_kind="client", actor_id=self.client) | Q(
                object_type="client", object_id=self.client
            )
        if self.object:
            condition &= Q(object_id=self.object) | Q(object_name__icontains=self.object)
        return condition

    def _of_action(self) -> Q:
        if not self.action.endswith(_GROUP):
            return Q(action=self.action)
        # Named one by one: so the index of actions serves.
        beginning = self.action.removesuffix("*")
        return Q(action__in=[action for action, _label in choices() if action.startswith(beginning)])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the next one goes on below it, whatever has come in above meanwhile."""

    at: datetime
    id: int


def page(
    events: QuerySet[Event], *, size: int, below: Place | None = None
) -> tuple[list[Event], Place | None]:
    """At most `size` events of a filter's queryset, and where the next page begins, if there is one."""
    if below is not None:
        # The first condition is what the index can use, the second one cuts within the same microsecond.
        events = events.filter(at__lte=below.at).exclude(at=below.at, id__gte=below.id)
    found = list(events[: size + 1])
    if len(found) <= size:
        return found, None
    last = found[size - 1]
    return found[:size], Place(at=last.at, id=last.id)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a search. `count` is None when there are more than COUNTED events."""

    events: list[Event]
    below: Place | None
    count: int | None


def search(events: QuerySet[Event], *, size: int, below: Place | None = None) -> Found:
    """A page of a filter's queryset, each event with `sealed`, and how many events there are.

    Places come first, in no order, as many as are counted: so a rare name costs one scan, on all cores. In
    the order of time the same would walk an index past a million events that are none of it. What there are
    many of is found in that order at once.
    """
    places = list(events.order_by().values_list("at", "id")[: COUNTED + 1])
    if len(places) > COUNTED:
        return Found(*page(with_seal(events), size=size, below=below), count=None)
    left = sorted((place for place in places if below is None or place < (below.at, below.id)), reverse=True)
    shown = left[:size]
    if not shown:
        return Found([], None, len(places))
    last = Place(*shown[-1])
    # The times spare a look into every month.
    found = with_seal(
        Event.objects.filter(pk__in=[number for _at, number in shown], at__range=(last.at, shown[0][0]))
    )
    return Found(list(found.order_by("-at", "-id")), last if len(left) > size else None, len(places))


def bounded_count(events: QuerySet[Event], *, limit: int) -> int:
    """How many there are, or limit + 1 when there are more: to know more means to read them all."""
    return events.order_by()[: limit + 1].count()


def walk(events: QuerySet[Event], *, size: int = 1000) -> Iterator[Event]:
    """All events of a filter's queryset, a page at a time: flat in memory, and no transaction stays open."""
    below: Place | None = None
    while True:
        found, below = page(events, size=size, below=below)
        yield from found
        del found  # or two pages at a time are in memory, while the next is read
        if below is None:
            return


def with_seal(events: QuerySet[Event]) -> QuerySet[Event]:
    """The same events, each with `sealed`: whether it has its leaf in the tree."""
    return events.annotate(sealed=Exists(Leaf.objects.filter(event_id=OuterRef("id"))))


def request_timeline(request_id: str) -> QuerySet[Event]:
    """Everything one request did, in order."""
    return Event.objects.filter(request_id=request_id).order_by("at", "id")


def object_timeline(*, object_type: str, object_id: str) -> QuerySet[Event]:
    """Everything that happened to one object, in order."""
    return Event.objects.filter(object_type=object_type, object_id=object_id).order_by("at", "id")


def _plain(text: str) -> str:
    if len(text) > _LONGEST:
        raise ValueError(_("不能超过 %(limit)d 个字符") % {"limit": _LONGEST})
    if _UNPRINTABLE.search(text):
        raise ValueError(_("含有不可见字符"))
    return text


def _action(text: str) -> str:
    if _plain(text).endswith(_GROUP):
        known = any(action.startswith(text.removesuffix("*")) for action, _label in choices())
    else:
        known = is_registered(text)
    if not known:
        raise ValueError(_("没有这种操作"))
    return text


def _outcome(text: str) -> str:
    if text not in Event.Outcome.values:
        raise ValueError(_("应为 succeeded、refused 或 failed"))
    return text


def _network(text: str) -> str:
    try:
        return plain_network(_plain(text))
    except ValueError:
        raise ValueError(_("不是 IP 地址或网段，应写作 10.1.2.3 或 10.1.0.0/16")) from None


def _since(text: str) -> datetime:
    return _moment(text, day_ends=False)


def _until(text: str) -> datetime:
    return _moment(text, day_ends=True)


def _moment(text: str, *, day_ends: bool) -> datetime:
    problem = ValueError(_("不是日期或时间，应写作 2026-11-21 或 2026-11-21 09:05"))
    try:
        day = parse_date(text)
        moment = datetime.combine(day, time.min) if day else parse_datetime(text)
        if moment is None:
            raise problem
        if day and day_ends:
            moment += timedelta(days=1)
        aware = timezone.make_aware(moment) if moment.tzinfo is None else moment
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise problem from None


_READERS: dict[str, Callable[[str], object]] = {
    "since": _since,
    "until": _until,
    "action": _action,
    "outcome": _outcome,
    "actor": _plain,
    "client": _plain,
    "object_type": _plain,
    "object": _plain,
    "address": _network,
    "request_id": _plain,
}
