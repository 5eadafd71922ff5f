"""Installed models become voices of the catalogue, and leave it again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext as _

from audit.parties import Actor, Origin, Target
from audit.services import record
from synthesis import uses, versions
from synthesis.errors import EnrolmentRefused
from synthesis.models import Emotion, Speaker, Voice, VoiceEmotion

Outcome = Literal["new", "returned", "candidate", "unchanged"]


@dataclass(frozen=True, slots=True)
class Person:
    """Whose timbre it is; a speaker of this code that is there already is left as staff have it."""

    code: str
    name: str
    gender: str
    name_en: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class NewVoice:
    """A model as it is to be offered. `emotions` are what it could say, `proven` what it may say at once."""

    code: str
    person: Person
    engine: str
    model: str
    sample_rate: int
    speed_class: str
    licence: str
    provenance: str
    emotions: tuple[str, ...]
    proven: tuple[str, ...]


@transaction.atomic
def enrol(*, new: NewVoice, actor: Actor, origin: Origin | None) -> Outcome:
    """Makes the voice, or calls it back; where another model speaks under its code, this one is a candidate.

    Raises EnrolmentRefused when the code belongs to another engine's voice, ValidationError for a bad field.
    """
    voice = Voice.objects.select_for_update().filter(code=new.code).first()
    if voice is None:
        return _make(new, actor, origin)
    if voice.engine != new.engine:
        raise EnrolmentRefused(
            _("代码 %(code)s 已被引擎 %(engine)s 的音色占用，请用 --code 另取一个。")
            % {"code": new.code, "engine": voice.engine}
        )
    if not voice.is_active:
        return _call_back(voice, new, actor, origin)
    if new.model in {voice.model, voice.candidate_model}:
        return "unchanged"
    if new.sample_rate != voice.sample_rate:
        raise EnrolmentRefused(
            _("新模型的采样率是 %(new)d Hz，音色 %(code)s 是 %(old)d Hz，请用 --code 另取一个代码。")
            % {"new": new.sample_rate, "code": new.code, "old": voice.sample_rate}
        )
    versions.propose(voice=voice, model=new.model, actor=actor, origin=origin)
    return "candidate"


@transaction.atomic
def retire(*, voice: Voice, actor: Actor, origin: Origin | None) -> None:
    """Takes the voice out of service. Its row stays, since what it has spoken names it.

    Raises EnrolmentRefused for the default voice, and while something still names it.
    """
    if voice.is_default:
        raise EnrolmentRefused(_("默认音色不能移除，请先将另一个音色设为默认。"))
    if any(use.is_handed_on for group in uses.of(voice) for use in group.uses):
        raise EnrolmentRefused(_("这个音色仍在使用，请先在门户“发音人”中停用并选定替代音色。"))
    voice.is_active = False
    voice.candidate_model, voice.candidate_share, voice.previous_model = "", 0, ""
    voice.save(update_fields=["is_active", "candidate_model", "candidate_share", "previous_model"])
    _record("voice.removed", voice, actor, origin, model=voice.model)


@transaction.atomic
def offer_emotions(*, voice: Voice, offered: Collection[str], actor: Actor, origin: Origin | None) -> None:
    """Opens the emotions somebody has proven by listening, and closes the others.

    Raises EnrolmentRefused when none is left, or one is not the voice's.
    """
    rows = {row.emotion.code: row for row in voice.voiceemotion_set.select_related("emotion")}
    if unknown := [code for code in offered if code not in rows]:
        raise EnrolmentRefused(
            _("音色 %(code)s 没有情感 %(emotion)s。") % {"code": voice.code, "emotion": "、".join(unknown)}
        )
    if not offered:
        raise EnrolmentRefused(_("至少保留一种情感。"))
    before = [code for code, row in rows.items() if row.is_active]
    for code, row in rows.items():
        row.is_active = code in offered
    VoiceEmotion.objects.bulk_update(rows.values(), ["is_active"])
    after = [code for code, row in rows.items() if row.is_active]
    if before != after:
        _record("voice.emotions_offered", voice, actor, origin, emotions=[before, after])


def models_in_use(engine: str) -> set[str]:
    """Every model that a voice in service speaks with, tries, or could call back."""
    rows = Voice.objects.filter(engine=engine, is_active=True)
    used = rows.values_list("model", "candidate_model", "previous_model")
    return {model for row in used for model in row if model}


def _make(new: NewVoice, actor: Actor, origin: Origin | None) -> Outcome:
    voice = Voice(
        code=new.code,
        speaker=_speaker(new.person, actor, origin),
        engine=new.engine,
        model=new.model,
        sample_rate=new.sample_rate,
        speed_class=new.speed_class,
        licence=new.licence,
        provenance=new.provenance,
    )
    voice.full_clean()
    voice.save()
    _add_emotions(voice, new.emotions, new.proven)
    _record("voice.enrolled", voice, actor, origin, model=new.model, emotions=list(new.proven))
    return "new"


def _call_back(voice: Voice, new: NewVoice, actor: Actor, origin: Origin | None) -> Outcome:
    voice.is_active, voice.successor = True, None
    voice.model, voice.sample_rate = new.model, new.sample_rate
    voice.licence, voice.provenance, voice.speed_class = new.licence, new.provenance, new.speed_class
    voice.full_clean()
    voice.save()
    _add_emotions(voice, new.emotions, new.proven)
    _record("voice.enrolled", voice, actor, origin, model=new.model)
    return "returned"


def _speaker(person: Person, actor: Actor, origin: Origin | None) -> Speaker:
    found = Speaker.objects.filter(code=person.code).first()
    if found:
        return found
    speaker = Speaker(
        code=person.code,
        name=person.name,
        name_en=person.name_en,
        gender=person.gender,
        description=person.description,
        position=Speaker.objects.count(),
    )
    speaker.full_clean()
    speaker.save()
    record(
        action="speaker.created",
        actor=actor,
        target=Target(type="speaker", id=speaker.code, name=speaker.name),
        origin=origin,
    )
    return speaker


def _add_emotions(voice: Voice, emotions: Iterable[str], proven: Collection[str]) -> None:
    """What staff have decided on before stays as they decided."""
    for emotion in Emotion.objects.filter(code__in=list(emotions)):
        is_active = emotion.code in proven
        VoiceEmotion.objects.get_or_create(voice=voice, emotion=emotion, defaults={"is_active": is_active})


def _record(action: str, voice: Voice, actor: Actor, origin: Origin | None, **details: object) -> None:
    record(
        action=action,
        actor=actor,
        target=Target(type="voice", id=voice.code, name=voice.speaker.name),
        origin=origin,
        details=details,
    )
