"""The one way to have something spoken, for every door."""

from __future__ import annotations

import contextlib
import hashlib
import time
import unicodedata
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from dataclasses import asdict, dataclass
from typing import Any

import redis.exceptions
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from audit.parties import Actor, Origin, Target
from audit.services import record
from synthesis import casting, pipeline, samples, tasks
from synthesis.clearance import Cleared, audience_of, blocked, clear, find, refuse_blocked
from synthesis.engines.base import count_syllables
from synthesis.errors import SpeechUnavailable, TextNeedsReview, VoiceNotLive
from synthesis.models import Rendition, Speech, Voice
from synthesis.pipeline import Plan, Sounding
from synthesis.screening import review
from synthesis.screening.models import ReviewItem
from synthesis.screening.review import Held
from synthesis.screening.verdicts import Verdict
from synthesis.spec import SpeechSpec
from synthesis.text import Entry, Script


@dataclass(frozen=True, slots=True)
class Answer:
    """A request answered: the sound, and the row that counts it."""

    speech: Speech
    sounding: Sounding
    plan: Plan


def request_speech(
    *,
    spec: SpeechSpec,
    actor: Actor,
    origin: Origin,
    action: str = "speech.requested",
    trials: Sequence[Entry] = (),
    making: AbstractContextManager[object] | None = None,
) -> Answer:
    """Screens, speaks (or finds) and counts one request; `trials` are lexicon entries to be heard with it.

    `making` is entered while sound is made, and not for what is found in the cache.
    Raises SpeechError; then nothing is counted, and the door records the refusal. No record, no sound: when
    the evidence cannot be written, AuditUnavailable goes out in the place of the audio.
    """
    begun = time.monotonic()
    cleared = clear(spec, actor=actor, trials=trials)
    return _answer(cleared, begun, actor=actor, origin=origin, action=action, making=making)


def _answer(
    cleared: Cleared,
    begun: float,
    *,
    actor: Actor,
    origin: Origin,
    action: str,
    making: AbstractContextManager[object] | None = None,
) -> Answer:
    """Asks for a person's decision where it takes one; then speaks (or finds), counts and records."""
    plan = cleared.plan
    _require_live(plan)
    passed = require_decision(cleared, actor=actor, origin=origin)
    sounding, cache = _sound(plan, making or nullcontext())
    milliseconds = round((time.monotonic() - begun) * 1000)
    with transaction.atomic():
        if passed is not None and not review.spend(passed):
            raise TextNeedsReview(passed.code, field=plan.spec.text_field)
        speech = _count(plan, sounding, actor=actor, origin=origin, cache=cache, milliseconds=milliseconds)
        record(
            action=action,
            actor=actor,
            target=Target(type="speech", id=str(speech.pk), name=plan.voice.code),
            origin=origin,
            status=200,
            text=plan.spec.text,
            details=_details(plan, cache),
        )
    return Answer(speech=speech, sounding=sounding, plan=plan)


def audition(*, voice: Voice, emotion: str, model: str, actor: Actor, origin: Origin) -> Answer:
    """A sample of one of the voice's models in any emotion it could have, so that somebody can judge it.

    What is not offered to callers, or to nobody yet, is heard here first. Raises SpeechError.
    """
    tried = copy(voice)
    tried.model = model
    engine = casting.engine_of(tried)
    spec = samples.spec_of(voice, emotion)
    cast: casting.Cast = {None: casting.Performer(tried, engine, engine.emotions)}
    cleared = clear(spec, actor=actor, cast=cast)
    return _answer(cleared, time.monotonic(), actor=actor, origin=origin, action="voice.auditioned")


@transaction.atomic
def request_reading(*, spec: SpeechSpec, actor: Actor, origin: Origin) -> Script:
    """How the text would be read, and the line that says who asked. Makes no sound and counts no character.

    A text with nothing to speak has no phrases, and is no error. Raises VoiceUnknown, SpeechUnavailable,
    TextRefused.
    """
    reading = pipeline.read(spec)
    voice = reading.cast[None].voice
    record(
        action="readings.requested",
        actor=actor,
        target=Target(type="voice", id=voice.code, name=voice.code),
        origin=origin,
        status=200,
        text=spec.text,
        details={"unreadable": len(reading.script.unreadable), "ssml": spec.is_ssml},
    )
    return reading.script


