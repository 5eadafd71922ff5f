"""发音人: all speakers in the order staff gave them, which is changed here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.middleware import origin_of
from accounts.services import staff_actor
from govvoice.portal.desk.words import words
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.speakers.scope import CHANGE, CHANGE_VOICE, LISTEN, VIEW, is_on, speakers
from govvoice.portal.speakers.wording import OFF, ON, Badge, licence_badge
from synthesis.catalogue import order_speakers
from synthesis.models import Speaker, Voice
from synthesis.usage import Spoken, spoken_by

LISTED = 12  # emotions named in a row; a speaker's own page has all


@dataclass(frozen=True, slots=True)
class Row:
    """A speaker with what the list tells of all its voices together; `sample` is an address or empty."""

    speaker: Speaker
    voices: list[Voice]
    state: Badge
    emotions: list[str]
    licences: list[Badge]
    spoken: Spoken
    sample: str


@staff_page(VIEW)
@require_GET
def speaker_list(request: HttpRequest) -> HttpResponse:
    staff, state = staff_of(request), request.GET.get("state", "")
    rows = [row for row in _rows() if not state or (row.state is ON) == (state == "on")]
    return page(
        request,
        "portal/speakers/list.html",
        title=_("发音人"),
        rows=rows,
        state=state,
        states=(("", _("全部")), ("on", ON.word), ("off", OFF.word)),
        words=words(),
        may_order=staff.has_perm(CHANGE) and not state and len(rows) > 1,
        may_listen=staff.has_perm(LISTEN),
        may_change_voices=staff.has_perm(CHANGE_VOICE),
    )


@staff_page(CHANGE)
@require_POST
def order(request: HttpRequest) -> HttpResponse:
    """The whole order, as the page has it now."""
    codes = request.POST.get("codes", "").split(",")
    order_speakers(codes=codes, actor=staff_actor(staff_of(request)), origin=origin_of(request))
    return HttpResponse(status=204)


def _rows() -> list[Row]:
    found = list(speakers())
    spoken = spoken_by(voice.code for speaker in found for voice in speaker.voices.all())
    return [_row(speaker, spoken) for speaker in found]


def _row(speaker: Speaker, spoken: dict[str, Spoken]) -> Row:
    voices = list(speaker.voices.all())
    told = [spoken[voice.code] for voice in voices]
    return Row(
        speaker=speaker,
        voices=voices,
        state=ON if any(map(is_on, voices)) else OFF,
        emotions=_emotions(voices)[:LISTED],
        licences=list(dict.fromkeys(map(licence_badge, voices))),
        spoken=Spoken(sum(one.calls for one in told), sum(one.seconds for one in told)),
        sample=_sample(voices),
    )


def _emotions(voices: Iterable[Voice]) -> list[str]:
    offered = [row for voice in voices for row in voice.voiceemotion_set.all() if row.is_active]
    return list(dict.fromkeys(str(row.emotion) for row in offered))


def _sample(voices: Iterable[Voice]) -> str:
    """Where the first plain sample is."""
    found = ((voice, row) for voice in voices for row in voice.samples.all())
    return next(
        (
            reverse("admin:speaker-sample", args=[voice.code, row.emotion.code])
            for voice, row in found
            if row.emotion.code == "neutral"
        ),
        "",
    )
