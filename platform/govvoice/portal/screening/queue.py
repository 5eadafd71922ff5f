"""待审文本: what callers wait for, read with its context, passed once or always, or refused."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.middleware import origin_of
from accounts.models import Staff
from audit.models import Event
from govvoice.portal.broadcasts.timeline import moments_of
from govvoice.portal.broadcasts.wording import Badge
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.screening.forms import DecisionForm, QueueFilter
from govvoice.portal.screening.marking import Piece, excerpt, marked
from govvoice.portal.screening.met import met_in
from govvoice.portal.screening.scope import DECIDE, VIEW_HELD, find_held, held_for, queue_crumb
from govvoice.portal.screening.wording import held_badge
from govvoice.portal.steps import decide as take
from govvoice.problems import Problem
from synthesis.screening import review
from synthesis.screening.models import ReviewItem

PAGE_SIZE = 20
OTHERS_SHOWN = 5
State = ReviewItem.State


@dataclass(frozen=True, slots=True)
class Row:
    """A held text in the queue."""

    item: ReviewItem
    badge: Badge
    pieces: tuple[Piece, ...]
    url: str


@staff_page(VIEW_HELD)
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What waits, the longest waiting first; or what was decided, the newest first."""
    form = QueueFilter(request.GET)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    held = held_for(staff_of(request))
    waiting = held.filter(state=State.WAITING).order_by("created_at")
    found = held.exclude(state=State.WAITING).order_by("-decided_at") if state == "decided" else waiting
    sheet = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return page(
        request,
        "portal/screening/queue.html",
        title=_("待审文本"),
        rows=[_row(item) for item in sheet],
        sheet=sheet,
        state=state or "waiting",
        waiting=waiting.count(),
    )


@staff_page(VIEW_HELD)
@require_GET
def held(request: HttpRequest, code: str) -> HttpResponse:
    return _show(request, find_held(staff_of(request), code))


@staff_page(DECIDE)
@require_POST
def decide(request: HttpRequest, code: str) -> HttpResponse:
    item, form = find_held(staff_of(request), code), DecisionForm(request.POST)
    if not form.is_valid():
        message = next(iter(form.errors.as_data().values()))[0].messages[0]
        return _show(request, item, problem=Problem(422, "decision_invalid", message))
    posted = form.cleaned_data
    return take(
        request,
        lambda: review.decide(item=item, staff=staff_of(request), origin=origin_of(request), **posted),
        action=review.ACTIONS[posted["decision"]],
        target=review.target_of(item),
        done=_DONE[posted["decision"]](),
        onward=reverse("admin:review-queue"),
        show=lambda problem: _show(request, find_held(staff_of(request), code), problem=problem),
    )


@staff_page(DECIDE)
@require_POST
def revoke(request: HttpRequest, code: str) -> HttpResponse:
    item = find_held(staff_of(request), code)
    return take(
        request,
        lambda: review.revoke(item=item, staff=staff_of(request), origin=origin_of(request)),
        action="review.revoked",
        target=review.target_of(item),
        done=_("已收回放行，再次请求时会重新待审。"),
        onward=reverse("admin:review-item", args=[code]),
        show=lambda problem: _show(request, find_held(staff_of(request), code), problem=problem),
    )


_DONE = {
    State.ONCE.value: lambda: _("已放行一次，对方再次请求时即可合成。"),
    State.ALWAYS.value: lambda: _("已始终放行这段文本，命中新的敏感词时仍会待审。"),
    State.REFUSED.value: lambda: _("已拒绝，对方再次请求时会被拦截。"),
}


def _row(item: ReviewItem) -> Row:
    spans = _spans(item)
    pieces = excerpt(item.text, spans) if spans else (Piece(item.text[:28], False),)
    return Row(item, held_badge(item), pieces, reverse("admin:review-item", args=[item.code]))


def _show(request: HttpRequest, item: ReviewItem, *, problem: Problem | None = None) -> HttpResponse:
    staff = staff_of(request)
    same_caller = held_for(staff).filter(caller_kind=item.caller_kind, caller_id=item.caller_id)
    return page(
        request,
        "portal/screening/held.html",
        title=_("待审文本 %(code)s") % {"code": item.code},
        trail=[queue_crumb()],
        status=problem.status if problem else 200,
        item=item,
        badge=held_badge(item),
        pieces=marked(item.text, _spans(item)),
        met=met_in(item.text, item.hits),
        others=[_row(other) for other in same_caller.exclude(pk=item.pk)[:OTHERS_SHOWN]],
        timeline=moments_of(Event.objects.filter(object_type="review", object_id=item.code)),
        problem=problem,
        reason=request.POST.get("reason", ""),
        **_rights(item, staff),
    )


def _spans(item: ReviewItem) -> list[tuple[int, int]]:
    return [(hit["start"], hit["end"]) for hit in item.hits]


def _rights(item: ReviewItem, staff: Staff) -> dict[str, bool]:
    """Which buttons stand on the page."""
    own = (item.caller_kind, item.caller_id) == ("staff", str(staff.pk))
    may = staff.has_perm(DECIDE)
    return {
        "may_decide": may and item.state == State.WAITING and not own,
        "is_own": item.state == State.WAITING and own,
        "may_revoke": may and item.state in {State.ONCE, State.ALWAYS},
    }
