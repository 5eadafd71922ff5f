"""What workers do. Each looks before it acts, so that running twice does no harm."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import heartbeat_sent, worker_init

from synthesis import casting, pipeline, presence, renditions, samples
from synthesis.cache import flight
from synthesis.engines.base import Delivery, EngineError, EngineNotInstalled
from synthesis.lexicon import impact
from synthesis.models import Voice
from synthesis.screening import review, statistics
from synthesis.text import Phrase

log = logging.getLogger(__name__)

SLOW_WORKER = "slow@"  # how the names of those workers begin that load what they speak when they speak it


@worker_init.connect
def load_engines(sender: Any = None, **_signal: Any) -> None:
    """The first caller must not wait for a model to load; one that cannot be loaded keeps no other silent."""
    presence.prepare()
    name = str(getattr(sender, "hostname", sender) or "")
    if not name.startswith(SLOW_WORKER):
        _load_all()
    presence.tell(name)


def _load_all() -> None:
    for voice in Voice.objects.filter(is_active=True):
        for model in filter(None, (voice.model, voice.candidate_model)) if voice.model else ("",):
            presence.load(voice.engine, model)


@heartbeat_sent.connect
def tell_presence(sender: Any = None, **_signal: Any) -> None:
    presence.tell(sender.eventer.hostname)


@shared_task(max_retries=2, bind=True)
def speak_phrase(
    self: Any, *, key: str, engine: str, phrase: dict[str, Any], delivery: dict[str, Any], model: str = ""
) -> None:
    try:
        pipeline.make_phrase(
            key=key,
            engine=engine,
            model=model,
            phrase=Phrase(**{**phrase, "phones": tuple(phrase["phones"])}),
            delivery=Delivery(**delivery),
        )
    except EngineError as error:
        if not error.permanent and self.request.retries < self.max_retries:
            raise self.retry(exc=error, countdown=0.2) from error
        log.exception("phrase %s cannot be spoken", key)
        if isinstance(error, EngineNotInstalled):
            presence.failed(engine, model, error)
        flight.fail(key, type(error).__name__)


@shared_task
def make_rendition(*, rendition_id: str) -> None:
    renditions.make(UUID(rendition_id))


def queue_rendition(rendition_id: UUID) -> None:
    """Has it made in the lane of its voices."""
    lane = renditions.lane_of(rendition_id)
    make_rendition.apply_async(kwargs={"rendition_id": str(rendition_id)}, queue=lane)


@shared_task
def resume_renditions() -> None:
    for rendition_id in renditions.stalled():
        queue_rendition(rendition_id)


@shared_task
def make_sample(*, voice_id: int, emotion: str) -> None:
    samples.make(voice_id=voice_id, emotion=emotion)


def queue_sample(voice_id: int, emotion: str) -> None:
    """Has it made in the lane of its voice."""
    lane = casting.lane_of([Voice.objects.get(pk=voice_id)])
    make_sample.apply_async(kwargs={"voice_id": voice_id, "emotion": emotion}, queue=lane)


@shared_task
def make_missing_samples() -> None:
    for voice_id, emotion in samples.missing_everywhere():
        if samples.claim(voice_id, emotion):
            queue_sample(voice_id, emotion)


@shared_task
def mark_by_calendar() -> None:
    impact.mark_by_calendar()


@shared_task
def fold_hits() -> None:
    statistics.fold()


@shared_task
def forget_held_texts() -> None:
    review.forget_texts()
