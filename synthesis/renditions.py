"""Makes and keeps the finished audio of broadcasts (成品音频), inside a worker."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from synthesis import casting, pipeline
from synthesis.clearance import clear
from synthesis.engines.base import EngineError
from synthesis.errors import SpeechError
from synthesis.lexicon import current as lexicon
from synthesis.models import Rendition
from synthesis.spec import SpeechSpec
from synthesis.stored import read_stored

log = logging.getLogger(__name__)

STALL = timedelta(seconds=60)


def make(rendition_id: UUID) -> None:
    """Speaks the rendition and keeps its bytes. A ready one is left alone; a failure is written into it."""
    rendition = Rendition.objects.get(pk=rendition_id)
    if rendition.state in {Rendition.State.READY, Rendition.State.FAILED} or _is_being_made(rendition):
        return
    try:
        _speak(rendition)
    except SpeechError as error:
        _fail(rendition, str(error.message))
    except EngineError:
        # Staff read the reason, and the engine speaks to programmers.
        log.exception("rendition %s", rendition_id)
        _fail(rendition, _("语音引擎未能合成这段内容，请重试；仍然失败时请联系系统管理员。"))


def stalled() -> Iterator[UUID]:
    """Renditions nobody works on: their worker died, or the queue lost its memory."""
    waiting = Q(state__in=[Rendition.State.QUEUED, Rendition.State.MAKING])
    late = Q(touched_at__lt=timezone.now() - STALL)
    return Rendition.objects.filter(waiting & late).values_list("pk", flat=True).iterator()


def lane_of(rendition_id: UUID) -> str:
    """The queue that it is made in."""
    spec = SpeechSpec(**Rendition.objects.values_list("spec", flat=True).get(pk=rendition_id))
    try:
        cast = casting.cast_for(spec, pipeline.markup_of(spec))
    except SpeechError:
        return casting.USUAL_LANE  # it will fail, and that is soon done
    return casting.lane_of(performer.voice for performer in cast.values())


def open_audio(rendition: Rendition) -> bytes:
    """The bytes as stored. Raises ValueError when they are not the ones that were made."""
    return read_stored("renditions", rendition.path, sha256=rendition.sha256)


def _speak(rendition: Rendition) -> None:
    # Whoever asked may have decided on a reading just before: this process must not be a second behind him.
    lexicon.look_again()
    # Lists may have changed since it was asked for, and words that a person decides on are heard by him.
    plan = clear(SpeechSpec(**rendition.spec)).plan
    sounds = []
    for done, part in enumerate(plan.parts):
        _touch(rendition, progress=done * 100 // len(plan.parts))
        sounds.append(
            pipeline.make_phrase(
                key=part.key,
                engine=part.voice.engine,
                model=part.voice.model,
                phrase=part.phrase,
                delivery=part.delivery,
            )
        )
    sounding = pipeline.assemble(plan, sounds)
    lexicon.look_again()
    if clear(plan.spec).plan.key != plan.key:
        _speak(rendition)  # a reading, or a substitute, was decided on meanwhile
    else:
        _keep(rendition, plan, sounding)


def _is_being_made(rendition: Rendition) -> bool:
    """The broker hands a task out again after a minute, and a long text takes longer than that."""
    is_fresh = rendition.touched_at > timezone.now() - STALL
    return rendition.state == Rendition.State.MAKING and is_fresh


def _touch(rendition: Rendition, *, progress: int) -> None:
    rendition.state = Rendition.State.MAKING
    rendition.progress = progress
    rendition.touched_at = timezone.now()
    rendition.save(update_fields=["state", "progress", "touched_at"])


def _keep(rendition: Rendition, plan: pipeline.Plan, sounding: pipeline.Sounding) -> None:
    digest = hashlib.sha256(sounding.audio).hexdigest()
    name = f"renditions/{digest[:2]}/{digest}.{plan.spec.format}"
    store = storages["renditions"]
    # Named by content: another rendition of the same sound may have put it there already.
    rendition.path = name if store.exists(name) else store.save(name, ContentFile(sounding.audio))
    rendition.sha256 = digest
    rendition.size = len(sounding.audio)
    rendition.seconds = sounding.seconds
    rendition.sample_rate = sounding.sample_rate
    rendition.format = plan.spec.format
    rendition.engine_version = plan.engine_version
    rendition.plan_key = plan.key
    rendition.peaks = list(sounding.peaks)
    rendition.phrases = [[m.start, m.end, m.begin, m.finish] for m in sounding.marks]
    rendition.state = Rendition.State.READY
    rendition.progress = 100
    rendition.touched_at = timezone.now()
    rendition.save()


def _fail(rendition: Rendition, reason: str) -> None:
    rendition.state = Rendition.State.FAILED
    rendition.failure = reason[:300]
    rendition.touched_at = timezone.now()
    rendition.save(update_fields=["state", "failure", "touched_at"])
