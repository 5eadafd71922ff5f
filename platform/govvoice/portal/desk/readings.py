"""读音: how a text would be read as it stands, and whether a reading that somebody types is one."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.services import staff_actor
from govvoice.portal.desk.bodies import read_channels, read_object, unfit
from govvoice.portal.desk.errors import RequestRefused
from govvoice.portal.desk.forms import check_text
from govvoice.portal.desk.pace import check_reading_pace
from govvoice.portal.desk.ruby import pieces_of
from govvoice.portal.desk.trials import objection, read_entry, read_trials
from govvoice.portal.lexicon.wording import scope_of, spoken_of
from govvoice.portal.pages import staff_of, staff_page
from govvoice.problems import FieldProblem, problem_of, refuse
from synthesis import pipeline
from synthesis.errors import SpeechError
from synthesis.lexicon.models import Entry
from synthesis.lexicon.scopes import Scope
from synthesis.lexicon.services import conflicts
from synthesis.spec import SpeechSpec
from synthesis.text import Script

PREVIEW, PROPOSE, DECIDE = "synthesis.preview_speech", "lexicon.add_entry", "lexicon.approve_entry"


@staff_page(PREVIEW)
@require_POST
def readings(request: HttpRequest) -> HttpResponse:
    """The text in pieces with their pinyin. Nothing is spoken and nothing kept, so nothing is recorded."""
    try:
        check_reading_pace(request)
        pieces = pieces_of(_script(request, read_object(request)))
    except (RequestRefused, SpeechError) as error:
        return _refuse(request, error)
    return _json({"pieces": pieces})


@staff_page(PREVIEW, PROPOSE, DECIDE)
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """A reading as it is typed: in its one spelling, with tone marks, what is wrong, what it meets."""
    try:
        check_reading_pace(request)
        body = read_object(request)
        place, own = _text(body, "place"), _text(body, "entry")
        entry = read_entry(body)
    except (RequestRefused, SpeechError) as error:
        return _refuse(request, error)
    entry.scope, _colon, entry.scope_key = place.partition(":") if place else (Scope.ALL.value, "", "")
    problem = objection(entry)
    return _json(
        {
            "reading": entry.reading,
            "marked": "" if problem else spoken_of(entry.reading, "").marked,
            "problem": problem,
            "conflicts": [_conflict(other, entry) for other in _met(entry, own)],
        }
    )


def _script(request: HttpRequest, body: dict[str, Any]) -> Script:
    trials, channels = read_trials(body.pop("trials", [])), read_channels(body)
    text, voice = _text(body, "text"), _text(body, "voice") or None
    try:
        check_text(text)
    except ValidationError as error:
        raise unfit([FieldProblem("text", error.code or "invalid", error.messages[0])]) from error
    organisation = staff_of(request).organisation.code
    spec = SpeechSpec(text=text, voice=voice, organisation=organisation, channels=channels)
    return pipeline.read(spec, trials=trials).script


def _text(body: dict[str, Any], name: str) -> str:
    """Takes a string out of the body; empty when there is none."""
    value = body.pop(name, "")
    if not isinstance(value, str):
        raise unfit([FieldProblem(name, "wrong_type", _("%(name)s 须为文字。") % {"name": name})])
    return value


def _met(entry: Entry, own: str) -> list[Entry]:
    besides = Entry.objects.filter(pk=own).first() if own.isascii() and own.isdigit() else None
    return conflicts(word=entry.word, scope=entry.scope, scope_key=entry.scope_key, besides=besides)


def _conflict(other: Entry, entry: Entry) -> str:
    same = other.folded == entry.folded
    sentence = (
        _("已有同一词语“%(word)s”：%(spoken)s（%(scope)s，%(state)s）。")
        if same
        else _("与词条“%(word)s”（%(spoken)s，%(scope)s，%(state)s）有重叠，较长的词优先。")
    )
    spoken = spoken_of(other.reading, other.replacement)
    return sentence % {
        "word": other.word,
        "spoken": spoken.marked or spoken.written,
        "scope": scope_of(other),
        "state": other.get_state_display(),
    }


def _refuse(request: HttpRequest, error: Exception) -> HttpResponse:
    problem = problem_of(error)
    if problem is None:
        raise error
    return refuse(request, problem, actor=staff_actor(staff_of(request)), action="readings.requested")


def _json(told: dict[str, Any]) -> JsonResponse:
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False})
