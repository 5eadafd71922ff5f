"""The multi-band MelGAN as an ONNX graph: mel frames in, samples out.

80 mels at 80 frames a second go through three upsampling stages (x3, x5, x5), each followed by a stack of
four residual blocks with dilations 1, 3, 9, 27, to four sub-bands at 6 kHz, which a synthesis filter bank
(PQMF, 63 taps) joins to 24 kHz. Yang et al. 2020, "Multi-band MelGAN".
"""

from __future__ import annotations

from typing import Final

import numpy as np

from synthesis.engines.fastspeech2.tflite_weights import Floats, TfliteWeights
from synthesis.engines.graphs.builder import FLOAT, OnnxBuilder

UPSAMPLING: Final = (3, 5, 5)
DILATIONS: Final = (1, 3, 9, 27)
SUB_BANDS: Final = 4
_SLOPE: Final = 0.2  # of every leaky rectifier
_ROOT: Final = "sequential_4"


def build_vocoder(weights: TfliteWeights, *, rounding: bool = False) -> bytes:
    """Input `mel` [1, T, 80]; output `audio` [1, 300 T] within about [-1, 1].

    T is at least 10: the widest reflection mirrors 27 of 3 T samples and needs one more than that.

    `rounding` rounds the sub-bands to 8 bits as the source file does. It costs 26 dB of signal-to-noise and
    is there only to compare with that file.
    """
    builder = OnnxBuilder()
    graph = _Vocoder(builder, weights)
    # Time is the width of a picture one row high: the runtime has its fastest kernels for pictures only.
    x = builder.node("Unsqueeze", builder.node("Transpose", "mel", perm=[0, 2, 1]), builder.shape(2))
    x = graph.mirrored_conv(x, "conv1d", margin=3)
    for stage, stride in enumerate(UPSAMPLING):
        x = graph.upsample(graph.rectify(x), stage, stride)
        for block, dilation in enumerate(DILATIONS):
            x = graph.residual(x, stage, block, dilation)
    x = builder.node("Tanh", graph.mirrored_conv(graph.rectify(x), "conv1d_25", margin=3))
    graph.join_bands(_rounded(builder, x) if rounding else x)
    return builder.serialize(
        "vocoder", [("mel", FLOAT, [1, "frames", 80])], [("audio", FLOAT, [1, "samples"])]
    )


def _rounded(builder: OnnxBuilder, bands: str) -> str:
    step, zero = builder.floats(1 / 128), builder.weight(np.array(0, np.int8))
    return builder.node("DequantizeLinear", builder.node("QuantizeLinear", bands, step, zero), step, zero)


class _Vocoder:
    def __init__(self, builder: OnnxBuilder, weights: TfliteWeights) -> None:
        self._builder = builder
        self._weights = weights

    def rectify(self, x: str) -> str:
        return self._builder.node("LeakyRelu", x, alpha=_SLOPE)

    def conv(self, x: str, name: str, dilation: int = 1) -> str:
        kernel = self._weights.get("CONV_2D", f"{_ROOT}/{name}/conv1d")
        bias = self._weights.get("ADD", f"{_ROOT}/{name}/BiasAdd")
        taps = self._builder.weight(kernel.transpose(0, 3, 1, 2))  # [out, 1, taps, in] -> [out, in, 1, taps]
        return self._builder.node("Conv", x, taps, self._builder.weight(bias), dilations=[1, dilation])

    def mirrored_conv(self, x: str, name: str, margin: int, dilation: int = 1) -> str:
        margins = self._builder.shape(0, 0, 0, margin, 0, 0, 0, margin)
        return self.conv(self._builder.node("Pad", x, margins, mode="reflect"), name, dilation)

    def upsample(self, x: str, stage: int, stride: int) -> str:
        base = f"{_ROOT}/conv_transpose_._{stage}"
        suffix = f"_{stage}" if stage else ""
        kernel = self._weights.get("TRANSPOSE_CONV", f"{base}/conv2d_transpose{suffix}/conv2d_transpose")
        bias = self._weights.get("ADD", f"{base}/conv2d_transpose{suffix}/BiasAdd")
        taps = self._builder.weight(kernel.transpose(3, 0, 2, 1))  # [out, taps, 1, in] -> [in, out, 1, taps]
        spare = kernel.shape[1] - stride  # what must be cut for exactly `stride` samples an input sample
        pads = [0, spare // 2, 0, spare - spare // 2]
        weights = (taps, self._builder.weight(bias))
        return self._builder.node("ConvTranspose", x, *weights, strides=[1, stride], pads=pads)

    def residual(self, x: str, stage: int, block: int, dilation: int) -> str:
        base = f"residual_stack_._{stage}._._{block}"
        first = 1 + 2 * (stage * len(DILATIONS) + block)
        wide = self.mirrored_conv(self.rectify(x), f"{base}/conv1d_{first}", dilation, dilation)
        narrow = self.conv(self.rectify(wide), f"{base}/conv1d_{first + 1}")
        return self._builder.node("Add", self.conv(x, f"{base}/shortcut"), narrow)

    def join_bands(self, bands: str) -> str:
        """The PQMF synthesis bank as one transposed convolution.

        The source spreads each band by a factor of four (filling with zeros) and convolves with 63 taps,
        31 zeros at both ends: the same as a transposed convolution with the taps reversed.
        """
        spread = self._weights.get("TRANSPOSE_CONV", "conv1d_transpose")  # [out band, 1, 4, in band]
        filters = self._weights.get("CONV_2D", "conv1d")  # [1, 1, 63, band]
        taps = _through_spread(spread[:, 0], filters[0, 0])[:, ::-1]
        margin = filters.shape[2] // 2
        pads = [0, margin, 0, margin + 1 - SUB_BANDS]
        weights = self._builder.weight(taps[:, None, None])
        audio = self._builder.node("ConvTranspose", bands, weights, strides=[1, SUB_BANDS], pads=pads)
        return self._builder.node("Squeeze", audio, self._builder.shape(1, 2), output="audio")


def _through_spread(spread: Floats, filters: Floats) -> Floats:
    """Filter taps by band, [band, 63]; the spreading kernel's first tap mixes the bands, the rest is 0."""
    if np.any(spread[:, 1:]):
        raise ValueError("the filter bank spreads its bands over more than one sample")
    return np.asarray(np.einsum("tb,bi->it", filters, spread[:, 0]), np.float32)
