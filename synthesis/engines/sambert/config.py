"""The two released configurations, `am/config.yaml` and `voc/config.yaml`, read into something typed.

A key that shapes a network and is not known here is refused, never skipped: a skipped one would be a network
that loads and sounds wrong. Keys beside those (losses, optimisers, training steps) shape nothing and are left
alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from synthesis.engines.base import EngineNotInstalled

UNITS: Final = ("sy", "tone", "syllable_flag", "word_segment", "emo_category", "speaker_category")
_ACOUSTIC: Final = "Model.KanTtsSAMBERT.params"
_VOCODER: Final = "Model.Generator.params"


class ConfigError(EngineNotInstalled):
    """A configuration that does not describe a network we have. `path` names the key, dots between levels."""

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"{path}: {what}")
        self.path = path
        self.what = what


@dataclass(frozen=True, slots=True)
class StackConfig:
    """Attention blocks: `layers` of `heads` heads over `units` channels, `inner` in their feed-forward."""

    layers: int
    heads: int
    units: int
    inner: int


@dataclass(frozen=True, slots=True)
class MemoryConfig:
    """FSMN blocks and the LSTM after them: `paddings` holds (left, right) of each block's memory."""

    filter_size: int
    units: int
    inner: int
    lstm_units: int
    paddings: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class F0Range:
    """How the F0 channel was normalised: minimum and maximum in Hz."""

    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class LinguisticConfig:
    speakers: tuple[str, ...]
    language: str
    has_mask: bool


@dataclass(frozen=True, slots=True)
class AcousticConfig:
    """Sizes of the acoustic model. `mels` counts F0 and UV where `nsf`.

    `f0_range` is None unless F0 was normalised over a range; then its mean and deviation come in `mvn.npy`.
    """

    max_len: int
    embedding_dim: int
    encoder: StackConfig
    projection_units: int
    speaker_units: int
    emotion_units: int
    predictor: MemoryConfig
    duration_prenet: tuple[int, ...]
    duration_lstm_units: int
    decoder_prenet: tuple[int, ...]
    decoder: StackConfig
    outputs_per_step: int
    mels: int
    postnet: MemoryConfig
    nsf: bool
    f0_range: F0Range | None
    speaker_vector: bool
    linguistic: LinguisticConfig

    @property
    def condition_units(self) -> int:
        """Text, speaker and emotion of one symbol, side by side."""
        return self.projection_units + self.speaker_units + self.emotion_units

    @property
    def memory_units(self) -> int:
        """What one decoder step attends to: the text of its frames, one speaker and one emotion."""
        return self.outputs_per_step * self.projection_units + self.speaker_units + self.emotion_units

    @classmethod
    def parse(cls, document: Mapping[str, object]) -> AcousticConfig:
        """The network `am/config.yaml` describes. Raises ConfigError."""
        linguistic = _linguistic(_descend(document, "linguistic_unit"))
        params = _descend(document, _ACOUSTIC)
        _refuse_variants(params)
        for ignored in _IGNORED_ACOUSTIC:
            params.skip(ignored)
        nsf = params.flag("NSF", False)
        config = cls(
            max_len=params.whole("max_len"),
            embedding_dim=params.whole("embedding_dim"),
            encoder=_stack(params, "encoder"),
            projection_units=params.whole("encoder_projection_units"),
            speaker_units=params.whole("speaker_units"),
            emotion_units=params.whole("emotion_units"),
            predictor=_memory(params, "predictor"),
            duration_prenet=params.wholes("dur_pred_prenet_units"),
            duration_lstm_units=params.whole("dur_pred_lstm_units"),
            decoder_prenet=params.wholes("decoder_prenet_units"),
            decoder=_stack(params, "decoder"),
            outputs_per_step=params.whole("outputs_per_step"),
            mels=params.whole("num_mels"),
            postnet=_memory(params, "postnet"),
            nsf=nsf,
            f0_range=_f0_range(params),
            speaker_vector=params.flag("SE", False),
            linguistic=linguistic,
        )
        params.close()
        if config.embedding_dim % 2 or config.embedding_dim < 4:  # halves of sine and cosine, j / (half - 1)
            raise ConfigError(params.name("embedding_dim"), "must be even and at least 4")
        if nsf and config.mels < 3:
            raise ConfigError(params.name("num_mels"), "must count F0 and UV beside at least one mel")
        return config


