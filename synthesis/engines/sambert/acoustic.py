"""The acoustic model: label ids of utterances to mel frames, one utterance or many at a time.

What walks step by step (lengths, decoder) walks for all utterances at once, since a step costs much the same
for one and for eight; encoder and postnet take them together for larger products.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

import torch
from torch import Tensor, nn

from synthesis.engines.base import EngineFailed, EngineNotInstalled
from synthesis.engines.sambert.config import AcousticConfig
from synthesis.engines.sambert.decoder import MelDecoder
from synthesis.engines.sambert.encoder import TextEncoder
from synthesis.engines.sambert.layers import halved_waves, wave_divisors
from synthesis.engines.sambert.postnet import Postnet
from synthesis.engines.sambert.symbols import EMOTIONS, NEUTRAL, NO_EMOTION, inventories
from synthesis.engines.sambert.variance import Stretched, VarianceAdaptor, stretch

# Constants that a checkpoint may carry or not; we make our own.
_POSITIONS: Final = "text_encoder.ling_enc.position_enc.position_enc"
_DIVISORS: Final = "variance_adaptor.dur_position_encoder.inv_timescales"
# Alignment search is a thing of training.
IGNORED: Final = ("align_attention.",)
_TABLES: Final = {
    "sy": "text_encoder.sy_emb.weight",
    "tone": "text_encoder.tone_emb.weight",
    "syllable_flag": "text_encoder.syllable_flag_emb.weight",
    "word_segment": "text_encoder.ws_emb.weight",
    "emotion": "emo_tokenizer.weight",
    "speaker": "spk_tokenizer.weight",
}
_LONGEST: Final = 20_000  # frames of one utterance, four minutes: more is a fault of the weights
_VOICED: Final = 0.6
_LOWEST_F0: Final = 30.0  # Hz
# The corpus' spread of pitch is not released. A quarter of a standard deviation a semitone is what a speaker
# around 220 Hz with a spread of 55 Hz has; where F0 itself is predicted, pitch is exact and this is not used.
_DEVIATIONS_A_SEMITONE: Final = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """What is to be said, and how.

    `ids` int64 [6, n], without the end symbol. `rate` is a speed, `pitch` in semitones, `energy` in standard
    deviations of the corpus, `intensity` 0-2 the way from neutral to the emotion of each symbol (ours: the
    network knows no such thing). `pauses` sets the frames of symbols by their place. `speaker` [S] is for
    voices that take a vector instead of a name.
    """

    ids: Tensor
    rate: float = 1.0
    pitch: float = 0.0
    energy: float = 0.0
    intensity: float = 1.0
    speaker: Tensor | None = None
    pauses: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Mel:
    """`frames` [T, mels] as the vocoder takes them, F0 in Hz and UV 0 or 1 where the voice has them;
    `durations` int64 [n], frames of each symbol."""

    frames: Tensor
    durations: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """By symbol: `text` [n, P] as encoded, `pitch` and `energy` [n] as predicted, and what lengths and frames
    are made of: `coloured` [n, P], text that knows both, `manner` [n, S + E], speaker and emotion."""

    text: Tensor
    pitch: Tensor
    energy: Tensor
    coloured: Tensor
    manner: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Timing:
    """`logarithms` [n] as predicted, `frames` int64 [n], and the decoder's `band` in steps."""

    logarithms: Tensor
    frames: Tensor
    band: int


@dataclass(frozen=True, slots=True)
class F0Statistics:
    """Mean and standard deviation of the corpus' F0 in Hz, as `mvn.npy` holds them."""

    mean: float
    deviation: float


class _Decoder(nn.Module):
    """The level that the released names have between the model and its decoder."""

    def __init__(self, config: AcousticConfig) -> None:
        super().__init__()
        self.mel_dec = MelDecoder(config)


