"""Readings that depend on the sentence, by the g2pM network (bidirectional LSTM, weights in its wheel)."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import Any, Protocol, cast

from synthesis.text.syllables import from_numbered

_LOADING = Lock()
ERHUA = "r5"
STRETCH = 120


class Network(Protocol):
    cedict: dict[str, list[str]]

    def __call__(self, sent: str, *, tone: bool, char_split: bool) -> list[str]: ...


@cache
def _load() -> Network:
    import g2pM

    network: Any = g2pM.G2pM()
    return cast("Network", network)


def network() -> Network:
    """Loaded at the first call and shared by all threads: after loading it is only read."""
    with _LOADING:
        return _load()


def fixed_reading(char: str) -> str | None:
    """The reading of a character that has only one, erhua aside."""
    readings = network().cedict.get(char, [])
    return from_numbered(readings[0]) if len(readings) == 1 else None


def is_polyphone(char: str) -> bool:
    return len(network().cedict.get(char, ())) > 1


def readings_in(sentence: str) -> list[str | None]:
    """One reading a character, None where the network knows none. `r5` marks the erhua suffix.

    A long sentence is judged in stretches, so that memory stays flat.
    """
    found: list[str | None] = []
    for start in range(0, len(sentence), STRETCH):
        judged = network()(sentence[start : start + STRETCH], tone=True, char_split=True)
        found += [reading if reading == ERHUA else from_numbered(reading) for reading in judged]
    return found