def request_rendition(*, spec: SpeechSpec) -> Rendition:
    """Queues finished audio for keeping; call inside the transaction that wants it. Raises SpeechError.

    What a person has to decide on passes here: finished audio is what he decides on, and hears.
    """
    plan = clear(spec).plan
    rendition = Rendition.objects.create(
        spec=asdict(spec), text_sha256=_sha256(spec.text), voice=plan.voice.code, format=spec.format
    )
    transaction.on_commit(lambda: _queue_rendition(rendition))
    return rendition


def require_decision(cleared: Cleared, *, actor: Actor, origin: Origin) -> ReviewItem | None:
    """The pass that lets the text through, None where it needs none.

    Raises TextNeedsReview: the text is held then, and the caller may ask again when it was decided on.
    Raises TextBlocked where a person has refused it.
    """
    if not cleared.undecided:
        return None
    spec = cleared.plan.spec
    held = Held(spec.text, cleared.undecided)
    item = review.standing(held, actor)
    if item is not None and item.state in review.PASSES:
        return item
    first = cleared.undecided[0].start
    if item is not None and item.state == ReviewItem.State.REFUSED:
        raise blocked(spec, first)
    audience = audience_of(spec, actor)
    item = review.hold(held, audience=audience, actor=actor, origin=origin)
    raise TextNeedsReview(item.code if item else None, field=spec.text_field, position=first)


@transaction.atomic
def request_screening(*, spec: SpeechSpec, actor: Actor, origin: Origin) -> Verdict:
    """What the lists say of a text that nobody has spoken, and the line that says who asked.

    Raises TextRefused for SSML that is none, ListSealed.
    """
    verdict = Verdict(tuple(find(spec, actor=actor)))
    record(
        action="screening.requested",
        actor=actor,
        origin=origin,
        status=200,
        text=spec.text,
        details={"verdict": verdict.level or "pass", "hits": len(verdict.hits), "ssml": spec.is_ssml},
    )
    return verdict


def request_samples(*, voice: Voice) -> None:
    """Has made what the voice lacks of samples, in the background; asked for again it does nothing new."""
    # A queue or cache that is down now loses nothing: beat looks for what is missing.
    with contextlib.suppress(OperationalError, redis.exceptions.RedisError):
        for emotion in samples.missing(voice):
            if samples.claim(voice.pk, emotion):
                tasks.queue_sample(voice.pk, emotion)


def retry_rendition(rendition: Rendition) -> None:
    """Queues a failed rendition again."""
    rendition.state = Rendition.State.QUEUED
    rendition.failure = ""
    rendition.progress = 0
    rendition.save(update_fields=["state", "failure", "progress"])
    transaction.on_commit(lambda: _queue_rendition(rendition))


def hold_audio(answer: Answer) -> None:
    """Has the cache hold the sound for another day: it may have been found in this process alone, or be old.

    Raises SpeechUnavailable.
    """
    try:
        pipeline.keep_sounding(answer.plan.key, answer.sounding)
    except redis.exceptions.RedisError as error:
        raise SpeechUnavailable from error


@transaction.atomic
def note_download(*, speech: Speech, status: int, actor: Actor, origin: Origin) -> None:
    """Records that the sound of an answered request was given out once more."""
    record(
        action="speech.fetched",
        actor=actor,
        target=Target(type="speech", id=str(speech.pk), name=speech.voice),
        origin=origin,
        status=status,
    )


def require_sayable(*, spec: SpeechSpec, actor: Actor) -> None:
    """Raises TextBlocked for a text whose sound was given out once and may not be again: lists change."""
    refuse_blocked(spec, find(spec, actor=actor))


