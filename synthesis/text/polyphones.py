"""Readings that depend on the sentence: the network of g2pM (Park and Lee, "g2pM", Interspeech 2020).

The weights and the character tables come with that package. The network is run here, both directions of its
LSTM in one step, which takes a third of the package's own time, and a character only gets a reading it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthesis.text.syllables import from_numbered

ERHUA = "r5"
# A long sentence is judged in stretches, so that memory stays flat.
STRETCH = 120
_LOADING = Lock()

Weights = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Network:
    """Weights laid out for running; `inputs` already holds each character's share of the gates.

    Shapes: inputs (characters, 2, 4 * hidden), recurrent (2, hidden, 4 * hidden), first (2 * hidden, middle),
    second (middle, classes); the axis of 2 is forwards and backwards.
    """

    readings: dict[str, list[str]]
    characters: dict[str, int]
    classes: dict[str, int]
    inputs: Weights
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
        inputs=np.stack([_inputs(source, ""), _inputs(source, "_reverse")], axis=1),
        recurrent=np.stack([_halved(getattr(source, name).T) for name in ("weight_hh", "weight_hh_reverse")]),
        first=(source.hidden_weight_l0.T, source.hidden_bias_l0),
        second=(source.hidden_weight_l1.T, source.hidden_bias_l1),
    )


def _inputs(source: Any, direction: str) -> Weights:
    """What every character of the vocabulary adds to the gates: one look-up instead of a product a step."""
    shares = source.embeddings @ getattr(source, "weight_ih" + direction).T
    return _halved(shares + getattr(source, "bias_ih" + direction) + getattr(source, "bias_hh" + direction))


def _halved(gates: Weights) -> Weights:
    """Halve what goes into the three sigmoid gates: sigmoid(x) = (1 + tanh(x / 2)) / 2, so one tanh does all.

    The gates stand in the order input, forget, cell, output along the last axis.
    """
    hidden = gates.shape[-1] // 4
    scale = np.full(gates.shape[-1], 0.5, dtype=np.float32)
    scale[2 * hidden : 3 * hidden] = 1.0
    return (gates * scale).astype(np.float32)


def _states(net: Network, indices: NDArray[np.intp]) -> Weights:
    """Hidden states of both directions for each place, shape (places, 2 * hidden)."""
    count, hidden = len(indices), net.recurrent.shape[1]
    shares = np.stack([net.inputs[indices, 0], net.inputs[indices[::-1], 1]], axis=1)[:, :, None, :]
    states = np.empty((count, 2, hidden), dtype=np.float32)
    state = np.zeros((2, 1, hidden), dtype=np.float32)
    cell = np.zeros_like(state)
    for step in range(count):
        gates = np.tanh(shares[step] + state @ net.recurrent)
        into, keep, fresh, out = (gates[..., place * hidden : (place + 1) * hidden] for place in range(4))
        cell = ((1 + keep) * cell + (1 + into) * fresh) * 0.5
        state = (1 + out) * np.tanh(cell) * 0.5
        states[step] = state[:, 0]
    return np.concatenate([states[:, 0], states[::-1, 1]], axis=1)


def fixed_reading(char: str) -> str | None:
    """The reading of a character that has only one."""
    readings = network().readings.get(char, [])
    return from_numbered(readings[0]) if len(readings) == 1 else None


def is_polyphone(char: str) -> bool:
    return len(network().readings.get(char, ())) > 1


def readings_in(sentence: str) -> dict[int, str]:
    """Place -> reading of every polyphone in a sentence. `r5` marks the erhua suffix."""
    found: dict[int, str] = {}
    for start in range(0, len(sentence), STRETCH):
        judged = _judge(network(), sentence[start : start + STRETCH])
        found |= {start + place: reading for place, reading in judged.items()}
    return found


def _judge(net: Network, sentence: str) -> dict[int, str]:
    places = [place for place, char in enumerate(sentence) if is_polyphone(char)]
    if not places:
        return {}
    unknown = net.characters["<UNK>"]
    known = [net.characters.get(char, unknown) for char in sentence]
    # The package trained with these two letters as beginning and end.
    framed = np.array([net.characters["시"], *known, net.characters["끝"]], dtype=np.intp)
    seen = _states(net, framed)[1:-1][places]
    middle = np.maximum(seen @ net.first[0] + net.first[1], 0.0)
    scores = middle @ net.second[0] + net.second[1]
    return {
        place: reading
        for place, row in zip(places, scores, strict=True)
        if (reading := _best(net, sentence[place], row)) is not None
    }


def _best(net: Network, char: str, scores: Weights) -> str | None:
    """The likeliest of a character's own readings."""
    known = [reading for reading in net.readings[char] if reading in net.classes]
    if not known:
        return None
    best = max(known, key=lambda reading: scores[net.classes[reading]])
    return best if best == ERHUA else from_numbered(best)
