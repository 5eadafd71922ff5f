"""One speaker's page: who it is, how it sounds, what it may be used for, and where it is used."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Staff
from accounts.services import staff_actor
from govvoice.portal.desk.sound import audio_response
from govvoice.portal.desk.words import words
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.speakers.scope import (
    CHANGE,
    CHANGE_VOICE,
    LISTEN,
    VIEW,
    find,
    find_voice,
    is_on,
    list_crumb,
)
from govvoice.portal.speakers.wording import OFF, ON, Badge, licence_badge, licence_words, speed_words
from govvoice.problems import Problem, refuse
from synthesis import pictures, samples, uses
from synthesis.audio import FORMATS
from synthesis.casting import engine_of
from synthesis.errors import SpeechUnavailable
from synthesis.models import Speaker, Voice, VoiceSample
from synthesis.services import request_samples
from synthesis.usage import DAYS, Spoken, spoken_by
from synthesis.uses import Group, Use

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sounds:
    """An emotion of a voice, and what its player shows; None while the sample is not there."""

    code: str
    name: str
    told: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Named:
    """One kind of use: those that this reader may see, and how many there are besides."""

    label: str
    uses: list[tuple[str, str, str]]
    count: int

    @property
    def hidden(self) -> int:
        return self.count - len(self.uses)


@dataclass(frozen=True, slots=True)
class Shown:
    """A voice with all that the page tells of it."""

    voice: Voice
    state: Badge
    is_on: bool
    is_here: bool
    emotions: list[Sounds]
    speed: str
    licence: Badge
    licence_says: str
    spoken: Spoken
    named: list[Named]

    @property
    def sounds(self) -> dict[str, Any]:
        return {one.code: one.told for one in self.emotions if one.told}

    @property
    def waits(self) -> bool:
        return self.is_on and self.is_here and any(one.told is None for one in self.emotions)


@staff_page(VIEW)
@require_GET
def speaker(request: HttpRequest, code: str) -> HttpResponse:
    return speaker_page(request, find(code))


def speaker_page(
    request: HttpRequest, speaker: Speaker, *, problem: Problem | None = None, status: int = 200
) -> HttpResponse:
    """The page; `problem` is why what was just asked for was not done."""
    staff, voices = staff_of(request), list(speaker.voices.all())
    for voice in voices:
        request_samples(voice=voice)
    spoken = spoken_by(voice.code for voice in voices)
    return page(
        request,
        "portal/speakers/speaker.html",
        title=str(speaker),
        trail=[list_crumb()],
        status=status,
        speaker=speaker,
        state=ON if any(map(is_on, voices)) else OFF,
        voices=[_shown(voice, spoken[voice.code], staff) for voice in voices],
        days=DAYS,
        problem=problem,
        words=words(),
        may_change=staff.has_perm(CHANGE),
        may_switch=staff.has_perm(CHANGE_VOICE),
        may_listen=staff.has_perm(LISTEN),
    )


@staff_page(VIEW)
@require_GET
def samples_made(request: HttpRequest, code: str) -> JsonResponse:
    """The samples as they stand, for a page that waits for some."""
    voices = list(find(code).voices.all())
    told = {
        voice.code: {name: _told(row) for name, row in samples.current(voice).items()} for voice in voices
    }
    waits = any(samples.missing(voice) for voice in voices)
    return JsonResponse({"voices": told, "waits": waits}, json_dumps_params={"ensure_ascii": False})


@staff_page(VIEW)
@require_GET
def sample(request: HttpRequest, voice: str, emotion: str) -> HttpResponse:
    row = find_voice(voice).samples.filter(emotion__code=emotion).first()
    if row is None:
        raise Http404
    try:
        data = samples.open_audio(row)
    except (OSError, ValueError):
        log.exception("the sample %s cannot be given out", row.path)
        damaged = Problem(503, "audio_damaged", _("样音缺失或已损坏，请联系系统管理员。"))
        return refuse(request, damaged, actor=staff_actor(staff_of(request)), action="voice.auditioned")
    return audio_response(data, FORMATS["wav"], name=f"{voice}-{emotion}", save="save" in request.GET)


@staff_page(VIEW)
@require_GET
def picture(request: HttpRequest, code: str) -> HttpResponse:
    found = find(code)
    if not found.picture:
        raise Http404
    try:
        return HttpResponse(pictures.show(found), content_type="image/png")
    except OSError:
        log.exception("the picture of %s cannot be read", code)
        raise Http404 from None


def named_for(voice: Voice, staff: Staff) -> list[Named]:
    """What names the voice, as far as this member of staff may know of it."""
    return [_named(group, staff) for group in uses.of(voice)]


def _named(group: Group, staff: Staff) -> Named:
    seen = [told for use in group.uses if (told := _seen(use, group, staff))]
    return Named(str(group.room.label), seen, len(group.uses))


def _seen(use: Use, group: Group, staff: Staff) -> tuple[str, str, str] | None:
    """Name, title and note. Titles are an office's own; names are also for who switches voices."""
    is_own = use.organisation in {"", staff.organisation.code}
    if staff.has_perm(group.room.permission) and (is_own or not use.title):
        return use.name, use.title, use.note
    return (use.name, "", use.note) if use.name and staff.has_perm(CHANGE_VOICE) else None


def _shown(voice: Voice, spoken: Spoken, staff: Staff) -> Shown:
    return Shown(
        voice=voice,
        state=ON if is_on(voice) else OFF,
        is_on=is_on(voice),
        is_here=_is_here(voice),
        emotions=list(_sounds(voice)),
        speed=speed_words(voice),
        licence=licence_badge(voice),
        licence_says=licence_words(voice),
        spoken=spoken,
        named=named_for(voice, staff),
    )


def _is_here(voice: Voice) -> bool:
    try:
        engine_of(voice)
    except SpeechUnavailable:
        return False
    return True


def _sounds(voice: Voice) -> Iterator[Sounds]:
    there = samples.current(voice)
    for row in voice.voiceemotion_set.all():
        if row.is_active:
            code = row.emotion.code
            yield Sounds(code, str(row.emotion), _told(there[code]) if code in there else None)


def _told(row: VoiceSample) -> dict[str, Any]:
    """What the player shows."""
    return {
        "audio": reverse("admin:speaker-sample", args=[row.voice.code, row.emotion.code]),
        "seconds": row.seconds,
        "peaks": row.peaks,
        "marks": row.phrases,
        "sampleRate": row.sample_rate,
        "formats": ["wav"],
        "text": row.text,
    }