@dataclass(frozen=True, slots=True)
class NsfConfig:
    """The neural source filter: a fundamental and `harmonics` overtones at `sample_rate` Hz."""

    harmonics: int
    sample_rate: int


@dataclass(frozen=True, slots=True)
class VocoderConfig:
    """Sizes of the HiFi-GAN generator. `in_channels` counts mels alone, without F0 and UV.

    `slope` is the leaky rectifier's, but for the last, which is always 0.01. `sample_rate` is None where the
    configuration does not tell.
    """

    in_channels: int
    out_channels: int
    channels: int
    kernel_size: int
    scales: tuple[int, ...]
    kernels: tuple[int, ...]
    block_kernels: tuple[int, ...]
    block_dilations: tuple[tuple[int, ...], ...]
    bias: bool
    causal: bool
    slope: float
    nsf: NsfConfig | None
    sample_rate: int | None

    @property
    def hop(self) -> int:
        """Samples a frame: of the sound, also where `out_channels` bands are joined to it."""
        return math.prod(self.scales) * self.out_channels

    @property
    def mels(self) -> int:
        """Channels of the acoustic model's output that the vocoder takes."""
        return self.in_channels + (2 if self.nsf else 0)

    @classmethod
    def parse(cls, document: Mapping[str, object]) -> VocoderConfig:
        """The network `voc/config.yaml` describes. Raises ConfigError."""
        params = _descend(document, _VOCODER)
        params.skip("use_weight_norm")  # the released weights always carry it, whatever this says
        if not params.flag("repeat_upsample", True):
            raise ConfigError(params.name("repeat_upsample"), "only generators that repeat are known")
        nsf = _nsf(params)
        config = cls(
            in_channels=params.whole("in_channels"),
            out_channels=params.whole("out_channels", 1),
            channels=params.whole("channels"),
            kernel_size=params.whole("kernel_size"),
            scales=params.wholes("upsample_scales"),
            kernels=params.wholes("upsample_kernal_sizes"),
            block_kernels=params.wholes("resblock_kernel_sizes"),
            block_dilations=params.tables("resblock_dilations"),
            bias=params.flag("bias", True),
            causal=params.flag("causal", True),
            slope=_slope(params),
            nsf=nsf,
            sample_rate=nsf.sample_rate if nsf else _sample_rate(document),
        )
        params.close()
        _check_generator(config, params)
        return config


# Dropout rests at inference, and alignment search is a thing of training.
_IGNORED_ACOUSTIC: Final = (
    "encoder_dropout",
    "encoder_attention_dropout",
    "encoder_relu_dropout",
    "predictor_dropout",
    "decoder_dropout",
    "decoder_attention_dropout",
    "decoder_relu_dropout",
    "postnet_dropout",
    "MAS",
)


