"""Convolutions over time with fewer multiplications: the Toom-Cook method (Winograd 1980, Lavin & Gray 2016).

Some outputs of a filter with r taps, a tile of t, are a product of two short polynomials, so n = r + t - 1
products, taken at n points, are enough instead of r t. With many channels each product is a matrix product,
which is where the time goes: half of it is saved at 3 taps and tiles of 4, three fifths at 5, two thirds at
7 and tiles of 6. Rounding grows with n: to about 1e-5 of the values at 8 points, 3e-5 at 14.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.polynomial import polynomial
from numpy.typing import NDArray

from synthesis.engines.graphs.builder import OnnxBuilder

Floats = NDArray[np.float32]
Matrix = NDArray[np.float64]

TILE: Final = 4  # outputs at a time
# Small numbers, and their inverses, keep the rounding small.
_POINTS: Final = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 4.0, -4.0, 0.25, -0.25, 1.5, -1.5)
MOST_POINTS: Final = len(_POINTS) + 1
_TO_THE_END: Final = np.iinfo(np.int64).max


def toom_cook(taps: int, tile: int = TILE) -> tuple[Matrix, Matrix, Matrix]:
    """A [tile, n], G [n, taps], B [n, n]: A ((G g) * (B d)) is `d` [n] correlated with `g` [taps].

    ValueError when that takes more than `MOST_POINTS` points.
    """
    if taps + tile - 1 > MOST_POINTS:
        raise ValueError(f"{taps} taps in tiles of {tile} take more than {MOST_POINTS} points")
    points = np.array(_POINTS[: taps + tile - 2])
    others = [np.delete(points, index) for index in range(len(points))]
    lagrange = np.array([np.prod(point - rest) for point, rest in zip(points, others, strict=True)])
    # The last point lies at infinity: there a polynomial's value is its leading coefficient.
    outputs = np.vander(points, tile, increasing=True).T
    kernel = np.vander(points, taps, increasing=True) / lagrange[:, None]
    inputs = [np.append(polynomial.polyfromroots(rest), 0.0) for rest in others]
    return (
        np.column_stack([outputs, np.eye(tile)[-1]]),
        np.vstack([kernel, np.eye(taps)[-1]]),
        np.array([*inputs, polynomial.polyfromroots(points)]),
    )


def convolve(
    builder: OnnxBuilder,
    x: str,
    kernel: Floats,
    bias: Floats,
    *,
    left: int | None = None,
    dilation: int = 1,
    tile: int = TILE,
) -> str:
    """`x` [1, T, in] with `kernel` [out, in, taps], plus `bias` [out]: [1, T, out].

    There are zeros beyond the ends, `left` of them before the first sample; half of the filter if not told.
    """
    width, depth, taps = kernel.shape
    extent = (taps - 1) * dilation
    before = extent // 2 if left is None else left
    to_outputs, to_kernel, to_inputs = toom_cook(taps, tile)
    factors = np.einsum("nt,oit->nio", to_kernel, kernel).astype(np.float32)
    points = len(factors)
    padded = _pad(builder, x, (before, extent - before), dilation * tile)
    if dilation > 1:  # neighbours meet different samples: they are like channels
        padded = builder.node("Reshape", padded, builder.shape(1, -1, dilation * depth))
    mixed = _mix(builder, to_inputs, _tiles(builder, padded, points, tile), depth)
    parts = [f"{mixed}/{point}" for point in range(points)]
    builder.nodes("Split", mixed, outputs=parts, axis=0, num_outputs=points)
    # One product a point and not one batch: the runtime arranges constant matrices in advance, batches not.
    products = [
        builder.node("MatMul", part, builder.weight(factor))
        for part, factor in zip(parts, factors, strict=True)
    ]
    tiles = _mix(builder, to_outputs, builder.node("Concat", *products, axis=0), dilation * width)
    rows = builder.node("Transpose", tiles, perm=[1, 0, 2])
    joined = builder.node("Reshape", rows, builder.shape(1, -1, width))
    length = builder.node("Shape", x, start=1, end=2)
    cut = builder.node("Slice", joined, builder.shape(0), length, builder.shape(1))
    return builder.node("Add", cut, builder.weight(bias))


def _pad(builder: OnnxBuilder, x: str, margins: tuple[int, int], multiple: int) -> str:
    """Zeros on both sides, and after them as many as make the length without margins a `multiple`."""
    length = builder.node("Shape", x, start=1, end=2)
    missing = builder.node("Mod", builder.node("Neg", length), builder.shape(multiple))
    after = builder.node("Add", missing, builder.shape(margins[1]))
    pads = builder.node("Concat", builder.shape(0, margins[0], 0, 0), after, builder.shape(0), axis=0)
    return builder.node("Pad", x, pads)


def _tiles(builder: OnnxBuilder, padded: str, points: int, tile: int) -> str:
    """[n, T / tile, channels]: of each tile's n inputs, the first of all tiles, then the second and so on."""
    axis, step = builder.shape(1), builder.shape(tile)
    ends = [place - points + 1 for place in range(points - 1)] + [_TO_THE_END]
    slices = [
        builder.node("Slice", padded, builder.shape(place), builder.shape(end), axis, step)
        for place, end in enumerate(ends)
    ]
    return builder.node("Concat", *slices, axis=0)


def _mix(builder: OnnxBuilder, matrix: Matrix, x: str, channels: int) -> str:
    """`matrix` [m, n] times `x` [n, ...] along its first axis: [m, rows, channels]."""
    rows, columns = matrix.shape
    flat = builder.node("Reshape", x, builder.shape(columns, -1))
    product = builder.node("MatMul", builder.weight(matrix.astype(np.float32)), flat)
    return builder.node("Reshape", product, builder.shape(rows, -1, channels))
