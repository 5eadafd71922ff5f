"""Samples of voices (样音): each in each emotion it is offered with, made once and kept in the store."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction

from audit.parties import SYSTEM, Target
from audit.services import record
from synthesis import casting, pipeline
from synthesis.cache.redis import connection
from synthesis.casting import Performer
from synthesis.clearance import clear
from synthesis.engines.base import EngineError
from synthesis.errors import SpeechError, SpeechUnavailable
from synthesis.models import Emotion, Voice, VoiceSample
from synthesis.pipeline import Plan, Sounding
from synthesis.spec import SpeechSpec
from synthesis.stored import read_stored

log = logging.getLogger(__name__)

TEXT = "您好，这里是政务服务热线，我是%s。请问有什么可以帮您？"
_CLAIM = "govvoice:sample:%d:%s"
# Nobody asks again so soon: for one that is being made, or cannot be.
_PATIENCE = 600  # seconds


def text_of(voice: Voice) -> str:
    return TEXT % voice.speaker.name


def spec_of(voice: Voice, emotion: str) -> SpeechSpec:
    return SpeechSpec(text=text_of(voice), voice=voice.code, emotion=emotion)


def current(voice: Voice) -> dict[str, VoiceSample]:
    """The samples that sound as the voice sounds today, by emotion."""
    version = _version(voice)
    rows = voice.samples.filter(text=text_of(voice), engine_version=version).select_related("emotion")
    return {row.emotion.code: row for row in rows}


def missing(voice: Voice) -> list[str]:
    """Codes of the emotions the voice is offered with and has no sample of; none where it cannot speak."""
    if not (voice.is_active and voice.speaker.is_active and _version(voice)):
        return []
    there = current(voice)
    offered = voice.voiceemotion_set.filter(is_active=True).values_list("emotion__code", flat=True)
    return [code for code in offered if code not in there]


def missing_everywhere() -> Iterator[tuple[int, str]]:
    """The same of all voices, as (voice's key, emotion)."""
    for voice in Voice.objects.filter(is_active=True).select_related("speaker"):
        for emotion in missing(voice):
            yield voice.pk, emotion


def claim(voice_id: int, emotion: str) -> bool:
    """Whether it is the caller's to have this sample made; it is nobody else's for some minutes."""
    return bool(connection().set(_CLAIM % (voice_id, emotion), 1, nx=True, ex=_PATIENCE))


def make(*, voice_id: int, emotion: str) -> None:
    """Speaks and keeps one sample; one that is there is left alone. What goes wrong is only logged."""
    voice = Voice.objects.select_related("speaker").filter(pk=voice_id).first()
    if voice is None or emotion not in missing(voice):
        return
    try:
        plan = _plan(voice, emotion)
        sounding = _speak(plan)
    except (SpeechError, EngineError):
        log.exception("no sample of %s in %s", voice.code, emotion)
        return
    _keep(voice, emotion, plan, sounding)


def open_audio(sample: VoiceSample) -> bytes:
    """The bytes as stored. Raises OSError, or ValueError when they are not the ones that were made."""
    return read_stored("voices", sample.path, sha256=sample.sha256)


def _version(voice: Voice) -> str:
    """What the engine calls itself here, empty where it is not installed."""
    try:
        return casting.engine_of(voice).version
    except SpeechUnavailable:
        return ""


def _plan(voice: Voice, emotion: str) -> Plan:
    engine = casting.engine_of(voice)
    cast: casting.Cast = {None: Performer(voice, engine, engine.emotions)}
    return clear(spec_of(voice, emotion), cast=cast).plan


def _speak(plan: Plan) -> Sounding:
    sounds = [
        pipeline.make_phrase(
            key=part.key,
            engine=part.voice.engine,
            model=part.voice.model,
            phrase=part.phrase,
            delivery=part.delivery,
        )
        for part in plan.parts
    ]
    return pipeline.assemble(plan, sounds)


def _keep(voice: Voice, emotion: str, plan: Plan, sounding: Sounding) -> None:
    digest = hashlib.sha256(sounding.audio).hexdigest()
    name, store = f"samples/{digest[:2]}/{digest}.wav", storages["voices"]
    fields = {
        "engine_version": plan.engine_version,
        "text": plan.spec.text,
        "path": name if store.exists(name) else store.save(name, ContentFile(sounding.audio)),
        "sha256": digest,
        "size": len(sounding.audio),
        "seconds": sounding.seconds,
        "sample_rate": sounding.sample_rate,
        "peaks": list(sounding.peaks),
        "phrases": [[mark.start, mark.end, mark.begin, mark.finish] for mark in sounding.marks],
    }
    row = Emotion.objects.get(code=emotion)
    with transaction.atomic():
        before = VoiceSample.objects.filter(voice=voice, emotion=row).values_list("path", flat=True).first()
        VoiceSample.objects.update_or_create(voice=voice, emotion=row, defaults=fields)
        record(
            action="voice.sampled",
            actor=SYSTEM,
            target=Target(type="voice", id=voice.code, name=voice.speaker.name),
            text=plan.spec.text,
            details={"emotion": emotion, "engine_version": plan.engine_version, "sha256": digest},
        )
        if before:
            transaction.on_commit(lambda: _discard(before))


def _discard(path: str) -> None:
    """Takes an older sample out of the store, unless another one sounds the same."""
    if not VoiceSample.objects.filter(path=path).exists():
        storages["voices"].delete(path)
