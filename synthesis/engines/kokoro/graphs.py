"""The network cut into three graphs, so that lengths, pitch and energy can be changed on their way.

The whole runs from symbols to samples in one go. Between its parts stand tensors with a plain meaning: the
length of each symbol in frames, the curve of pitch in Hz and that of energy, both twice a frame. Each graph
gives one of them out, and the next takes it in, changed or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import onnx
from onnx import TensorProto, helper

READING: Final = "reading.onnx"  # tokens, style -> features, lengths
MELODY: Final = "melody.onnx"  # tokens, style, features, durations -> f0, energy
WAVE: Final = "wave.onnx"  # tokens, style, durations, f0, energy -> audio

Port = tuple[str, int, list[int | str]]  # our name, TensorProto type, shape

# The tensors of the network by the names of its export.
_FEATURES: Final = "/encoder/predictor/text_encoder/Concat_4_output_0"
_LENGTHS: Final = "/encoder/predictor/ReduceSum_output_0"
_DURATIONS: Final = "/encoder/Gather_output_0"
_F0: Final = "/encoder/F0_proj/Conv_output_0"
_ENERGY: Final = "/encoder/N_proj/Conv_output_0"
_PORTS: Final[dict[str, Port]] = {
    "tokens": ("tokens", TensorProto.INT64, [1, "symbols"]),
    "style": ("style", TensorProto.FLOAT, [1, 256]),
    _FEATURES: ("features", TensorProto.FLOAT, [1, "symbols", 640]),
    _LENGTHS: ("lengths", TensorProto.FLOAT, [1, "symbols"]),
    _DURATIONS: ("durations", TensorProto.INT64, ["symbols"]),
    _F0: ("f0", TensorProto.FLOAT, [1, 1, "halves"]),
    _ENERGY: ("energy", TensorProto.FLOAT, [1, 1, "halves"]),
    "audio": ("audio", TensorProto.FLOAT, ["samples"]),
}
_CUTS: Final = {
    READING: (("tokens", "style"), (_FEATURES, _LENGTHS)),
    MELODY: (("tokens", "style", _FEATURES, _DURATIONS), (_F0, _ENERGY)),
    WAVE: (("tokens", "style", _DURATIONS, _F0, _ENERGY), ("audio",)),
}


def cut(network: bytes) -> dict[str, bytes]:
    """The three graphs by the names of their files."""
    model = onnx.load_from_string(network)
    return {name: _part(model, name, *ends) for name, ends in _CUTS.items()}


def _part(model: onnx.ModelProto, name: str, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> bytes:
    """All that leads from `inputs` to `outputs`, under our names."""
    nodes = _between(model.graph, inputs, outputs)
    used = {tensor for node in nodes for tensor in node.input}
    names = {tensor: _PORTS[tensor][0] for tensor in (*inputs, *outputs)}
    part = helper.make_graph(
        [_renamed(node, names) for node in nodes],
        name.removesuffix(".onnx"),
        [_port(tensor) for tensor in inputs if tensor in used],
        [_port(tensor) for tensor in outputs],
        [weight for weight in model.graph.initializer if weight.name in used],
    )
    whole = helper.make_model(part, opset_imports=_operators(model, nodes), ir_version=model.ir_version)
    return bytes(whole.SerializeToString(deterministic=True))


def _between(graph: onnx.GraphProto, inputs: Iterable[str], outputs: Iterable[str]) -> list[onnx.NodeProto]:
    """The nodes that `outputs` need, in their order, without those behind `inputs`."""
    makers = {tensor: index for index, node in enumerate(graph.node) for tensor in node.output}
    given, wanted, found = set(inputs), list(outputs), set()
    while wanted:
        tensor = wanted.pop()
        maker = makers.get(tensor)
        if tensor in given or maker is None or maker in found:
            continue
        found.add(maker)
        wanted += graph.node[maker].input
    return [graph.node[index] for index in sorted(found)]


def _renamed(node: onnx.NodeProto, names: Mapping[str, str]) -> onnx.NodeProto:
    copy = onnx.NodeProto()
    copy.CopyFrom(node)
    copy.input[:] = [names.get(tensor, tensor) for tensor in node.input]
    copy.output[:] = [names.get(tensor, tensor) for tensor in node.output]
    return copy


def _operators(model: onnx.ModelProto, nodes: list[onnx.NodeProto]) -> list[onnx.OperatorSetIdProto]:
    used = {node.domain for node in nodes}
    return [operators for operators in model.opset_import if operators.domain in used]


def _port(tensor: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(*_PORTS[tensor])
