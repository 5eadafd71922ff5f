"""The life of one object or one request, from its first event to its last, on a page that prints well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.actions import label_of
from audit.errors import InvalidFilter
from audit.exports.terms import object_label
from audit.models import Event
from audit.selectors import EventFilter, bounded_count, object_timeline, request_timeline
from govvoice.portal.evidence.details import Teller
from govvoice.portal.evidence.looks import record_look
from govvoice.portal.pages import Crumb, page, staff_page

BESIDE = 20  # events of a timeline beside one event
WHOLE = 2_000  # events of a timeline that has the page to itself
# The way of a broadcast, as its stages; each is told by the newest event of its kind.
STAGES = (
    "broadcast.created",
    "broadcast.submitted",
    "broadcast.approved",
    "broadcast.published",
    "broadcast.withdrawn",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One event, or a run of the same by one actor: a hotline fetches its audio hundreds of times."""

    first: Event
    last: Event
    count: int
    since: str  # how long after the step before
    facts: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Stage:
    label: str
    event: Event | None


@dataclass(frozen=True, slots=True)
class Beside:
    """A timeline's beginning, as it stands beside one event."""

    label: str
    events: list[Event]
    url: str


@staff_page("audit.view_event")
@require_safe
def timeline(request: HttpRequest) -> HttpResponse:
    """Of `request_id`, or of `object_type` and `object`."""
    terms = _terms(request)
    events = _events(terms)
    shown = list(events[:WHOLE])
    if not shown:
        raise Http404
    record_look(request, terms)
    return page(
        request,
        "portal/evidence/timeline.html",
        title=_title(terms, shown),
        trail=[Crumb(_("审计日志"), reverse("admin:evidence"))],
        steps=_steps(shown),
        stages=_stages(shown) if terms.get("object_type") == "broadcast" else [],
        people=sorted({event.actor_name or event.get_actor_kind_display() for event in shown}),
        first=shown[0],
        last=shown[-1],
        count=len(shown),
        cut=bounded_count(events, limit=WHOLE) > WHOLE,
        search=urlencode(terms),
    )


def short_timelines(found: Event) -> list[Beside]:
    """What else the same request did, and what else happened to the same object."""
    beside = []
    if found.request_id:
        terms = {"request_id": found.request_id}
        beside.append(_beside(_("同一请求"), request_timeline(found.request_id), terms))
    if found.object_id:
        of_object = object_timeline(object_type=found.object_type, object_id=found.object_id)
        terms = {"object_type": found.object_type, "object": found.object_id}
        beside.append(_beside(_("同一对象"), of_object, terms))
    return beside


def _beside(label: str, events: QuerySet[Event], terms: dict[str, str]) -> Beside:
    return Beside(label, list(events[:BESIDE]), f"{reverse('admin:evidence-timeline')}?{urlencode(terms)}")


def _terms(request: HttpRequest) -> dict[str, str]:
    """Judged as a search's terms are; whatever else is asked is no timeline."""
    try:
        terms = EventFilter.parse(request.GET.dict()).as_details()
    except InvalidFilter as error:
        raise Http404 from error
    if set(terms) not in ({"request_id"}, {"object_type", "object"}):
        raise Http404
    return terms


def _events(terms: dict[str, str]) -> QuerySet[Event]:
    if request_id := terms.get("request_id"):
        return request_timeline(request_id)
    return object_timeline(object_type=terms["object_type"], object_id=terms["object"])


def _title(terms: dict[str, str], events: list[Event]) -> str:
    if "request_id" in terms:
        return _("请求 %(request_id)s 的经过") % terms
    kind = object_label(terms["object_type"])
    name = next((event.object_name for event in reversed(events) if event.object_name), terms["object"])
    return _("%(kind)s“%(name)s”的经过") % {"kind": kind, "name": name}


def _steps(events: Iterable[Event]) -> list[Step]:
    steps: list[Step] = []
    teller = Teller()
    for _alike, run in groupby(events, key=lambda event: (event.action, event.actor_id, event.outcome)):
        first, *rest = run
        last = rest[-1] if rest else first
        since = _span(first.at - steps[-1].last.at) if steps else ""
        steps.append(Step(first, last, len(rest) + 1, since, teller.facts(first)))
    return steps


def _stages(events: list[Event]) -> list[Stage]:
    done = {event.action: event for event in events if event.outcome == Event.Outcome.SUCCEEDED}
    return [Stage(label_of(action), done.get(action)) for action in STAGES]


def _span(span: timedelta) -> str:
    """+3 天 4 小时: the two largest units."""
    seconds = int(span.total_seconds())
    units = [
        (_("天"), seconds // 86400),
        (_("小时"), seconds // 3600 % 24),
        (_("分"), seconds // 60 % 60),
        (_("秒"), seconds % 60),
    ]
    shown = [f"{count} {unit}" for unit, count in units if count][:2]
    return f"+{' '.join(shown)}" if shown else ""
