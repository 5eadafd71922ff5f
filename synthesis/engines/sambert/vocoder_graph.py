"""The HiFi-GAN generator as an ONNX graph, for ONNX Runtime: the same numbers without PyTorch's kernels.

Wide convolutions take the short way (`graphs.short_convolution`), over rows [1, time, channels]; the others
are convolutions of pictures one row high [1, channels, 1, time], for which the runtime has its best kernels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import onnxruntime as ort
import torch
from torch import Tensor

from synthesis.engines.graphs.builder import FLOAT, OnnxBuilder, Port
from synthesis.engines.graphs.short_convolution import MOST_POINTS, convolve
from synthesis.engines.sambert.generator import LAST_SLOPE
from synthesis.engines.sambert.generator_weights import Filter, GeneratorWeights, Stage

WIDE: Final = 128  # channels from which fewer products outweigh the moving about, measured
_TILES: Final = (6, 4)  # the larger the better, as far as the points allow
_TO_ROWS: Final = [0, 2, 3, 1]
_TO_PICTURE: Final = [0, 2, 1]


def build_generator(weights: GeneratorWeights) -> bytes:
    """Inputs `mel` [1, mels, T] and, where there is a source, `excitation` [1, 1, samples].

    Output `bands` [1, out, samples] within (-1, 1).
    """
    builder = OnnxBuilder()
    _Graph(builder, weights).build()
    mels, bands = weights.pre.weight.shape[1], weights.post.weight.shape[0]
    inputs: list[Port] = [("mel", FLOAT, [1, mels, "frames"])]
    if weights.harmonics:
        inputs.append(("excitation", FLOAT, [1, 1, "samples"]))
    return builder.serialize("generator", inputs, [("bands", FLOAT, [1, bands, "made"])])


class _Graph:
    def __init__(self, builder: OnnxBuilder, weights: GeneratorWeights) -> None:
        self._builder = builder
        self._weights = weights
        self._slope = weights.slope

    def build(self) -> None:
        weights = self._weights
        x = self._plain(self._raised("mel"), weights.pre)
        excitation = self._raised("excitation") if weights.harmonics else ""
        for stage in weights.stages:
            x = self._stage(x, stage, excitation)
        x = self._plain(self._rectified(x, LAST_SLOPE), weights.post)
        flat = self._builder.node("Squeeze", x, self._builder.shape(2))
        self._builder.node("Tanh", flat, output="bands")

    def _raised(self, x: str) -> str:
        return self._builder.node("Unsqueeze", x, self._builder.shape(2))

    def _rectified(self, x: str, slope: float) -> str:
        return self._builder.node("LeakyRelu", x, alpha=slope)

    def _plain(self, x: str, made_of: Filter) -> str:
        """Over pictures."""
        weight = self._builder.weight(made_of.weight[:, :, None].numpy())
        return self._builder.node(
            "Conv",
            x,
            weight,
            self._builder.weight(made_of.bias.numpy()),
            pads=[0, made_of.left, 0, made_of.right],
            dilations=[1, made_of.dilation],
            strides=[1, made_of.stride],
        )

    def _short(self, x: str, made_of: Filter) -> str:
        """Over rows."""
        taps = made_of.weight.shape[2]
        tile = next(tile for tile in _TILES if taps + tile - 1 <= MOST_POINTS)
        reach = {"left": made_of.left, "dilation": made_of.dilation, "tile": tile}
        return convolve(self._builder, x, made_of.weight.numpy(), made_of.bias.numpy(), **reach)

    def _stage(self, x: str, stage: Stage, excitation: str) -> str:
        """A picture to a picture."""
        builder = self._builder
        bent = self._rectified(builder.node("Add", x, builder.node("Sin", x)), self._slope)
        x = self._stretched(self._plain(bent, stage.up), stage)
        if stage.down:
            x = builder.node("Add", x, self._rows(self._plain(excitation, stage.down)))
        if _takes_the_short_way(stage):
            return self._picture(self._mean(x, stage, self._short))
        return self._mean(self._picture(x), stage, self._plain)

    def _rows(self, picture: str) -> str:
        moved = self._builder.node("Transpose", picture, perm=_TO_ROWS)
        return self._builder.node("Squeeze", moved, self._builder.shape(1))

    def _picture(self, rows: str) -> str:
        return self._raised(self._builder.node("Transpose", rows, perm=_TO_PICTURE))

    def _stretched(self, phases: str, stage: Stage) -> str:
        """Rows, `scale` of them for each sample of the picture."""
        channels = stage.up.weight.shape[0] // stage.scale
        return self._builder.node("Reshape", self._rows(phases), self._builder.shape(1, -1, channels))

    def _mean(self, x: str, stage: Stage, convolved: Callable[[str, Filter], str]) -> str:
        blocks = [self._block(x, pairs, convolved) for pairs in stage.blocks]
        return self._builder.node("Mean", *blocks)

    def _block(
        self, x: str, pairs: tuple[tuple[Filter, Filter], ...], convolved: Callable[[str, Filter], str]
    ) -> str:
        for wide, narrow in pairs:
            inner = convolved(self._rectified(x, self._slope), wide)
            x = self._builder.node("Add", convolved(self._rectified(inner, self._slope), narrow), x)
        return x


def _takes_the_short_way(stage: Stage) -> bool:
    filters = [made_of for pairs in stage.blocks for pair in pairs for made_of in pair]
    short = all(made_of.weight.shape[2] + min(_TILES) - 1 <= MOST_POINTS for made_of in filters)
    return short and stage.blocks[0][0][0].weight.shape[0] >= WIDE


class GraphGenerator:
    """What `generator.Generator` does, in ONNX Runtime on the CPU. Keeps nothing between calls."""

    def __init__(self, weights: GeneratorWeights, *, threads: int = 1) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        graph = build_generator(weights)
        self._session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def __call__(self, mel: Tensor, excitation: Tensor | None) -> Tensor:
        """Mel [1, mels, T] and excitation [1, 1, samples] or None to bands [1, out, samples]."""
        given = {"mel": np.ascontiguousarray(mel.float().cpu().numpy())}
        if excitation is not None:
            given["excitation"] = np.ascontiguousarray(excitation.numpy())
        (bands,) = self._session.run(["bands"], given)
        return torch.from_numpy(bands)
