from __future__ import annotations

import numpy as np
import onnxruntime as ort
import pytest

from synthesis.engines.fastspeech2.onnx_builder import FLOAT, OnnxBuilder
from synthesis.engines.fastspeech2.short_convolution import TILE, convolve, toom_cook


@pytest.mark.parametrize("taps", [3, 5])
def test_transforms_make_a_correlation(taps: int) -> None:
    random = np.random.default_rng(taps)
    signal, kernel = random.standard_normal(taps + TILE - 1), random.standard_normal(taps)
    outputs, to_kernel, to_inputs = toom_cook(taps)
    made = outputs @ ((to_kernel @ kernel) * (to_inputs @ signal))
    np.testing.assert_allclose(made, np.correlate(signal, kernel, "valid"), atol=1e-12)


@pytest.mark.parametrize("taps", [3, 5])
@pytest.mark.parametrize("length", [1, 2, 4, 7, 64])
def test_graph_agrees_with_a_plain_convolution(taps: int, length: int) -> None:
    random = np.random.default_rng(length)
    x, kernel, bias = (
        random.standard_normal(shape).astype(np.float32) for shape in ((1, length, 6), (9, 6, taps), (9,))
    )
    builder = OnnxBuilder()
    builder.node("Identity", convolve(builder, "x", kernel, bias), output="y")
    graph = builder.serialize("test", [("x", FLOAT, [1, "time", 6])], [("y", FLOAT, [1, "time", 9])])
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    padded = np.pad(x[0], ((taps // 2, taps // 2), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, taps, axis=0)
    plain = np.einsum("tik,oik->to", windows, kernel) + bias
    np.testing.assert_allclose(session.run(["y"], {"x": x})[0][0], plain, atol=1e-4)
