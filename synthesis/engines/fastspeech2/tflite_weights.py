"""Weights out of a TFLite file, found by the operator that uses them."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any, Final

import numpy as np
import tflite
from numpy.typing import NDArray

from synthesis.engines.base import EngineNotInstalled

Floats = NDArray[np.float32]

_TYPES: Final = {
    tflite.TensorType.FLOAT32: np.dtype(np.float32),
    tflite.TensorType.INT8: np.dtype(np.int8),
}
_KINDS: Final = {
    number: name for name, number in vars(tflite.BuiltinOperator).items() if isinstance(number, int)
}
# The TFLite writer makes names unique by appending digits, and joins the names of operators it fused by ';'.
_SERIAL: Final = re.compile(r"\d+$")


class TfliteWeights:
    """Constant operands of operators, looked up by kind and by the name of the tensor they write.

    8-bit weights are dequantised to float32: (q - zero point) * scale, per tensor.
    """

    def __init__(self, data: bytes) -> None:
        self._model = tflite.Model.GetRootAs(data, 0)
        self._graph = self._model.Subgraphs(0)
        self._operators: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for index in range(self._graph.OperatorsLength()):
            self._index(self._graph.Operators(index))

    def get(self, kind: str, name: str) -> Floats:
        """The first constant operand of the one operator of `kind` that writes `name`."""
        operator = self._operator(kind, name)
        constants = [tensor for tensor in self._operands(operator) if self._is_weight(tensor)]
        if not constants:
            raise EngineNotInstalled(f"{kind} {name!r} has no constant operand")
        return self._floats(constants[0])

    def _index(self, operator: Any) -> None:
        code = self._model.OperatorCodes(operator.OpcodeIndex())
        kind = _KINDS[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        names = self._graph.Tensors(operator.Outputs(0)).Name().decode()
        for name in {spelling for part in names.split(";") for spelling in (part, _SERIAL.sub("", part))}:
            self._operators[kind, name].append(operator)

    def _operator(self, kind: str, name: str) -> Any:
        found = self._operators.get((kind, name), [])
        if len(found) != 1:
            raise EngineNotInstalled(f"the file has {len(found)} operators {kind} {name!r}, not one")
        return found[0]

    def _operands(self, operator: Any) -> list[Any]:
        return [self._graph.Tensors(index) for index in operator.InputsAsNumpy() if index >= 0]

    def _is_weight(self, tensor: Any) -> bool:
        return tensor.Type() in _TYPES and self._model.Buffers(tensor.Buffer()).DataLength() > 0

    def _floats(self, tensor: Any) -> Floats:
        raw = self._model.Buffers(tensor.Buffer()).DataAsNumpy().view(_TYPES[tensor.Type()])
        values = raw.reshape(tensor.ShapeAsNumpy()).astype(np.float32)
        if tensor.Type() == tflite.TensorType.FLOAT32:
            return np.asarray(values)
        quantization = tensor.Quantization()
        if quantization.ScaleLength() != 1:
            raise EngineNotInstalled(f"{tensor.Name().decode()!r} is not quantised by tensor")
        return np.asarray((values - quantization.ZeroPoint(0)) * np.float32(quantization.Scale(0)))