class AcousticModel(nn.Module):
    """Made by `from_state`; then only read, so threads may share one."""

    def __init__(self, config: AcousticConfig, sizes: Mapping[str, int]) -> None:
        super().__init__()
        self.config = config
        self.f0_statistics: F0Statistics | None = None
        self.text_encoder = TextEncoder(config, sizes)
        if not config.speaker_vector:
            self.spk_tokenizer = nn.Embedding(sizes["speaker"], config.speaker_units)
        self.emo_tokenizer = nn.Embedding(sizes["emotion"], config.emotion_units)
        self.variance_adaptor = VarianceAdaptor(config)
        self.mel_decoder = _Decoder(config)
        self.mel_postnet = Postnet(config)

    @classmethod
    def table_sizes(cls, config: AcousticConfig, state: Mapping[str, Tensor]) -> dict[str, int]:
        """Rows of each symbol table: as in the state if that may be, else those of a table with a mask."""
        units = zip(_TABLES.items(), inventories(config.linguistic), strict=True)
        sizes = {}
        for (unit, name), inventory in units:
            rows = len(state[name]) if name in state else 0
            sizes[unit] = rows if rows in inventory.table_sizes else inventory.table_sizes[0]
        return sizes

    @classmethod
    def expected(cls, config: AcousticConfig, sizes: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor a checkpoint must hold, by name; see also `optional` and `IGNORED`."""
        with torch.device("meta"):
            model = cls(config, sizes)
        return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}

    @classmethod
    def optional(cls, config: AcousticConfig) -> dict[str, tuple[int, ...]]:
        """Constants a checkpoint may hold."""
        return {
            _POSITIONS: (1, config.max_len, config.embedding_dim),
            _DIVISORS: (config.projection_units,),
        }

    @classmethod
    def from_state(
        cls, config: AcousticConfig, state: Mapping[str, Tensor], *, f0: F0Statistics | None = None
    ) -> Self:
        """The model with its weights, float32, on the CPU. `f0` is needed where F0 is normalised by it.

        Raises EngineNotInstalled naming every tensor that is missing, unexpected or of another shape.
        """
        if config.nsf and config.f0_range is None and f0 is None:
            raise EngineNotInstalled("mvn.npy is missing: mean and deviation of F0")
        sizes = cls.table_sizes(config, state)
        _check_constants(config, state)
        weights = {
            name: tensor.float()
            for name, tensor in state.items()
            if name not in cls.optional(config) and not name.startswith(IGNORED)
        }
        with torch.device("meta"):
            model = cls(config, sizes)
        try:
            model.load_state_dict(weights, assign=True)
        except RuntimeError as error:
            raise EngineNotInstalled(str(error)) from error
        model.f0_statistics = f0
        model.mel_decoder.mel_dec.settle()
        return model.eval().requires_grad_(False)

    def predict(self, utterance: Utterance) -> Mel:
        return self.predict_many([utterance])[0]

    @torch.inference_mode()
    def predict_many(self, utterances: Sequence[Utterance]) -> list[Mel]:
        """Each equals what `predict` makes of it alone, within float noise. Raises EngineFailed."""
        readings = self.read(utterances)
        timings = self.time(readings, utterances)
        memories = [self.remember(*pair) for pair in zip(readings, timings, strict=True)]
        decoded = self.decode(memories, timings)
        finished = self.mel_postnet(decoded)
        return [
            Mel(self.restore(mel, utterance.pitch), timing.frames)
            for mel, timing, utterance in zip(finished, timings, utterances, strict=True)
        ]

    def read(self, utterances: Sequence[Utterance]) -> list[Reading]:
        """The text encoded, with pitch and energy as predicted, and coloured by these as asked for."""
        texts = self.text_encoder([utterance.ids[:4] for utterance in utterances])
        return [self._reading(*pair) for pair in zip(texts, utterances, strict=True)]

    def _reading(self, text: Tensor, utterance: Utterance) -> Reading:
        speaker = self._speaker(utterance, len(text))
        emotion = self._emotion(utterance.ids[4], utterance.intensity)
        condition = torch.cat([text, speaker, emotion], dim=1)
        pitch = self.variance_adaptor.pitch_predictor(condition)
        energy = self.variance_adaptor.energy_predictor(condition)
        # Where F0 is predicted it is moved itself, and moving both would move it twice.
        shift = 0.0 if self.config.nsf else utterance.pitch * _DEVIATIONS_A_SEMITONE
        coloured = self.variance_adaptor.coloured(text, pitch + shift, energy + utterance.energy)
        return Reading(text, pitch, energy, coloured, torch.cat([speaker, emotion], dim=1))

    def time(self, readings: Sequence[Reading], utterances: Sequence[Utterance]) -> list[Timing]:
        """How long each symbol lasts. Raises EngineFailed for lengths that no speech has."""
        conditions = [torch.cat([reading.coloured, reading.manner], dim=1) for reading in readings]
        predicted = self.variance_adaptor.duration_predictor(conditions)
        return [self._timing(*pair) for pair in zip(predicted, utterances, strict=True)]

    def remember(self, reading: Reading, timing: Timing) -> Stretched:
        """What the decoder attends to, and the text it comes from."""
        group = self.config.outputs_per_step
        return stretch(reading.coloured, reading.manner, timing.frames, group=group)

    def decode(self, memories: Sequence[Stretched], timings: Sequence[Timing]) -> list[Tensor]:
        """[T, mels] of each, before the postnet; frames that only fill the last step are cut."""
        bands = [timing.band for timing in timings]
        mels = self.mel_decoder.mel_dec([memory.memory for memory in memories], bands)
        return [mel[: int(timing.frames.sum())] for mel, timing in zip(mels, timings, strict=True)]

    def restore(self, mel: Tensor, pitch: float = 0.0) -> Tensor:
        """[T, mels] with F0, if it has one, in Hz, moved by `pitch` semitones, at least 30; and UV 0 or 1."""
        if not self.config.nsf:
            return mel
        f0, voicing = mel[:, -2], mel[:, -1]
        scale, offset = self._f0_scale()
        hertz = ((f0 * scale + offset) * 2 ** (pitch / 12)).clamp(min=_LOWEST_F0)
        voiced = (voicing >= _VOICED).to(mel.dtype)
        return torch.cat([mel[:, :-2], hertz[:, None], voiced[:, None]], dim=1)

    def _f0_scale(self) -> tuple[float, float]:
        if self.config.f0_range:
            return self.config.f0_range.maximum - self.config.f0_range.minimum, self.config.f0_range.minimum
        if self.f0_statistics is None:
            raise EngineFailed("the mean and deviation of F0 are not known")
        return self.f0_statistics.deviation, self.f0_statistics.mean

    def _speaker(self, utterance: Utterance, length: int) -> Tensor:
        if not self.config.speaker_vector:
            rows: Tensor = self.spk_tokenizer(utterance.ids[5])
            return rows
        vector = utterance.speaker
        if vector is None or vector.numel() != self.config.speaker_units:
            raise EngineFailed(f"this voice needs a speaker vector of {self.config.speaker_units} values")
        return vector.reshape(1, -1).to(utterance.ids.device, torch.float32).expand(length, -1)

    def _emotion(self, ids: Tensor, intensity: float) -> Tensor:
        """[n, E]; strength 1 is the table's own row, 0 the neutral one. What has no emotion keeps none."""
        rows: Tensor = self.emo_tokenizer(ids)
        if intensity == 1.0:
            return rows
        neutral = self.emo_tokenizer.weight[EMOTIONS.index(NEUTRAL)]
        felt = (ids != EMOTIONS.index(NO_EMOTION))[:, None]
        return torch.where(felt, neutral + intensity * (rows - neutral), rows)

    def _timing(self, logarithms: Tensor, utterance: Utterance) -> Timing:
        lengths = (logarithms.exp() - 1) / utterance.rate
        total = float(lengths.sum())
        if not math.isfinite(total) or total > _LONGEST:
            raise EngineFailed(f"the voice gives {len(lengths)} symbols {total:g} frames")
        band = int(float(lengths.max()) / self.config.outputs_per_step + 0.5)
        frames = (lengths + 0.5).floor().long()
        for place, pause in utterance.pauses.items():
            frames[place] = pause  # the band stays what the voice was taught: a long rest needs no wide view
        if not frames.sum():
            frames[lengths.argmax()] = 1  # so short, all said at once; nothing at all would not be speech
        return Timing(logarithms, frames, band)


def _check_constants(config: AcousticConfig, state: Mapping[str, Tensor]) -> None:
    """A constant that is carried must be the one we make: another would be another network."""
    made = {
        _POSITIONS: halved_waves(config.max_len, config.embedding_dim)[None],
        _DIVISORS: wave_divisors(config.projection_units).float(),
    }
    for name, ours in made.items():
        carried = state.get(name)
        if carried is None:
            continue
        if carried.shape != ours.shape:
            raise EngineNotInstalled(f"{name}: shape {tuple(carried.shape)}, must be {tuple(ours.shape)}")
        if not torch.allclose(carried.float(), ours, rtol=1e-3, atol=1e-3):
            raise EngineNotInstalled(f"{name}: is not the constant it must be")
