"""Who speaks, and how: the voices of one request, and what it and its SSML ask of them together.

An emotion, an intensity or a voice of the SSML takes the place of the request's. Its rate multiplies the
request's, its pitch is added, and its volume scales the request's (50 leaves it as it is): `<prosody
rate="slow">` is slow beside the rest of a text that is spoken fast.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from synthesis import versions
from synthesis.categories import objection
from synthesis.engines.base import Delivery, Engine, EngineError
from synthesis.engines.registry import get_engine
from synthesis.errors import (
    EmotionNotAllowed,
    EmotionNotInCategory,
    EmotionUnsupported,
    SpeechError,
    SpeechUnavailable,
    VoiceUnknown,
)
from synthesis.models import Category, Voice
from synthesis.spec import SpeechSpec
from synthesis.ssml_faults import placed
from synthesis.text import Manner, Markup, Phrase
from synthesis.text.delivery import PITCHES, RATES, USUAL_VOLUME, VOLUMES

log = logging.getLogger(__name__)

USUAL_LANE = "renders"
SLOW_LANE = "slow"
_DIGITS = 4  # of a product: 1.5 times 1.2 should be the same sound as 1.8
_NAMES = {"rate": gettext_lazy("语速"), "pitch": gettext_lazy("语调"), "volume": gettext_lazy("音量")}


@dataclass(frozen=True, slots=True)
class Performer:
    """A voice with its engine at hand, and the codes of the emotions that it is offered with."""

    voice: Voice
    engine: Engine
    emotions: tuple[str, ...]


# By the name that SSML calls them; None is the request's own.
Cast = Mapping[str | None, Performer]


def cast_for(spec: SpeechSpec, markup: Markup | None) -> Cast:
    """Everybody who is asked for. Raises VoiceUnknown, SpeechUnavailable."""
    voice = find_voice(spec.voice, among=spec.voices, retired=spec.retired)
    cast: dict[str | None, Performer] = {None: _performer(voice, spec)}
    names = markup.voices if markup else {}
    there = _active_voices(spec.voices).filter(code__in=names) if names else ()
    found = {voice.code: voice for voice in there}
    for name, position in names.items():
        if name not in found:
            raise VoiceUnknown(located=placed(spec.text, position, _("没有这个发音人。")), position=position)
        cast[name] = _performer(found[name], spec)
    return cast


def find_voice(code: str | None, *, among: Sequence[str] = (), retired: bool = False) -> Voice:
    """The active voice of that code, or the default one, if it is `among` those. Raises VoiceUnknown.

    `retired` finds those out of service too.
    """
    voices = Voice.objects.select_related("speaker") if retired else _active_voices(among)
    voice = voices.filter(code=code).first() if code else voices.filter(is_default=True).first()
    if voice is None:
        raise VoiceUnknown
    return voice


def engine_of(voice: Voice) -> Engine:
    """What speaks this voice. Raises SpeechUnavailable when it is not installed here."""
    try:
        return get_engine(voice.engine, folder=settings.VOICES_DIR, model=voice.model)
    except EngineError as error:
        raise SpeechUnavailable from error


def lane_of(voices: Iterable[Voice]) -> str:
    """The queue for finished audio: of those who are not always loaded, one beside that of live callers."""
    with suppress(SpeechUnavailable):  # it fails later, with a reason
        if any(engine_of(voice).is_lazy for voice in voices):
            return SLOW_LANE
    return USUAL_LANE


def delivery_of(
    spec: SpeechSpec, phrase: Phrase, performer: Performer, category: Category | None = None
) -> Delivery:
    """How the phrase is said, in keeping with the category's rule.

    Raises SpeechError, and ValueError for a spec that no door lets through.
    """
    delivery = Delivery(spec.emotion, spec.intensity, spec.rate, spec.pitch)
    if phrase.delivery is not None:
        delivery = _combined(spec, phrase, phrase.delivery, delivery)
    _check(spec, phrase, delivery, performer)
    if category is not None and (message := objection(category, delivery.emotion)):
        raise _refusal(EmotionNotInCategory, spec, phrase, message, field="emotion")
    return delivery


def volume_of(spec: SpeechSpec, phrase: Phrase) -> int:
    """The volume, 0-100, that the SSML gives the phrase beside the others; the request's comes on top.

    Raises SpeechError when the two together are louder than there is.
    """
    asked = phrase.delivery.volume if phrase.delivery else None
    if asked is None:
        return USUAL_VOLUME
    low, high = VOLUMES
    _within(spec, phrase, "volume", spec.volume * asked / USUAL_VOLUME, low, high)
    return asked


def _combined(spec: SpeechSpec, phrase: Phrase, asked: Manner, usual: Delivery) -> Delivery:
    rate = round(usual.rate * (1.0 if asked.rate is None else asked.rate), _DIGITS)
    pitch = round(usual.pitch + (asked.pitch or 0.0), _DIGITS)
    return Delivery(
        emotion=asked.emotion or usual.emotion,
        intensity=usual.intensity if asked.intensity is None else asked.intensity,
        rate=_within(spec, phrase, "rate", rate, *RATES),
        pitch=_within(spec, phrase, "pitch", pitch, *PITCHES),
    )


def _within(spec: SpeechSpec, phrase: Phrase, name: str, value: float, low: float, high: float) -> float:
    if low <= value <= high:
        return value
    message = _("%(name)s与请求中的合计为 %(value)g，超出 %(low)g 到 %(high)g 的范围。") % {
        "name": _NAMES[name],
        "value": value,
        "low": low,
        "high": high,
    }
    raise _refusal(SpeechError, spec, phrase, message, field=name, code=f"{name}_range")


def _check(spec: SpeechSpec, phrase: Phrase, delivery: Delivery, performer: Performer) -> None:
    """Raises SpeechError for what this voice cannot do."""
    if delivery.emotion not in performer.emotions or delivery.emotion not in performer.engine.emotions:
        message = _("发音人 %(voice)s 不支持情感 %(emotion)s，可用：%(offered)s。") % {
            "voice": performer.voice.code,
            "emotion": delivery.emotion,
            "offered": "、".join(performer.emotions),
        }
        raise _refusal(EmotionUnsupported, spec, phrase, message, field="emotion")
    if spec.emotions and delivery.emotion not in spec.emotions:
        message = _("该接入系统不能使用情感 %(emotion)s，可用：%(offered)s。") % {
            "emotion": delivery.emotion,
            "offered": "、".join(spec.emotions),
        }
        raise _refusal(EmotionNotAllowed, spec, phrase, message, field="emotion")
    low, high = performer.engine.pitch_range
    if not low <= delivery.pitch <= high:
        message = _("发音人 %(voice)s 的语调范围是 %(low)g 到 %(high)g 个半音。") % {
            "voice": performer.voice.code,
            "low": low,
            "high": high,
        }
        raise _refusal(SpeechError, spec, phrase, message, field="pitch", code="pitch_range")


def _refusal(
    kind: type[SpeechError],
    spec: SpeechSpec,
    phrase: Phrase,
    message: str,
    *,
    field: str,
    code: str | None = None,
) -> SpeechError:
    """At its place: the request's field, or where the SSML begins to ask for something else."""
    if phrase.delivery is None:
        return kind(message, code=code, field=field)
    located = placed(spec.text, phrase.start, message)
    return kind(located, code=code, field=spec.text_field, position=phrase.start)


def _active_voices(among: Sequence[str] = ()) -> QuerySet[Voice]:
    """Of the codes `among`, or all when there are none: who may not use a voice does not see it either."""
    active = Voice.objects.select_related("speaker").filter(is_active=True, speaker__is_active=True)
    return active.filter(code__in=among) if among else active


def _performer(voice: Voice, spec: SpeechSpec) -> Performer:
    offered = voice.voiceemotion_set.filter(is_active=True).values_list("emotion__code", flat=True)
    return Performer(*_version(voice, spec.text), tuple(offered))


def _version(voice: Voice, text: str) -> tuple[Voice, Engine]:
    """The voice with the version that speaks this text: one on trial is not to cost an answer.

    Raises SpeechUnavailable when the one in service is not installed here.
    """
    model = versions.model_for(voice, text)
    if model != voice.model:
        tried = copy(voice)
        tried.model = model
        try:
            return tried, engine_of(tried)
        except SpeechUnavailable:
            log.warning("the candidate %s of voice %s is not installed here", model, voice.code)
    return voice, engine_of(voice)
