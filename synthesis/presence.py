"""What each worker has loaded, told by itself while it lives: nobody has to ask a dead one."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final

import redis.exceptions
from django.conf import settings

from synthesis.cache.redis import connection
from synthesis.engines.base import EngineError
from synthesis.engines.kokoro import residence
from synthesis.engines.registry import get_engine, made_engines
from synthesis.engines.sambert import placement

log = logging.getLogger(__name__)

PREFIX: Final = "govvoice:worker:"
EVERY: Final = 10.0  # seconds between two tellings
EXPIRES: Final = 45  # seconds after which a silent worker is taken for dead


@dataclass(frozen=True, slots=True)
class Told:
    """One model on one worker. `failure` says why it could not be loaded."""

    engine: str
    model: str
    version: str = ""
    devices: tuple[str, ...] = ()
    bytes: int = 0
    seconds: float = 0.0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Worker:
    """`counts` are utterances spoken on a card and on the processor, and how often the card failed."""

    name: str
    told_at: float
    models: tuple[Told, ...]
    counts: Mapping[str, Any] = field(default_factory=dict)

    def of(self, engine: str, model: str) -> Told | None:
        return next((told for told in self.models if (told.engine, told.model) == (engine, model)), None)


_failures: dict[tuple[str, str], str] = {}
_told_at = 0.0
_telling = Lock()


def prepare() -> None:
    """Before the first voice is loaded."""
    residence.arrange(
        residence.Arrangement(slots=settings.KOKORO_SLOTS, idle_seconds=settings.KOKORO_IDLE_SECONDS)
    )
    placement.arrange(
        placement.Arrangement(
            card=settings.SAMBERT_CARD, slots=settings.SAMBERT_CARD_SLOTS, threads=settings.SAMBERT_THREADS
        )
    )


def load(engine: str, model: str) -> bool:
    """Loads a model, unless it waits for its first phrase.

    One that cannot be loaded is remembered with the reason, and silences no other.
    """
    try:
        found = get_engine(engine, folder=settings.VOICES_DIR, model=model)
        if not found.is_lazy:
            found.load()
    except EngineError as error:
        log.error("voice %s %s cannot be loaded: %s", engine, model, error)
        failed(engine, model, error)
        return False
    _failures.pop((engine, model), None)
    return True


def failed(engine: str, model: str, error: EngineError) -> None:
    """Remembers why a model that somebody asked for cannot be spoken."""
    _failures[engine, model] = str(error)


def tell(name: str = "") -> None:
    """Writes down what this worker holds, not more often than every few seconds."""
    global _told_at  # noqa: PLW0603 - one process, one clock
    with _telling:
        if time.monotonic() - _told_at < EVERY and _told_at:
            return
        _told_at = time.monotonic()
    mine = asdict(Worker(name or socket.gethostname(), time.time(), tuple(_held()), _counts()))
    try:
        connection().set(PREFIX + mine["name"], json.dumps(mine), ex=EXPIRES)
    except redis.exceptions.RedisError:
        log.warning("Valkey does not answer: what this worker holds is not told")


def forget() -> None:
    """The next telling comes at once."""
    global _told_at  # noqa: PLW0603
    _told_at = 0.0
    _failures.clear()


def workers() -> list[Worker]:
    """Everybody who told of himself lately, by name; nobody when Valkey does not answer."""
    try:
        keys = sorted(connection().scan_iter(PREFIX + "*"))
        values: Any = connection().mget(keys) if keys else []
    except redis.exceptions.RedisError:
        return []
    return [_worker(json.loads(value)) for value in values if value]


def _held() -> Iterator[Told]:
    root = Path(settings.VOICES_DIR).resolve()
    for (name, home), engine in made_engines().items():
        inside = home.relative_to(root / name) if home.is_relative_to(root / name) else home
        model = "" if str(inside) == "." else inside.as_posix()
        held = engine.held
        failure = "" if held.devices else _failures.get((name, model), "")
        yield Told(name, model, engine.version, held.devices, held.bytes, held.seconds, failure)
    made = {(name, home) for name, home in made_engines()}
    for (name, model), failure in _failures.items():
        if (name, root / name / model) not in made:
            yield Told(name, model, failure=failure)


def _counts() -> dict[str, Any]:
    return asdict(placement.placement.counts)


def _worker(told: dict[str, Any]) -> Worker:
    models = tuple(Told(**{**model, "devices": tuple(model["devices"])}) for model in told["models"])
    return Worker(told["name"], told["told_at"], models, told["counts"])
