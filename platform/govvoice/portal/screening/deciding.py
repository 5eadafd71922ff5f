"""Steps with a version: submitted, approved, refused, given up, brought back."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.middleware import origin_of
from govvoice.portal.pages import staff_of, staff_page
from govvoice.portal.reasons import RefusalForm, reason_in
from govvoice.portal.screening.scope import APPROVE, CHANGE, find_version, version_url
from govvoice.portal.screening.showing import show
from govvoice.portal.steps import attempt, decide
from govvoice.problems import Problem
from synthesis.screening import lists
from synthesis.screening.models import ListVersion


@staff_page(CHANGE)
@require_POST
def submit(request: HttpRequest, number: int, version: int) -> HttpResponse:
    row = find_version(number, version)
    return _step(
        request,
        row,
        lambda: lists.submit(version=row, staff=staff_of(request), origin=origin_of(request)),
        action="wordlist.submitted",
        done=_("已提交，另一位同事批准后两秒内全平台生效。"),
    )


@staff_page(APPROVE)
@require_POST
def approve(request: HttpRequest, number: int, version: int) -> HttpResponse:
    row = find_version(number, version)
    return _step(
        request,
        row,
        lambda: lists.approve(version=row, staff=staff_of(request), origin=origin_of(request)),
        action="wordlist.approved",
        done=_("已批准，两秒内全平台生效。"),
    )


@staff_page(APPROVE)
@require_POST
def refuse(request: HttpRequest, number: int, version: int) -> HttpResponse:
    row, reason = find_version(number, version), reason_in(RefusalForm(request.POST))
    if isinstance(reason, Problem):
        return show(request, row, problem=reason)
    return _step(
        request,
        row,
        lambda: lists.refuse(version=row, reason=reason, staff=staff_of(request), origin=origin_of(request)),
        action="wordlist.refused",
        done=_("已驳回，提出人会看到驳回原因。"),
    )


@staff_page(CHANGE)
@require_POST
def discard(request: HttpRequest, number: int, version: int) -> HttpResponse:
    row = find_version(number, version)
    return _step(
        request,
        row,
        lambda: lists.discard(version=row, staff=staff_of(request), origin=origin_of(request)),
        action="wordlist.discarded",
        done=_("已放弃这个版本，生效的版本不变。"),
    )


@staff_page(CHANGE)
@require_POST
def restore(request: HttpRequest, number: int, version: int) -> HttpResponse:
    row = find_version(number, version)
    made: list[ListVersion] = []

    def bring_back() -> None:
        made.append(lists.restore(version=row, staff=staff_of(request), origin=origin_of(request)))

    problem = attempt(request, bring_back, action="wordlist.restored", target=lists.target_of(row))
    if problem:
        return show(request, row, problem=problem)
    messages.success(request, _("已按第 %(number)d 版建立草稿，提交并批准后生效。") % {"number": row.number})
    return redirect(version_url(made[0]))


def _step(
    request: HttpRequest, version: ListVersion, step: Callable[[], None], *, action: str, done: str
) -> HttpResponse:
    return decide(
        request,
        step,
        action=action,
        target=lists.target_of(version),
        done=done,
        onward=version_url(version),
        show=lambda problem: show(
            request, find_version(version.word_list_id, version.number), problem=problem
        ),
    )
