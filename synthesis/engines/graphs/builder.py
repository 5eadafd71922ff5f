"""A thin writer of ONNX graphs: nodes in order, weights as initialisers, names by count."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_OPSET: Final = 20
_IR: Final = 10  # the file format of that operator set, so that older runtimes can load it

Port = tuple[str, int, list[int | str]]  # name, TensorProto type, shape; a string is a free dimension


class OnnxBuilder:
    """Collects nodes; the same calls give the same bytes."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def node(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Append a node with one output and return the output's name."""
        return self.nodes(kind, *inputs, outputs=[output or f"{kind}_{len(self._nodes)}"], **attributes)[0]

    def nodes(self, kind: str, *inputs: str, outputs: list[str], **attributes: Any) -> list[str]:
        self._nodes.append(helper.make_node(kind, list(inputs), outputs, **attributes))
        return outputs

    def weight(self, values: NDArray[Any]) -> str:
        name = f"weight_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def floats(self, *values: float) -> str:
        """A constant of shape [n], or a scalar for one value."""
        return self.weight(np.array(values if len(values) > 1 else values[0], np.float32))

    def shape(self, *values: int) -> str:
        """A constant integer list, as Reshape, Pad and Slice want."""
        return self.weight(np.array(values, np.int64))

    def serialize(self, name: str, inputs: list[Port], outputs: list[Port]) -> bytes:
        """The finished model. Raises onnx.checker.ValidationError when the graph is not sound."""
        graph = helper.make_graph(self._nodes, name, _ports(inputs), _ports(outputs), self._weights)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR, producer_name="govvoice"
        )
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))


def _ports(ports: list[Port]) -> list[onnx.ValueInfoProto]:
    return [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in ports]


FLOAT: Final = int(TensorProto.FLOAT)
INT32: Final = int(TensorProto.INT32)
