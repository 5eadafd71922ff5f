"""The listening desk (试听台): type, choose, hear, compare, download. Nothing here becomes a broadcast."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.middleware import origin_of
from accounts.services import staff_actor
from audit.errors import AuditUnavailable
from govvoice.portal.desk.bodies import read_category, read_channels, read_object, read_spec
from govvoice.portal.desk.editor import editor_context
from govvoice.portal.desk.errors import RequestRefused
from govvoice.portal.desk.pace import check_pace
from govvoice.portal.desk.sound import audio_response
from govvoice.portal.desk.trials import read_trials
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.problems import Problem, problem_of, refuse
from synthesis.audio import FORMATS, decode
from synthesis.errors import SpeechError
from synthesis.models import Speech
from synthesis.services import Answer, cached_audio, request_speech

PREVIEW = "synthesis.preview_speech"


@staff_page(PREVIEW)
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    return page(
        request,
        "portal/desk/desk.html",
        title=_("试听台"),
        may_write=staff_of(request).has_perm("broadcasts.add_broadcast"),
        may_propose=staff_of(request).has_perm("lexicon.add_entry"),
        **editor_context({}, default_voice=staff_of(request).organisation.default_voice),
    )


@staff_page(PREVIEW)
@require_POST
def speak(request: HttpRequest) -> HttpResponse:
    actor = staff_actor(staff_of(request))
    try:
        check_pace(request)
        body = read_object(request)
        trials = read_trials(body.pop("trials", []))
        channels, category = read_channels(body), read_category(body)
        organisation = staff_of(request).organisation.code
        answer = request_speech(
            spec=replace(read_spec(body), channels=channels, category=category, organisation=organisation),
            actor=actor,
            origin=origin_of(request),
            action="preview.requested",
            trials=trials,
        )
    except (RequestRefused, SpeechError, AuditUnavailable, DatabaseError) as error:
        problem = problem_of(error)
        if problem is None:
            raise
        return refuse(request, problem, actor=actor, action="preview.requested")
    return JsonResponse(_told(answer), json_dumps_params={"ensure_ascii": False})


@staff_page(PREVIEW)
@require_GET
def audio(request: HttpRequest, speech_id: UUID) -> HttpResponse:
    """The sound of one's own earlier request, while the cache still holds it."""
    staff = staff_of(request)
    speech = Speech.objects.filter(pk=speech_id, caller_kind="staff", caller_id=str(staff.pk)).first()
    if speech is None:
        raise Http404
    wanted = FORMATS.get(request.GET.get("format", speech.format))
    if wanted is None:
        raise Http404
    data = cached_audio(speech)
    if data is None:
        expired = Problem(410, "audio_expired", _("这段试听音频已过期，请重新合成。"))
        return refuse(request, expired, actor=staff_actor(staff), action="preview.requested")
    if wanted.code != speech.format:
        data = wanted.encode(*decode(data))
    stamp = speech.created_at.strftime("%Y%m%d-%H%M%S")
    return audio_response(data, wanted, name=f"preview-{stamp}", save="save" in request.GET)


def _told(answer: Answer) -> dict[str, Any]:
    """What the player shows. Positions are code points of the text, times are seconds."""
    speech, sounding = answer.speech, answer.sounding
    return {
        "audio": reverse("admin:desk-audio", args=[speech.pk]),
        "seconds": sounding.seconds,
        "peaks": sounding.peaks,
        "marks": [[m.start, m.end, m.begin, m.finish] for m in sounding.marks],
        "sampleRate": sounding.sample_rate,
        "milliseconds": speech.milliseconds,
        "cache": _cache_word(speech.cache),
        "formats": sorted(FORMATS, reverse=True),
    }


def _cache_word(cache: str) -> str:
    words = {"miss": _("新合成"), "partial": _("部分取自缓存"), "joined": _("与同一请求合并")}
    return words.get(cache) or _("取自缓存")
