"""Names for sounds: the same name, the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict

from synthesis.engines.base import Delivery
from synthesis.text import Phrase


def _digest(kind: str, content: object) -> str:
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(f"{kind}\n{canonical}".encode()).hexdigest()


def phrase_key(phrase: Phrase, *, engine: str, version: str, delivery: Delivery) -> str:
    """By what is spoken, not by what was written: two texts read alike share one sound."""
    return _digest("phrase", [engine, version, phrase.phones, asdict(delivery)])


def rendition_key(
    phrase_keys: Iterable[str],
    phrases: Iterable[Phrase],
    levels: Iterable[tuple[int, float]],
    *,
    format: str,
    sample_rate: int,
    volume: int,
) -> str:
    """`levels`: of each phrase its volume beside the others and its voice's gain; `volume` is the whole's."""
    # The places in the text belong to it, since a rendition carries the marks of its phrases.
    marks = [(phrase.start, phrase.end, phrase.pause) for phrase in phrases]
    return _digest("rendition", [list(phrase_keys), marks, list(levels), format, sample_rate, volume])