def cached_audio(speech: Speech) -> bytes | None:
    """The audio of an answered request while the cache still holds it."""
    try:
        found = pipeline.find_sounding(speech.rendition_key)
    except redis.exceptions.RedisError:
        return None
    return found[0].audio if found else None


def _require_live(plan: Plan) -> None:
    """Raises VoiceNotLive when voices for broadcasts would have more to say than a caller can wait for."""
    slow = [part for part in plan.parts if part.voice.speed_class == Voice.SpeedClass.BROADCAST]
    syllables = sum(count_syllables(part.phrase.phones) for part in slow)
    most = settings.BROADCAST_VOICE_SYLLABLES
    if syllables > most:
        message = _(
            "发音人 %(voice)s 用于播报，实时合成一次最多 %(most)d 个音节，此文本有 %(count)d 个；"
            "请缩短文本、改用实时发音人，或以播报方式制作。"
        ) % {"voice": slow[0].voice.code, "most": most, "count": syllables}
        raise VoiceNotLive(message, field="voice")


def _sound(plan: Plan, making: AbstractContextManager[object]) -> tuple[Sounding, str]:
    try:
        if found := pipeline.find_sounding(plan.key):
            return found
        with making:
            sounds, cache = pipeline.order_phrases(plan, lambda index: _queue_phrase(plan, index))
        sounding = pipeline.assemble(plan, sounds)
        pipeline.keep_sounding(plan.key, sounding)
    except (redis.exceptions.RedisError, OperationalError) as error:
        raise SpeechUnavailable from error
    return sounding, cache


def _queue_phrase(plan: Plan, index: int) -> None:
    part = plan.parts[index]
    tasks.speak_phrase.apply_async(
        kwargs={
            "key": part.key,
            "engine": part.voice.engine,
            "model": part.voice.model,
            "phrase": asdict(part.phrase),
            "delivery": asdict(part.delivery),
        },
        queue=part.voice.engine,
    )


def _queue_rendition(rendition: Rendition) -> None:
    # A queue that is down now loses nothing: beat finds the row and queues it again.
    with contextlib.suppress(OperationalError):
        tasks.queue_rendition(rendition.pk)


def _count(
    plan: Plan, sounding: Sounding, *, actor: Actor, origin: Origin, cache: str, milliseconds: int
) -> Speech:
    spec = plan.spec
    return Speech.objects.create(
        caller_kind=actor.kind,
        caller_id=actor.id,
        caller_name=actor.name,
        request_id=origin.request_id,
        text_sha256=_sha256(spec.text),
        characters=len(plan.spoken),
        voice=plan.voice.code,
        engine_version=plan.engine_version,
        emotion=spec.emotion,
        intensity=spec.intensity,
        rate=spec.rate,
        pitch=spec.pitch,
        volume=spec.volume,
        format=spec.format,
        sample_rate=sounding.sample_rate,
        seconds=sounding.seconds,
        milliseconds=milliseconds,
        cache=cache,
        rendition_key=plan.key,
    )


def _details(plan: Plan, cache: str) -> dict[str, Any]:
    details = {
        "voice": plan.voice.code,
        "emotion": plan.spec.emotion,
        "format": plan.spec.format,
        "engine_version": plan.engine_version,
        "cache": cache,
        "unreadable": len(plan.script.unreadable),
        "invisible": sum(map(_is_invisible, plan.spoken)),
    }
    if plan.spec.category:
        details["category"] = plan.spec.category
    return details | ssml_details(plan) if plan.spec.is_ssml else details


def ssml_details(plan: Plan) -> dict[str, Any]:
    """What the evidence of SSML says besides; its text and length there are those of what was sent."""
    return {
        "ssml": True,
        "spoken_characters": len(plan.spoken),
        "voices": ", ".join(dict.fromkeys(f"{part.voice.code} {part.engine_version}" for part in plan.parts)),
        "emotions": ", ".join(dict.fromkeys(part.delivery.emotion for part in plan.parts)),
    }


def _is_invisible(character: str) -> bool:
    """Zero-width and tag characters, variation selectors: nothing to speak, but a place to hide something."""
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return selector or unicodedata.category(character) == "Cf"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
