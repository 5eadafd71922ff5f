"""A voice goes in and out of service, becomes the platform's default, and has its licence cleared."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import origin_of
from accounts.services import staff_actor
from audit.parties import Target
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.speakers.forms import SuccessorForm
from govvoice.portal.speakers.scope import (
    CHANGE_VOICE,
    find,
    find_voice,
    in_service,
    list_crumb,
    speaker_crumb,
)
from govvoice.portal.speakers.showing import named_for, speaker_page
from govvoice.portal.steps import decide
from govvoice.problems import Problem
from synthesis import catalogue
from synthesis.models import Voice


@staff_page(CHANGE_VOICE)
@require_POST
def make_default(request: HttpRequest, voice: str) -> HttpResponse:
    row = find_voice(voice)
    return _take(
        request,
        row,
        lambda: catalogue.set_default(
            voice=row, actor=staff_actor(staff_of(request)), origin=origin_of(request)
        ),
        action="voice.changed",
        done=_("“%(name)s”已设为平台默认发音人。") % {"name": row},
    )


@staff_page(CHANGE_VOICE)
@require_POST
def switch_on(request: HttpRequest, voice: str) -> HttpResponse:
    row = find_voice(voice)
    return _take(
        request,
        row,
        lambda: catalogue.switch_on(
            voice=row, actor=staff_actor(staff_of(request)), origin=origin_of(request)
        ),
        action="voice.enabled",
        done=_("“%(name)s”已启用，试听台、播报和接口都可以选用。") % {"name": row},
    )


@staff_page(CHANGE_VOICE)
@require_http_methods(["GET", "HEAD", "POST"])
def switch_off(request: HttpRequest, voice: str) -> HttpResponse:
    """Shows what names the voice, and asks who takes it over."""
    row = find_voice(voice)
    if request.method != "POST":
        return _off_page(request, row)
    code = request.POST.get("successor", "")
    successor = next((one for one in _others(row) if one.code == code), None)
    return decide(
        request,
        lambda: catalogue.switch_off(
            voice=row, successor=successor, staff=staff_of(request), origin=origin_of(request)
        ),
        action="voice.disabled",
        target=_target(row),
        done=_("“%(name)s”已停用。") % {"name": row},
        onward=reverse("admin:speaker", args=[row.speaker.code]),
        show=lambda problem: _off_page(request, find_voice(voice), problem),
    )


@staff_page(CHANGE_VOICE)
@require_POST
def licence(request: HttpRequest, voice: str) -> HttpResponse:
    row, actor, origin = find_voice(voice), staff_actor(staff_of(request)), origin_of(request)
    if "withdraw" in request.POST:
        return _take(
            request,
            row,
            lambda: catalogue.doubt_licence(voice=row, actor=actor, origin=origin),
            action="voice.licence_doubted",
            done=_("已撤销“%(name)s”的授权核实。") % {"name": row},
        )
    return _take(
        request,
        row,
        lambda: catalogue.clear_licence(
            voice=row, note=request.POST.get("note", ""), actor=actor, origin=origin
        ),
        action="voice.licence_cleared",
        done=_("已登记“%(name)s”的授权依据。") % {"name": row},
    )


def _take(
    request: HttpRequest, voice: Voice, step: Callable[[], object], *, action: str, done: str
) -> HttpResponse:
    """Back to the speaker's page, with what became of it."""
    code = voice.speaker.code
    return decide(
        request,
        step,
        action=action,
        target=_target(voice),
        done=done,
        onward=reverse("admin:speaker", args=[code]),
        show=lambda problem: speaker_page(request, find(code), problem=problem, status=problem.status),
    )


def _off_page(request: HttpRequest, voice: Voice, problem: Problem | None = None) -> HttpResponse:
    is_required = catalogue.needs_successor(voice)
    form = SuccessorForm(request.POST or None, voices=_others(voice), is_required=is_required)
    return page(
        request,
        "portal/speakers/off.html",
        title=_("停用音色"),
        trail=[list_crumb(), speaker_crumb(voice.speaker)],
        status=problem.status if problem else 200,
        voice=voice,
        named=named_for(voice, staff_of(request)),
        is_required=is_required,
        form=form,
        problem=problem,
        back=reverse("admin:speaker", args=[voice.speaker.code]),
    )


def _others(voice: Voice) -> list[Voice]:
    return [one for one in in_service() if one.pk != voice.pk]


def _target(voice: Voice) -> Target:
    return Target(type="voice", id=voice.code, name=voice.speaker.name)
