"""Readings that depend on the sentence: the network of g2pM (Park and Lee, "g2pM", Interspeech 2020).

The weights and the character tables come with that package. The network is run here, both directions of its
LSTM in one step, which takes a third of the package's own time, and a character only gets a reading it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthesis.text.syllables import from_numbered

ERHUA = "r5"
# A long sentence is judged in stretches, many at once: in time for the longest, and with memory flat.
STRETCH = 120
SIDE_BY_SIDE = 64
_LOADING = Lock()

Weights = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Network:
    """Weights laid out for running both directions as one: the first half of each gate is forwards.

    Shapes: forwards and backwards (characters, 4, hidden) hold each character's share of the gates, recurrent
    (2 * hidden, 8 * hidden), first (2 * hidden, middle), second (middle, classes). The gates stand in the
    order input, forget, output, cell. Hidden states are kept doubled, which `recurrent` and `first` undo.
    """

    readings: dict[str, list[str]]
    characters: dict[str, int]
    classes: dict[str, int]
    forwards: Weights
    backwards: Weights
    recurrent: Weights
    first: tuple[Weights, Weights]
    second: tuple[Weights, Weights]


def network() -> Network:
    """Loaded at the first call and shared by all threads: after loading it is only read."""
    with _LOADING:
        return _load()


@cache
def _load() -> Network:
    import g2pM

    source: Any = g2pM.G2pM()
    return Network(
        readings=source.cedict,
        characters=source.char2idx,
        classes={reading: index for index, reading in source.idx2class.items()},
        forwards=_inputs(source, ""),
        backwards=_inputs(source, "_reverse"),
        recurrent=_recurrent(source),
        first=(source.hidden_weight_l0.T * np.float32(0.5), source.hidden_bias_l0),
        second=(source.hidden_weight_l1.T, source.hidden_bias_l1),
    )


def _inputs(source: Any, direction: str) -> Weights:
    """What every character of the vocabulary adds to the gates: one look-up instead of a product a step."""
    shares = source.embeddings @ getattr(source, "weight_ih" + direction).T
    biases = getattr(source, "bias_ih" + direction) + getattr(source, "bias_hh" + direction)
    return _halved((shares + biases).reshape(len(shares), 4, -1))


def _recurrent(source: Any) -> Weights:
    """One matrix for both directions, which do not see each other: zeros where they would."""
    ways = [_halved(weights.T.reshape(len(weights) // 4, 4, -1)) for weights in _recurrent_weights(source)]
    hidden = len(ways[0])
    joined = np.zeros((2 * hidden, 4, 2 * hidden), dtype=np.float32)
    joined[:hidden, :, :hidden], joined[hidden:, :, hidden:] = ways
    return joined.reshape(2 * hidden, 8 * hidden) * np.float32(0.5)


def _recurrent_weights(source: Any) -> tuple[Weights, Weights]:
    return source.weight_hh, source.weight_hh_reverse


def _halved(gates: Weights) -> Weights:
    """Halve what goes into the three sigmoid gates: sigmoid(x) = (1 + tanh(x / 2)) / 2, so one tanh does all.

    The gates are the axis before the last; the one that is no sigmoid, the cell's, goes to the end.
    """
    scale = np.array([0.5, 0.5, 0.5, 1.0], dtype=np.float32)
    return (gates[..., [0, 1, 3, 2], :] * scale[:, None]).astype(np.float32)


def _states(net: Network, indices: NDArray[np.intp]) -> Weights:
    """Hidden states of both directions, doubled, for stretches of one length judged side by side.

    `indices` has the shape (stretches, places); the result (stretches, places, 2 * hidden).
    """
    stretches, count = indices.shape
    width, hidden = net.recurrent.shape[0], net.recurrent.shape[0] // 2
    seen = np.concatenate([net.forwards[indices], net.backwards[indices[:, ::-1]]], axis=-1)
    shares = np.ascontiguousarray(seen.reshape(stretches, count, 4 * width).transpose(1, 0, 2))
    states = np.empty((count, stretches, width), dtype=np.float32)
    state = np.zeros((stretches, width), dtype=np.float32)
    cell, added, gates = np.zeros_like(state), np.empty_like(state), np.empty_like(shares[0])
    sigmoids = gates[:, : 3 * width]
    into, kept, out, new = (gates[:, gate * width : (gate + 1) * width] for gate in range(4))
    for step in range(count):
        np.matmul(state, net.recurrent, out=gates)
        gates += shares[step]
        np.tanh(gates, out=gates)
        sigmoids += 1
        cell *= kept
        cell += np.multiply(into, new, out=added)
        cell *= 0.5
        state = states[step]
        np.tanh(cell, out=state)
        state *= out
    both = np.concatenate([states[..., :hidden], states[::-1, :, hidden:]], axis=-1)
    return both.transpose(1, 0, 2)


def fixed_reading(char: str) -> str | None:
    """The reading of a character that has only one."""
    readings = network().readings.get(char, [])
    return from_numbered(readings[0]) if len(readings) == 1 else None


def is_polyphone(char: str) -> bool:
    return len(network().readings.get(char, ())) > 1


def readings_in(sentence: str) -> dict[int, str]:
    """Place -> reading of every polyphone in a sentence. `r5` marks the erhua suffix.

    A long sentence is cut into stretches of one length, of which many are judged at once.
    """
    whole = len(sentence) - len(sentence) % STRETCH
    found: dict[int, str] = {}
    for start in range(0, whole, STRETCH * SIDE_BY_SIDE):
        end = min(whole, start + STRETCH * SIDE_BY_SIDE)
        found |= _judge(network(), sentence, range(start, end, STRETCH), STRETCH)
    if whole < len(sentence):
        found |= _judge(network(), sentence, range(whole, whole + 1), len(sentence) - whole)
    return found


def _judge(net: Network, sentence: str, starts: range, length: int) -> dict[int, str]:
    """Readings of the polyphones in the stretches of `length` characters that begin at `starts`."""
    by_character = _polyphone_places(sentence, starts[0], starts[-1] + length)
    if not by_character:
        return {}
    unknown = net.characters["<UNK>"]
    # The package trained with these two letters as beginning and end.
    first, last = net.characters["시"], net.characters["끝"]
    framed = [
        [first, *(net.characters.get(char, unknown) for char in sentence[start : start + length]), last]
        for start in starts
    ]
    seen = _states(net, np.array(framed, dtype=np.intp))[:, 1:-1].reshape(len(starts) * length, -1)
    found: dict[int, str] = {}
    for char, places in by_character.items():
        rows = seen[[place - starts[0] for place in places]]
        found |= dict(zip(places, _best(net, _choices(char), rows), strict=True))
    return found


def _polyphone_places(sentence: str, start: int, end: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place in range(start, end):
        if _choices(sentence[place]).readings:
            found.setdefault(sentence[place], []).append(place)
    return found


@dataclass(frozen=True, slots=True)
class _Choices:
    """The readings that a character has in the network, and the class of each."""

    readings: list[str]
    classes: list[int]


@lru_cache(maxsize=8192)
def _choices(char: str) -> _Choices:
    net = network()
    if not is_polyphone(char):
        return _Choices([], [])
    known = [reading for reading in net.readings[char] if reading in net.classes]
    spoken = {reading: reading if reading == ERHUA else from_numbered(reading) for reading in known}
    usable = [(name, net.classes[reading]) for reading, name in spoken.items() if name is not None]
    return _Choices([name for name, _ in usable], [number for _, number in usable])


def _best(net: Network, choices: _Choices, seen: Weights) -> list[str]:
    """The likeliest of a character's own readings for each row of hidden states."""
    middle = np.maximum(seen @ net.first[0] + net.first[1], 0.0)
    scores = middle @ net.second[0][:, choices.classes] + net.second[1][choices.classes]
    return [choices.readings[best] for best in scores.argmax(axis=1)]
