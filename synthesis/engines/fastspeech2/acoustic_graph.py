"""FastSpeech 2 as two ONNX graphs, split at the length regulator (Ren et al. 2020).

The first reads symbols and predicts length, pitch and energy of each; numpy repeats each symbol's vector for
as many frames as it lasts; the second turns frames into mels. One utterance at a time and never padded, so
the source's attention masks fall away. The source left the dropout of the pitch and energy embeddings on;
here both always pass, at their own size: factor 1 where the dropout would have drawn 0 or 2.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from synthesis.engines.fastspeech2.tflite_weights import Floats, TfliteWeights
from synthesis.engines.graphs.builder import FLOAT, INT32, OnnxBuilder, Port
from synthesis.engines.graphs.short_convolution import convolve

WIDTH: Final = 256
MELS: Final = 80
MAX_POSITIONS: Final = 2048  # frames, or symbols, that have a position vector; entry 0 is padding
_LAYERS: Final = 3
_HEADS: Final = 2
_HEAD_WIDTH: Final = 16
_EPSILON: Final = 1e-5


def build_encoder(weights: TfliteWeights) -> bytes:
    """Symbols to hidden vectors and what was predicted of them; n is the number of symbols.

    Inputs: `ids` int32 [1, n]; `duration_scale`, `f0_ratio`, `energy_ratio` float32 [1], which multiply the
    predictions; `f0_shift`, `energy_shift` float32 [1, n] or [1, 1], added after that. Pitch and energy are
    z-scored over the corpus. Outputs: `hidden` [1, n, 256], `durations` int32 [1, n] in frames,
    `f0` and `energy` float32 [1, n].
    """
    builder = OnnxBuilder()
    graph = _Acoustic(builder, weights)
    symbols = builder.node("Gather", builder.weight(weights.get("GATHER", "embeddings/Gather")), "ids")
    encoded = graph.transformer("encoder", graph.with_positions(symbols))
    graph.durations(encoded)
    f0 = graph.adjusted(encoded, "f0")
    energy = graph.adjusted(encoded, "energy")
    builder.node("Add", encoded, graph.variance_embedding(f0, energy), output="hidden")
    inputs: list[Port] = [
        ("ids", INT32, [1, "symbols"]),
        ("duration_scale", FLOAT, [1]),
        ("f0_ratio", FLOAT, [1]),
        ("energy_ratio", FLOAT, [1]),
        ("f0_shift", FLOAT, [1, "symbols or 1"]),
        ("energy_shift", FLOAT, [1, "symbols or 1 too"]),
    ]
    outputs: list[Port] = [
        ("hidden", FLOAT, [1, "symbols", WIDTH]),
        ("durations", INT32, [1, "symbols"]),
        ("f0", FLOAT, [1, "symbols"]),
        ("energy", FLOAT, [1, "symbols"]),
    ]
    return builder.serialize("encoder", inputs, outputs)


def build_decoder(weights: TfliteWeights) -> bytes:
    """Inputs `frames` [1, T, 256], T <= MAX_POSITIONS; outputs `mel_before` and `mel` (after the postnet),
    [1, T, 80], normalised log mels as the vocoder wants them."""
    builder = OnnxBuilder()
    graph = _Acoustic(builder, weights)
    decoded = graph.transformer("decoder", graph.with_positions("frames"))
    bias = builder.weight(weights.get("ADD", "Identity"))
    before = builder.node("Add", graph.dense(decoded, "mel_before"), bias, output="mel_before")
    builder.node("Add", before, graph.postnet(before), output="mel")
    mels: list[int | str] = [1, "frames", MELS]
    return builder.serialize(
        "decoder",
        [("frames", FLOAT, [1, "frames", WIDTH])],
        [("mel_before", FLOAT, mels), ("mel", FLOAT, mels)],
    )


class _Acoustic:
    """The parts both graphs are made of. Everything runs [1, time, channels]."""

    def __init__(self, builder: OnnxBuilder, weights: TfliteWeights) -> None:
        self._builder = builder
        self._weights = weights

    def with_positions(self, x: str) -> str:
        table = self._weights.get("DEQUANTIZE", "embeddings/position_embeddings/Gather/resource_dequantize")
        rows = self._builder.weight(table[1:])
        length = self._builder.node("Shape", x, start=1, end=2)
        zero = self._builder.shape(0)
        return self._builder.node("Add", x, self._builder.node("Slice", rows, zero, length, zero))

    def transformer(self, part: str, x: str) -> str:
        for layer in range(_LAYERS):
            path = f"{part}/layer_._{layer}"
            attended = self._builder.node("Add", self.attention(x, f"{path}/attention"), x)
            x = self.norm(attended, f"{path}/attention/output/LayerNorm")
            x = self.norm(
                self._builder.node("Add", self.feed_forward(x, f"{path}/intermediate"), x),
                f"{path}/output/LayerNorm",
            )
        return x

    def attention(self, x: str, path: str) -> str:
        builder = self._builder
        rows = builder.node("Reshape", self.projections(x, path), builder.shape(-1, 3 * _HEADS, _HEAD_WIDTH))
        heads = builder.node("Transpose", rows, perm=[1, 0, 2])
        outputs = [f"{path}/{what}" for what in ("query", "key", "value")]
        query, key, value = builder.nodes("Split", heads, outputs=outputs, num_outputs=3, axis=0)
        scores = builder.node("MatMul", query, builder.node("Transpose", key, perm=[0, 2, 1]))
        mixed = builder.node("MatMul", builder.node("Softmax", scores, axis=-1), value)
        joined = builder.node("Transpose", mixed, perm=[1, 0, 2])
        flat = builder.node("Reshape", joined, builder.shape(1, -1, _HEADS * _HEAD_WIDTH))
        return self.biased(self.dense(flat, f"{path}/output/dense"), f"{path}/output/dense/BiasAdd")

    def projections(self, x: str, path: str) -> str:
        """Query, key and value as one product; the scores' 1/sqrt(width) is taken into the query."""
        kernels, biases = [], []
        for what, scale in (("query", _HEAD_WIDTH**-0.5), ("key", 1.0), ("value", 1.0)):
            name = f"{path}/self/{what}"
            kernels.append(self._weights.get("FULLY_CONNECTED", f"{name}/Tensordot/MatMul") * scale)
            biases.append(self._weights.get("ADD", f"{name}/BiasAdd") * scale)
        kernel = np.concatenate(kernels).T.astype(np.float32)
        bias = np.concatenate(biases).astype(np.float32)
        product = self._builder.node("MatMul", x, self._builder.weight(kernel))
        return self._builder.node("Add", product, self._builder.weight(bias))

    def feed_forward(self, x: str, path: str) -> str:
        return self.conv(self.mish(self.conv(x, f"{path}/conv1d_1")), f"{path}/conv1d_2")

    def mish(self, x: str) -> str:
        """x tanh(log(1 + e^x)) = x n / (n + 2) with n = e^x (e^x + 2).

        ONNX Runtime's own Mish takes ten times as long, a sixth of the whole graph. Above 20 the factor is 1
        to the last bit, so x is capped there before e^x can overflow.
        """
        builder = self._builder
        two = builder.floats(2.0)
        power = builder.node("Exp", builder.node("Min", x, builder.floats(20.0)))
        n = builder.node("Mul", power, builder.node("Add", power, two))
        return builder.node("Mul", x, builder.node("Div", n, builder.node("Add", n, two)))

    def postnet(self, mel: str) -> str:
        """Five convolutions, their batch normalisation taken into the kernels, all but the last with tanh."""
        x = mel
        for index in range(5):
            norm = f"postnet/batch_norm_._{index}/batchnorm"
            gain = self._weights.get("MUL", f"{norm}/mul_1")
            offset = self._weights.get("ADD", f"{norm}/add_1")
            x = self.conv(x, f"postnet/conv_._{index}", gain, offset)
            x = self._builder.node("Tanh", x) if index < 4 else x
        return x

    def durations(self, encoded: str) -> str:
        """exp(prediction) - 1, at least 0, scaled, rounded half to even, in whole frames."""
        builder = self._builder
        log = self.prediction(encoded, "duration")
        frames = builder.node("Sub", builder.node("Exp", log), builder.floats(1.0))
        scaled = builder.node("Mul", builder.node("Relu", frames), "duration_scale")
        return builder.node("Cast", builder.node("Round", scaled), output="durations", to=INT32)

    def adjusted(self, encoded: str, what: str) -> str:
        scaled = self._builder.node("Mul", self.prediction(encoded, what), f"{what}_ratio")
        return self._builder.node("Add", scaled, f"{what}_shift", output=what)

    def prediction(self, encoded: str, what: str) -> str:
        """One value a symbol, [1, n], from two normalised convolutions."""
        x = encoded
        number = {"duration": 8, "energy": 7, "f0": 6}[what]
        for index in range(2):
            path = f"{what}_predictor/sequential_{number}"
            x = self._builder.node("Relu", self.conv(x, f"{path}/conv_._{index}"))
            x = self.norm(x, f"{path}/LayerNorm_._{index}")
        dense = f"{what}_predictor/dense_{number - 1}"
        value = self.biased(self.dense(x, dense), f"{dense}/BiasAdd")
        return self._builder.node("Squeeze", value, self._builder.shape(2))

    def variance_embedding(self, f0: str, energy: str) -> str:
        """Pitch and energy of nine neighbouring symbols to 256 channels: two convolutions as one."""
        builder = self._builder
        kernels = [self._weights.get("CONV_2D", f"{what}_embeddings/conv1d") for what in ("f0", "energy")]
        biases = [self._weights.get("ADD", f"{what}_embeddings/BiasAdd") for what in ("f0", "energy")]
        axis = builder.shape(1)
        contours = [builder.node("Unsqueeze", contour, axis) for contour in (f0, energy)]
        both = builder.node("Concat", *contours, axis=1)
        taps = np.concatenate([_taps(kernel) for kernel in kernels], axis=1)
        weights = (builder.weight(taps), builder.weight(biases[0] + biases[1]))
        margin = taps.shape[2] // 2
        x = builder.node("Conv", both, *weights, pads=[margin, margin])
        return builder.node("Transpose", x, perm=[0, 2, 1])

    def norm(self, x: str, path: str) -> str:
        scale = self._builder.weight(self._weights.get("MUL", f"{path}/batchnorm/mul"))
        offset = self._builder.weight(self._weights.get("SUB", f"{path}/batchnorm/sub"))
        return self._builder.node("LayerNormalization", x, scale, offset, axis=-1, epsilon=_EPSILON)

    def dense(self, x: str, path: str) -> str:
        kernel = self._weights.get("FULLY_CONNECTED", f"{path}/Tensordot/MatMul")
        return self._builder.node("MatMul", x, self._builder.weight(kernel.T))

    def biased(self, x: str, name: str) -> str:
        return self._builder.node("Add", x, self._builder.weight(self._weights.get("ADD", name)))

    def conv(self, x: str, path: str, gain: Floats | None = None, offset: Floats | None = None) -> str:
        """A convolution over time that keeps the length, then `gain` and `offset` by channel, all in one."""
        kernel = _taps(self._weights.get("CONV_2D", f"{path}/conv1d"))
        bias = self._weights.get("ADD", f"{path}/BiasAdd")
        if gain is not None and offset is not None:
            kernel, bias = kernel * gain[:, None, None], bias * gain + offset
        return convolve(self._builder, x, kernel, bias)


def _taps(kernel: Floats) -> Floats:
    """[out, 1, taps, in] as TFLite keeps it, to [out, in, taps]."""
    return np.asarray(kernel[:, 0].transpose(0, 2, 1))
