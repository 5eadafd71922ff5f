"""One entry: what it says, where it is heard, and the buttons of whoever must act next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.middleware import origin_of
from accounts.models import Staff
from audit.models import Event
from govvoice.broadcasts import lexicon_impact
from govvoice.portal.broadcasts.timeline import moments_of
from govvoice.portal.desk.voices import voice_cards
from govvoice.portal.desk.words import words
from govvoice.portal.lexicon.impact import heard_in
from govvoice.portal.lexicon.scope import ADD, APPROVE, VIEW, find, list_crumb
from govvoice.portal.lexicon.wording import effective_of, entry_badge, scope_of, spoken_of
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.reasons import RefusalForm, reason_in
from govvoice.portal.steps import attempt, decide
from govvoice.problems import Problem
from synthesis.lexicon import services
from synthesis.lexicon.models import Entry

State = Entry.State


@staff_page(VIEW)
@require_GET
def entry(request: HttpRequest, number: int) -> HttpResponse:
    return _show(request, find(staff_of(request), number))


@staff_page(APPROVE)
@require_POST
def approve(request: HttpRequest, number: int) -> HttpResponse:
    entry = find(staff_of(request), number)
    return _step(
        request,
        entry,
        lambda: services.approve(entry=entry, staff=staff_of(request), origin=origin_of(request)),
        action="lexicon.approved",
        done=_("已批准，两秒内全平台生效。"),
    )


@staff_page(APPROVE)
@require_POST
def refuse(request: HttpRequest, number: int) -> HttpResponse:
    entry = find(staff_of(request), number)
    reason = reason_in(RefusalForm(request.POST))
    if isinstance(reason, Problem):
        return _show(request, entry, problem=reason)
    return _step(
        request,
        entry,
        lambda: services.refuse(
            entry=entry, reason=reason, staff=staff_of(request), origin=origin_of(request)
        ),
        action="lexicon.refused",
        done=_("已驳回，提出人会看到驳回原因。"),
    )


@staff_page(APPROVE)
@require_POST
def retire(request: HttpRequest, number: int) -> HttpResponse:
    entry = find(staff_of(request), number)
    return _step(
        request,
        entry,
        lambda: services.retire(entry=entry, staff=staff_of(request), origin=origin_of(request)),
        action="lexicon.retired",
        done=_("已停用，该词改由平台判断读音。"),
    )


@staff_page(APPROVE)
@require_POST
def respeak(request: HttpRequest, number: int) -> HttpResponse:
    """Has the finished audio that says the word made anew, where that may be."""
    entry = find(staff_of(request), number)
    made: list[Any] = []

    def speak_anew() -> None:
        made.extend(lexicon_impact.respeak(entry=entry, staff=staff_of(request), origin=origin_of(request)))

    problem = attempt(request, speak_anew, action="rendition.made", target=services.target_of(entry))
    if problem:
        return _show(request, find(staff_of(request), number), problem=problem)
    told = ngettext("已开始重新合成 %(count)d 个播报。", "已开始重新合成 %(count)d 个播报。", len(made))
    messages.success(request, told % {"count": len(made)})
    return redirect("admin:lexicon-entry", number)


def _step(
    request: HttpRequest, entry: Entry, step: Callable[[], None], *, action: str, done: str
) -> HttpResponse:
    return decide(
        request,
        step,
        action=action,
        target=services.target_of(entry),
        done=done,
        onward=reverse("admin:lexicon-entry", args=[entry.pk]),
        show=lambda problem: _show(request, find(staff_of(request), entry.pk), problem=problem),
    )


def _show(request: HttpRequest, entry: Entry, *, problem: Problem | None = None) -> HttpResponse:
    staff = staff_of(request)
    history = services.history(entry)
    events = Event.objects.filter(object_type="lexicon", object_id__in=[str(row.pk) for row in history])
    return page(
        request,
        "portal/lexicon/entry.html",
        title=_("词条“%(word)s”") % {"word": entry.word},
        trail=[list_crumb()],
        status=problem.status if problem else 200,
        entry=entry,
        badge=entry_badge(entry.state),
        spoken=spoken_of(entry.reading, entry.replacement),
        before=_before(history),
        scope=scope_of(entry),
        effective=effective_of(entry),
        examples=entry.examples.splitlines(),
        conflicts=[(row, spoken_of(row.reading, row.replacement), scope_of(row)) for row in _met(entry)],
        timeline=moments_of(events),
        problem=problem,
        reason=request.POST.get("reason", ""),
        speak_url=reverse("admin:desk-speak"),
        voices=voice_cards() if staff.has_perm("synthesis.preview_speech") else [],
        words=words(),
        **heard_in(entry, staff),
        **_rights(entry, staff),
    )


def _before(history: list[Entry]) -> Any:
    """How the word was read under the revision that this one takes the place of."""
    if len(history) < 2:
        return None
    return spoken_of(history[1].reading, history[1].replacement)


def _met(entry: Entry) -> list[Entry]:
    return services.conflicts(word=entry.word, scope=entry.scope, scope_key=entry.scope_key, besides=entry)


def _rights(entry: Entry, staff: Staff) -> dict[str, bool]:
    """Which buttons stand on the page."""
    waits, own = entry.state == State.PENDING, entry.author_id == staff.pk
    may_approve = staff.has_perm(APPROVE)
    return {
        "may_decide": waits and may_approve and not own,
        "is_own": waits and own,
        "may_change": staff.has_perm(ADD),
        "may_retire": may_approve and entry.state == State.ACTIVE,
        "may_respeak": may_approve and entry.state in {State.ACTIVE, State.RETIRED},
    }
