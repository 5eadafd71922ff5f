"""The finished audio of a version: how far it is, and its bytes."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.middleware import origin_of
from accounts.services import staff_actor
from audit.services import record
from govvoice.broadcasts.models import Revision
from govvoice.broadcasts.services import broadcast_target
from govvoice.portal.broadcasts.rows import sound_url
from govvoice.portal.broadcasts.scope import find
from govvoice.portal.broadcasts.wording import rendition_badge
from govvoice.portal.desk.sound import audio_response
from govvoice.portal.pages import staff_of, staff_page
from govvoice.problems import Problem, refuse
from synthesis.audio import FORMATS
from synthesis.models import Rendition
from synthesis.renditions import open_audio

log = logging.getLogger(__name__)

VIEW = "broadcasts.view_broadcast"


@staff_page(VIEW)
@require_GET
def status(request: HttpRequest, code: str) -> HttpResponse:
    """How far the newest version's audio is, for a page that waits for it."""
    revision = find(staff_of(request), code).latest
    return JsonResponse(told(revision), json_dumps_params={"ensure_ascii": False})


@staff_page(VIEW)
@require_GET
def audio(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The stored bytes of a version's audio, checked against their hash."""
    staff = staff_of(request)
    revision = find(staff, code).revisions.select_related("rendition").filter(number=number).first()
    if (
        revision is None
        or (rendition := revision.rendition) is None
        or rendition.state != Rendition.State.READY
    ):
        raise Http404
    try:
        data = open_audio(rendition)
    except (OSError, ValueError):
        log.exception("the audio of %s version %d cannot be given out", code, number)
        damaged = Problem(503, "audio_damaged", _("成品音频无法读取或已损坏，请联系系统管理员。"))
        return refuse(request, damaged, actor=staff_actor(staff), action="broadcast.fetched")
    save = "save" in request.GET
    if save:
        _record_saved(request, revision, rendition)
    return audio_response(data, FORMATS[rendition.format], name=f"{code}-v{number}", save=save)


def told(revision: Revision) -> dict[str, Any]:
    """What the player and the progress line show of a version's audio."""
    rendition = revision.rendition
    if rendition is None:
        return {"state": "none", "word": _("尚未生成")}
    badge = rendition_badge(rendition)
    story: dict[str, Any] = {
        "state": rendition.state,
        "word": badge.word,
        "progress": rendition.progress,
        "failure": rendition.failure,
    }
    if rendition.state != Rendition.State.READY:
        return story
    return story | {
        "audio": sound_url(revision),
        "seconds": rendition.seconds,
        "peaks": rendition.peaks,
        "marks": rendition.phrases,
        "sampleRate": rendition.sample_rate,
        "sha256": rendition.sha256,
        "formats": [rendition.format],
        "text": revision.text,
        "outdated": rendition.outdated_at is not None,
    }


@transaction.atomic
def _record_saved(request: HttpRequest, revision: Revision, rendition: Rendition) -> None:
    record(
        action="broadcast.fetched",
        actor=staff_actor(staff_of(request)),
        target=broadcast_target(revision.broadcast),
        origin=origin_of(request),
        details={"revision": revision.number, "sha256": rendition.sha256},
    )
