"""审核: text and sound side by side, and the buttons of whoever must act next."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.middleware import origin_of
from accounts.models import Staff
from govvoice.broadcasts import services
from govvoice.broadcasts.models import Broadcast, Revision
from govvoice.portal.broadcasts.changes import delivery_of, since_approval
from govvoice.portal.broadcasts.forms import ApprovalForm
from govvoice.portal.broadcasts.listening import has_heard, mark_heard
from govvoice.portal.broadcasts.scope import find, list_crumb
from govvoice.portal.broadcasts.sound import told
from govvoice.portal.broadcasts.timeline import timeline_of
from govvoice.portal.broadcasts.way import way_of
from govvoice.portal.broadcasts.wording import broadcast_badge
from govvoice.portal.desk.words import words
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.reasons import ReturnForm, reason_in
from govvoice.portal.screening.met import met_in
from govvoice.portal.steps import decide, keep_refusal
from govvoice.problems import Problem
from synthesis.clearance import find as find_hits
from synthesis.screening.review import kept

State = Broadcast.State
APPROVE = "broadcasts.approve_broadcast"
PUBLISH = "broadcasts.publish_broadcast"


@staff_page("broadcasts.view_broadcast")
@require_GET
def review(request: HttpRequest, code: str) -> HttpResponse:
    return _show(request, find(staff_of(request), code))


@staff_page(APPROVE)
@require_POST
def heard(request: HttpRequest, code: str) -> HttpResponse:
    """The page's player reached the end of this sound."""
    form = ApprovalForm(request.POST)
    rendition = find(staff_of(request), code).latest.rendition
    if not form.is_valid() or rendition is None or rendition.sha256 != form.cleaned_data["sha256"]:
        return HttpResponse(status=409)
    mark_heard(request, rendition.sha256)
    return HttpResponse(status=204)


@staff_page(APPROVE)
@require_POST
def approve(request: HttpRequest, code: str) -> HttpResponse:
    form = ApprovalForm(request.POST)
    sha256 = form.cleaned_data["sha256"] if form.is_valid() else ""
    broadcast = find(staff_of(request), code)
    if not has_heard(request, sha256):
        unheard = Problem(422, "not_heard", _("请先把成品音频完整听一遍，再点“通过”。"))
        keep_refusal(
            request, unheard, action="broadcast.approved", target=services.broadcast_target(broadcast)
        )
        return _show(request, broadcast, problem=unheard)
    return _step(
        request,
        broadcast,
        lambda: services.approve(
            broadcast=broadcast, sha256=sha256, staff=staff_of(request), origin=origin_of(request)
        ),
        action="broadcast.approved",
        done=_("已通过，等待发布。"),
    )


@staff_page(APPROVE)
@require_POST
def send_back(request: HttpRequest, code: str) -> HttpResponse:
    return _return(request, code, services.send_back)


@staff_page(PUBLISH)
@require_POST
def take_back(request: HttpRequest, code: str) -> HttpResponse:
    return _return(request, code, services.take_back)


@staff_page(PUBLISH)
@require_POST
def publish(request: HttpRequest, code: str) -> HttpResponse:
    broadcast = find(staff_of(request), code)
    return _step(
        request,
        broadcast,
        lambda: services.publish(broadcast=broadcast, staff=staff_of(request), origin=origin_of(request)),
        action="broadcast.published",
        done=_("已发布，渠道现在可以获取此播报。"),
    )


@staff_page(PUBLISH)
@require_POST
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    broadcast = find(staff_of(request), code)
    return _step(
        request,
        broadcast,
        lambda: services.withdraw(broadcast=broadcast, staff=staff_of(request), origin=origin_of(request)),
        action="broadcast.withdrawn",
        done=_("已撤回，渠道不再获取到此播报。"),
    )


def _return(request: HttpRequest, code: str, step: Callable[..., None]) -> HttpResponse:
    """`step` is a service that returns the broadcast to its author, with a reason."""
    broadcast = find(staff_of(request), code)
    reason, staff = reason_in(ReturnForm(request.POST)), staff_of(request)
    if isinstance(reason, Problem):
        return _show(request, broadcast, problem=reason)
    return _step(
        request,
        broadcast,
        lambda: step(broadcast=broadcast, reason=reason, staff=staff, origin=origin_of(request)),
        action="broadcast.returned",
        done=_("已退回，撰稿人会看到退回原因。"),
    )


def _step(
    request: HttpRequest, broadcast: Broadcast, step: Callable[[], None], *, action: str, done: str
) -> HttpResponse:
    return decide(
        request,
        step,
        action=action,
        target=services.broadcast_target(broadcast),
        done=done,
        onward=reverse("admin:broadcast-review", args=[broadcast.code]),
        show=lambda problem: _show(request, find(staff_of(request), broadcast.code), problem=problem),
    )


def _show(request: HttpRequest, broadcast: Broadcast, *, problem: Problem | None = None) -> HttpResponse:
    staff, revision = staff_of(request), broadcast.latest
    sound = told(revision)
    return page(
        request,
        "portal/broadcasts/review.html",
        title=_("审核播报") if _may_decide(broadcast, revision, staff) else _("播报详情"),
        trail=[list_crumb()],
        status=problem.status if problem else 200,
        broadcast=broadcast,
        revision=revision,
        badge=broadcast_badge(broadcast.state),
        delivery=delivery_of(revision),
        sound=sound,
        met=met_in(revision.text, [kept(hit) for hit in find_hits(services.spec_of(revision))]),
        difference=since_approval(revision),
        history=broadcast.revisions.select_related("rendition"),
        timeline=timeline_of(broadcast),
        way=way_of(broadcast, revision, staff),
        problem=problem,
        may_decide=_may_decide(broadcast, revision, staff),
        is_own_review=broadcast.state == State.IN_REVIEW and revision.author_id == staff.pk,
        channels="、".join(channel.name for channel in broadcast.channels.all()),
        reason=request.POST.get("reason", ""),
        said={"text": revision.text, "voice": revision.voice},
        may_see_readings=staff.has_perm("synthesis.preview_speech"),
        may_propose=staff.has_perm("lexicon.add_entry"),
        words=words(),
        is_heard=has_heard(request, sound.get("sha256", "")),
        may_publish=broadcast.state == State.APPROVED and staff.has_perm(PUBLISH),
        may_withdraw=broadcast.state == State.PUBLISHED and staff.has_perm(PUBLISH),
        may_edit=broadcast.state in services.EDITABLE and staff.has_perm("broadcasts.change_broadcast"),
        heard_url=reverse("admin:broadcast-heard", args=[broadcast.code]),
    )


def _may_decide(broadcast: Broadcast, revision: Revision, staff: Staff) -> bool:
    return broadcast.state == State.IN_REVIEW and staff.has_perm(APPROVE) and revision.author_id != staff.pk
