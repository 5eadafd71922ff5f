"""A network with the seams of the real one and no weights: each symbol a fixed length, each vowel a hum."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto

from synthesis.engines.graphs import folder as made
from synthesis.engines.graphs.builder import FLOAT, OnnxBuilder, Port
from synthesis.engines.kokoro import files, graphs
from synthesis.engines.kokoro.network import FRAME, SAMPLE_RATE, STYLES
from synthesis.engines.kokoro.symbols import EDGE, IDS

HERTZ = 150.0
QUIET = 5.0  # what the real one draws where there is no pitch
SPEAKER = "zm_yunxi"
_INT64 = int(TensorProto.INT64)
_VOWELS = "aeiouyɔəɚɛɨɤʊ"
_TOKENS: Port = ("tokens", _INT64, [1, "symbols"])
_STYLE: Port = ("style", FLOAT, [1, 256])
_DURATIONS: Port = ("durations", _INT64, ["symbols"])
_CURVES: list[Port] = [("f0", FLOAT, [1, 1, "halves"]), ("energy", FLOAT, [1, 1, "halves"])]


def install(folder: Path) -> Path:
    """The folder with the network and one speaker in it."""
    outputs = {graphs.READING: _reading(), graphs.MELODY: _melody(), graphs.WAVE: _wave()}
    outputs[files.styles_file(SPEAKER)] = np.ones(STYLES, np.float32).tobytes()
    made.write(folder, outputs, converter=files.CONVERTER, sources={"tiny": "network"})
    return folder


def _reading() -> bytes:
    lengths = np.full(max(IDS.values()) + 1, 2, np.float32)
    lengths[[EDGE, IDS["."]]] = 12, 8
    sounding = np.zeros((len(lengths), 1), np.float32)
    sounding[[IDS[vowel] for vowel in _VOWELS]] = 1
    builder = OnnxBuilder()
    builder.node("Gather", builder.weight(lengths), "tokens", output="lengths")
    builder.node("Gather", builder.weight(sounding), "tokens", output="features")
    ports: list[Port] = [("features", FLOAT, [1, "symbols", 1]), ("lengths", FLOAT, [1, "symbols"])]
    return builder.serialize("reading", [_TOKENS, _STYLE], ports)


def _melody() -> bytes:
    """Each symbol's flag, held for its frames, becomes a level pitch; the energy is the flag itself."""
    builder = OnnxBuilder()
    ends = builder.node("CumSum", "durations", builder.shape(0))
    last = builder.node("Gather", ends, builder.weight(np.array(-1)))
    frames = builder.node("Range", builder.weight(np.array(0)), last, builder.weight(np.array(1)))
    passed = builder.node(
        "GreaterOrEqual", builder.node("Unsqueeze", frames, builder.shape(1)), builder.node("Identity", ends)
    )
    symbol = builder.node("ReduceSum", builder.node("Cast", passed, to=_INT64), builder.shape(1), keepdims=0)
    flags = builder.node("Gather", builder.node("Reshape", "features", builder.shape(-1, 1)), symbol)
    halves = builder.node("Expand", flags, builder.shape(1, 2))
    builder.node("Reshape", halves, builder.shape(1, 1, -1), output="energy")
    risen = builder.node("Mul", "energy", builder.floats(HERTZ - QUIET))
    builder.node("Add", risen, builder.floats(QUIET), output="f0")
    features: Port = ("features", FLOAT, [1, "symbols", 1])
    return builder.serialize("melody", [_STYLE, features, _DURATIONS], _CURVES)


def _wave() -> bytes:
    """A tone with one overtone wherever there is pitch."""
    builder = OnnxBuilder()
    per_curve = FRAME // 2
    column = builder.node("Reshape", "f0", builder.shape(-1, 1))
    hertz = builder.node(
        "Reshape", builder.node("Expand", column, builder.shape(1, per_curve)), builder.shape(-1)
    )
    turns = builder.node(
        "CumSum", builder.node("Mul", hertz, builder.floats(1 / SAMPLE_RATE)), builder.shape(0)
    )
    angle = builder.node("Mul", turns, builder.floats(2 * np.pi))
    over = builder.node("Sin", builder.node("Mul", angle, builder.floats(2)))
    tone = builder.node("Add", builder.node("Sin", angle), over)
    voiced = builder.node("Cast", builder.node("Greater", hertz, builder.floats(40)), to=FLOAT)
    quiet = builder.node("Mul", tone, builder.floats(0.3))
    builder.node("Mul", quiet, voiced, output="audio")
    return builder.serialize("wave", [_TOKENS, _STYLE, _DURATIONS, *_CURVES], [("audio", FLOAT, ["samples"])])
