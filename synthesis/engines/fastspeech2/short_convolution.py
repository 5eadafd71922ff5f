"""Convolutions over time with fewer multiplications: the Toom-Cook method (Winograd 1980, Lavin & Gray 2016).

Four outputs of a filter with r taps are a product of two short polynomials, so n = r + 3 products, taken at n
points, are enough instead of 4 r. With many channels each product is a matrix product, which is where the
time goes: half of it is saved at 3 taps, three fifths at 5. Rounding grows to about 1e-5 of the values.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.polynomial import polynomial
from numpy.typing import NDArray

from synthesis.engines.fastspeech2.onnx_builder import OnnxBuilder
from synthesis.engines.fastspeech2.tflite_weights import Floats

Matrix = NDArray[np.float64]

TILE: Final = 4  # outputs at a time
_POINTS: Final = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)  # small numbers keep the rounding small
_TO_THE_END: Final = np.iinfo(np.int64).max


def toom_cook(taps: int) -> tuple[Matrix, Matrix, Matrix]:
    """A [TILE, n], G [n, taps], B [n, n]: A ((G g) * (B d)) is `d` [n] correlated with `g` [taps]."""
    points = np.array(_POINTS[: taps + TILE - 2])
    others = [np.delete(points, index) for index in range(len(points))]
    lagrange = np.array([np.prod(point - rest) for point, rest in zip(points, others, strict=True)])
    # The last point lies at infinity: there a polynomial's value is its leading coefficient.
    outputs = np.vander(points, TILE, increasing=True).T
    kernel = np.vander(points, taps, increasing=True) / lagrange[:, None]
    inputs = [np.append(polynomial.polyfromroots(rest), 0.0) for rest in others]
    return (
        np.column_stack([outputs, np.eye(TILE)[-1]]),
        np.vstack([kernel, np.eye(taps)[-1]]),
        np.array([*inputs, polynomial.polyfromroots(points)]),
    )


def convolve(builder: OnnxBuilder, x: str, kernel: Floats, bias: Floats) -> str:
    """`x` [1, T, in] with `kernel` [out, in, taps], zeros beyond the ends, plus `bias` [out]: [1, T, out]."""
    width, depth, taps = kernel.shape
    to_outputs, to_kernel, to_inputs = toom_cook(taps)
    factors = np.einsum("nt,oit->nio", to_kernel, kernel).astype(np.float32)
    points = len(factors)
    mixed = _mix(builder, to_inputs, _tiles(builder, x, taps), depth)
    parts = [f"{mixed}/{point}" for point in range(points)]
    builder.nodes("Split", mixed, outputs=parts, axis=0, num_outputs=points)
    # One product a point and not one batch: the runtime arranges constant matrices in advance, batches not.
    products = [
        builder.node("MatMul", part, builder.weight(factor))
        for part, factor in zip(parts, factors, strict=True)
    ]
    tiles = _mix(builder, to_outputs, builder.node("Concat", *products, axis=0), width)
    rows = builder.node("Transpose", tiles, perm=[1, 0, 2])
    joined = builder.node("Reshape", rows, builder.shape(1, -1, width))
    length = builder.node("Shape", x, start=1, end=2)
    cut = builder.node("Slice", joined, builder.shape(0), length, builder.shape(1))
    return builder.node("Add", cut, builder.weight(bias))


def _tiles(builder: OnnxBuilder, x: str, taps: int) -> str:
    """[n, T / TILE, channels]: of each tile's n inputs, the first of all tiles, then the second and so on."""
    margin = taps // 2
    points = taps + TILE - 1
    length = builder.node("Shape", x, start=1, end=2)
    missing = builder.node("Mod", builder.node("Neg", length), builder.shape(TILE))
    after = builder.node("Add", missing, builder.shape(margin))
    pads = builder.node("Concat", builder.shape(0, margin, 0, 0), after, builder.shape(0), axis=0)
    padded = builder.node("Pad", x, pads)
    axis, step = builder.shape(1), builder.shape(TILE)
    ends = [place - points + 1 for place in range(points - 1)] + [_TO_THE_END]
    slices = [
        builder.node("Slice", padded, builder.shape(place), builder.shape(end), axis, step)
        for place, end in enumerate(ends)
    ]
    return builder.node("Concat", *slices, axis=0)


def _mix(builder: OnnxBuilder, matrix: Matrix, x: str, channels: int) -> str:
    """`matrix` [m, n] times `x` [n, rows, channels] along its first axis."""
    rows, columns = matrix.shape
    flat = builder.node("Reshape", x, builder.shape(columns, -1))
    product = builder.node("MatMul", builder.weight(matrix.astype(np.float32)), flat)
    return builder.node("Reshape", product, builder.shape(rows, -1, channels))