class _Section:
    """One mapping of the document. Every key is asked for once; `close` refuses what nobody asked for."""

    def __init__(self, path: str, values: object) -> None:
        if not isinstance(values, Mapping):
            raise ConfigError(path or "the file", "must hold keys and values")
        self._path = path
        self._values = values
        self._asked: set[str] = set()

    def name(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def has(self, key: str) -> bool:
        self._asked.add(key)
        return self._values.get(key) is not None

    def skip(self, key: str) -> None:
        self._asked.add(key)

    def raw(self, key: str, default: object = None) -> object:
        self._asked.add(key)
        value = self._values.get(key, default)
        if value is None:
            raise ConfigError(self.name(key), "is missing")
        return value

    def whole(self, key: str, default: int | None = None) -> int:
        return _whole(self.name(key), self.raw(key, default))

    def wholes(self, key: str) -> tuple[int, ...]:
        return _wholes(self.name(key), self.raw(key))

    def tables(self, key: str) -> tuple[tuple[int, ...], ...]:
        rows = _listed(self.name(key), self.raw(key))
        return tuple(_wholes(f"{self.name(key)}[{at}]", row) for at, row in enumerate(rows))

    def number(self, key: str, default: float | None = None) -> float:
        value = self.raw(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ConfigError(self.name(key), f"must be a number, is {value!r}")
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        value = self.raw(key, default)
        if not isinstance(value, bool):
            raise ConfigError(self.name(key), f"must be true or false, is {value!r}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        value = self.raw(key, default)
        if not isinstance(value, str) or not value:
            raise ConfigError(self.name(key), f"must be text, is {value!r}")
        return value

    def close(self) -> None:
        for key in self._values:
            if key not in self._asked:
                raise ConfigError(self.name(str(key)), "is not a key we know")


def _descend(document: Mapping[str, object], path: str) -> _Section:
    section, walked = _Section("", document), ""
    for key in path.split("."):
        walked = f"{walked}.{key}" if walked else key
        section = _Section(walked, section.raw(key))
    return section


def _whole(path: str, value: object, *, low: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise ConfigError(path, f"must be a whole number of at least {low}, is {value!r}")
    return value


def _listed(path: str, value: object) -> Sequence[object]:
    if not isinstance(value, list | tuple) or not value:
        raise ConfigError(path, f"must be a list, is {value!r}")
    return value


def _wholes(path: str, value: object) -> tuple[int, ...]:
    return tuple(_whole(f"{path}[{at}]", item) for at, item in enumerate(_listed(path, value)))


def _linguistic(section: _Section) -> LinguisticConfig:
    section.skip("cleaners")  # they never touch symbols in braces
    units = tuple(unit.strip() for unit in section.text("lfeat_type_list", ",".join(UNITS)).split(","))
    if units[0] == "byte_index":
        raise ConfigError(section.name("lfeat_type_list"), "voices that read bytes are not supported")
    if units != UNITS:
        raise ConfigError(section.name("lfeat_type_list"), f"must be {','.join(UNITS)}, is {','.join(units)}")
    names = tuple(name.strip() for name in section.text("speaker_list").split(","))
    if not all(names) or len(set(names)) < len(names):
        raise ConfigError(section.name("speaker_list"), "must be different names with commas between them")
    language, has_mask = section.text("language", "PinYin"), section.flag("has_mask", True)
    section.close()
    return LinguisticConfig(names, language, has_mask)


def _refuse_variants(params: _Section) -> None:
    if params.flag("using_byte", False):
        raise ConfigError(params.name("using_byte"), "voices that read bytes are not supported")
    for key in ("FP", "fp"):
        if params.flag(key, False):
            raise ConfigError(params.name(key), "voices that fill pauses with words are not supported")


def _stack(params: _Section, part: str) -> StackConfig:
    units, heads = params.whole(f"{part}_num_units"), params.whole(f"{part}_num_heads")
    if units % heads:
        raise ConfigError(params.name(f"{part}_num_heads"), f"{units} units do not part into {heads} heads")
    return StackConfig(
        layers=params.whole(f"{part}_num_layers"),
        heads=heads,
        units=units,
        inner=params.whole(f"{part}_ffn_inner_dim"),
    )


def _memory(params: _Section, part: str) -> MemoryConfig:
    layers, size = params.whole(f"{part}_fsmn_num_layers"), params.whole(f"{part}_filter_size")
    path = params.name(f"{part}_shift")
    shift = params.raw(f"{part}_shift", 0)
    shifts = list(shift) if isinstance(shift, list | tuple) else [shift] * layers
    if len(shifts) != layers:
        raise ConfigError(path, f"must hold {layers} shifts, one a layer, holds {len(shifts)}")
    left, right = round((size - 1) / 2), (size - 1) // 2
    if left + right != size - 1:
        raise ConfigError(params.name(f"{part}_filter_size"), f"{size} cannot keep the length of its input")
    moves = [_shift(path, item) for item in shifts]
    return MemoryConfig(
        filter_size=size,
        units=params.whole(f"{part}_num_memory_units"),
        inner=params.whole(f"{part}_ffn_inner_dim"),
        lstm_units=params.whole(f"{part}_lstm_units"),
        paddings=tuple((left + move, right - move) for move in moves),
    )


def _shift(path: str, value: object) -> int:
    """Frames a block's memory reaches further back; what is not positive moves nothing."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(path, f"must be a whole number or a list of them, is {value!r}")
    return max(value, 0)


def _f0_range(params: _Section) -> F0Range | None:
    kind = params.text("nsf_norm_type", "mean_std")
    if kind not in ("mean_std", "global"):
        raise ConfigError(params.name("nsf_norm_type"), f"must be mean_std or global, is {kind!r}")
    low = params.number("nsf_f0_global_minimum", 30.0)
    high = params.number("nsf_f0_global_maximum", 730.0)
    if low >= high:
        raise ConfigError(params.name("nsf_f0_global_maximum"), f"must be above {low:g}, is {high:g}")
    return F0Range(low, high) if kind == "global" else None


def _nsf(params: _Section) -> NsfConfig | None:
    if not params.has("nsf_params"):
        return None
    section = _Section(params.name("nsf_params"), params.raw("nsf_params"))
    for key in ("nsf_norm_type", "nsf_f0_global_minimum", "nsf_f0_global_maximum"):
        section.skip(key)  # the acoustic model has made Hz of it before
    config = NsfConfig(section.whole("nb_harmonics"), section.whole("sampling_rate"))
    section.close()
    return config


def _slope(params: _Section) -> float:
    kind = params.text("nonlinear_activation", "LeakyReLU")
    if kind != "LeakyReLU":
        raise ConfigError(params.name("nonlinear_activation"), f"must be LeakyReLU, is {kind!r}")
    given = params.raw("nonlinear_activation_params", {"negative_slope": 0.1})
    section = _Section(params.name("nonlinear_activation_params"), given)
    slope = section.number("negative_slope", 0.01)
    section.skip("inplace")
    section.close()
    return slope


def _sample_rate(document: Mapping[str, object]) -> int | None:
    if not isinstance(document.get("audio_config"), Mapping):
        return None
    audio = _descend(document, "audio_config")
    return audio.whole("sampling_rate") if audio.has("sampling_rate") else None


def _check_generator(config: VocoderConfig, params: _Section) -> None:
    _check_upsampling(config, params)
    if len(config.block_dilations) != len(config.block_kernels):
        raise ConfigError(params.name("resblock_dilations"), "must have one list for each residual kernel")
    if config.causal:
        return
    for key, sizes in (
        ("kernel_size", (config.kernel_size,)),
        ("resblock_kernel_sizes", config.block_kernels),
    ):
        if any(size % 2 == 0 for size in sizes):
            raise ConfigError(params.name(key), "must be odd where the generator is not causal")


def _check_upsampling(config: VocoderConfig, params: _Section) -> None:
    stages = len(config.scales)
    if len(config.kernels) != stages:
        raise ConfigError(params.name("upsample_kernal_sizes"), f"must have {stages}, one a scale")
    for at, (scale, kernel) in enumerate(zip(config.scales, config.kernels, strict=True)):
        if kernel <= scale:
            where = params.name(f"upsample_kernal_sizes[{at}]")
            raise ConfigError(where, f"must be above its scale {scale}, is {kernel}")
    if config.channels % 2**stages:
        raise ConfigError(params.name("channels"), f"must halve {stages} times, is {config.channels}")
