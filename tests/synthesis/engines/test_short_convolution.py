from __future__ import annotations

import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray

from synthesis.engines.graphs.builder import FLOAT, OnnxBuilder
from synthesis.engines.graphs.short_convolution import TILE, convolve, toom_cook

Floats = NDArray[np.float32]


@pytest.mark.parametrize(("taps", "tile"), [(3, TILE), (5, TILE), (7, 6), (11, 4)])
def test_transforms_make_a_correlation(taps: int, tile: int) -> None:
    random = np.random.default_rng(taps)
    signal, kernel = random.standard_normal(taps + tile - 1), random.standard_normal(taps)
    outputs, to_kernel, to_inputs = toom_cook(taps, tile)
    made = outputs @ ((to_kernel @ kernel) * (to_inputs @ signal))
    np.testing.assert_allclose(made, np.correlate(signal, kernel, "valid"), atol=1e-11)


def test_too_many_taps_are_refused() -> None:
    with pytest.raises(ValueError, match="12 taps in tiles of 4"):
        toom_cook(12, 4)


@pytest.mark.parametrize("taps", [3, 5])
@pytest.mark.parametrize("length", [1, 2, 4, 7, 64])
def test_graph_agrees_with_a_plain_convolution(taps: int, length: int) -> None:
    x, kernel, bias = drawn(length, taps)
    builder = OnnxBuilder()
    made = run(builder, convolve(builder, "x", kernel, bias), x)
    np.testing.assert_allclose(made, plain(x[0], kernel, bias, taps // 2), atol=1e-4)


@pytest.mark.parametrize(("dilation", "left"), [(1, 10), (3, 30), (3, 15), (7, 35), (7, 0)])
@pytest.mark.parametrize("length", [1, 5, 84])
def test_graph_reaches_as_far_as_told(dilation: int, left: int, length: int) -> None:
    x, kernel, bias = drawn(length, 11)
    builder = OnnxBuilder()
    made = run(builder, convolve(builder, "x", kernel, bias, left=left, dilation=dilation), x)
    np.testing.assert_allclose(made, plain(x[0], kernel, bias, left, dilation), atol=1e-3)


def drawn(length: int, taps: int) -> tuple[Floats, Floats, Floats]:
    random = np.random.default_rng(length)
    x, kernel, bias = (random.standard_normal(shape) for shape in ((1, length, 6), (9, 6, taps), (9,)))
    return x.astype(np.float32), kernel.astype(np.float32), bias.astype(np.float32)


def run(builder: OnnxBuilder, output: str, x: Floats) -> Floats:
    builder.node("Identity", output, output="y")
    graph = builder.serialize("test", [("x", FLOAT, [1, "time", 6])], [("y", FLOAT, [1, "time", 9])])
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    (made,) = session.run(["y"], {"x": x})
    return np.asarray(made[0])


def plain(x: Floats, kernel: Floats, bias: Floats, left: int, dilation: int = 1) -> Floats:
    extent = (kernel.shape[2] - 1) * dilation
    padded = np.pad(x, ((left, extent - left), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, extent + 1, axis=0)[..., ::dilation]
    return np.asarray(np.einsum("tik,oik->to", windows, kernel) + bias)
