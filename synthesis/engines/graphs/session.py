"""ONNX Runtime as every engine uses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from synthesis.engines.base import EngineFailed

if TYPE_CHECKING:
    import onnxruntime as ort


def open_session(graph: bytes) -> ort.InferenceSession:
    import onnxruntime as ort

    options = ort.SessionOptions()
    # One thread a slot: the platform runs as many slots as there are cores, and two threads of one
    # session are slower than one on a busy machine. Without a pool a run computes in its caller.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def run(session: ort.InferenceSession, outputs: list[str], feed: Mapping[str, NDArray[Any]]) -> list[Any]:
    """The outputs by name. Raises EngineFailed."""
    try:
        return list(session.run(outputs, dict(feed)))
    except Exception as error:  # ONNX Runtime's exceptions share no base below Exception
        raise EngineFailed(f"the voice broke down: {error}") from error
