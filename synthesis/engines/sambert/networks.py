"""A voice's networks, read from its folder, on one device: label symbols in, samples out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar, cast
from weakref import WeakValueDictionary

import torch
from torch import Tensor, nn

from synthesis.engines.ends import Floats
from synthesis.engines.sambert import checkpoint
from synthesis.engines.sambert.acoustic import IGNORED, AcousticModel, F0Statistics, Mel, Utterance
from synthesis.engines.sambert.batching import Batcher
from synthesis.engines.sambert.choice import Runtime, Way, open_vocoder
from synthesis.engines.sambert.config import AcousticConfig, LinguisticConfig, VocoderConfig
from synthesis.engines.sambert.folder import (
    FolderError,
    VoiceFolder,
    acoustic_config,
    read_array,
    vocoder_config,
)
from synthesis.engines.sambert.labels import Label, encode
from synthesis.engines.sambert.snapshot import Settings, hash_file
from synthesis.engines.sambert.vocoder import Given, Precision, Vocoder

TOGETHER: Final = 8  # utterances in one walk of the acoustic model
_Network = TypeVar("_Network", bound=nn.Module)
# Voices of one release often share a vocoder, and a voice with several names is one model: by what is in the
# files, so that ten voices hold in memory what differs between them.
_held: WeakValueDictionary[tuple[str, ...], nn.Module] = WeakValueDictionary()
_holding = Lock()


class Networks:
    """Shared by threads: those who speak at once walk through the acoustic model together."""

    def __init__(
        self, acoustic: AcousticModel, vocoder: Vocoder, speaker: Tensor | None, device: str
    ) -> None:
        self.acoustic = acoustic
        self.vocoder = vocoder
        self.device = device
        self._speaker = speaker
        leaders = 1 if device != "cpu" else max(1, torch.get_num_threads())
        self._predict = Batcher(self._predict_many, limit=TOGETHER, leaders=leaders)

    @property
    def linguistic(self) -> LinguisticConfig:
        return self.acoustic.config.linguistic

    @property
    def bytes(self) -> int:
        """Memory of the weights, also of what is shared with other voices."""
        tensors = {
            tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes()
            for network in (self.acoustic, self.vocoder)
            for tensor in (*network.parameters(), *network.buffers())
        }
        return sum(tensors.values())

    def say(
        self,
        labels: Iterable[Label],
        *,
        rate: float = 1.0,
        pitch: float = 0.0,
        intensity: float = 1.0,
        seed: int = 0,
        given: Given | None = None,
    ) -> Floats:
        """Samples in [-1, 1], untouched. Raises UnknownPhone, EngineFailed and whatever torch raises."""
        ids = torch.tensor(encode(labels, self.linguistic), device=self.device)
        utterance = Utterance(ids, rate=rate, pitch=pitch, intensity=intensity, speaker=self._speaker)
        mel = self._predict(utterance)
        samples: Floats = self.vocoder(mel.frames, seed=seed, given=given).float().cpu().numpy()
        return samples

    def _predict_many(self, utterances: Sequence[Utterance]) -> list[Mel]:
        return self.acoustic.predict_many(utterances)


def open_networks(voice: VoiceFolder, settings: Settings, *, device: str = "cpu") -> Networks:
    """The voice's networks on that device; what another voice holds already is shared.

    Raises EngineNotInstalled, naming the file and what is wrong in it.
    """
    require_fit(voice, acoustic_config(voice), vocoder_config(voice))
    way = _way(settings, device)
    with _holding:  # two threads at once would hold the weights twice
        acoustic = _shared(
            ("acoustic", device, *_digests(voice.acoustic_config, voice.acoustic_checkpoint)),
            lambda: read_acoustic(voice).to(device),
        )
        vocoder = _shared(
            ("vocoder", device, *_digests(voice.vocoder_config, voice.vocoder_checkpoint), repr(way)),
            lambda: _vocoder(voice, way, device),
        )
    return Networks(acoustic, vocoder, speaker_vector(voice), device)


def read_acoustic(voice: VoiceFolder) -> AcousticModel:
    """Raises EngineNotInstalled, naming the file and what is wrong in it."""
    config = acoustic_config(voice)
    state = checkpoint.read_state(voice.acoustic_checkpoint, "model")
    checkpoint.require_complete(voice.acoustic_checkpoint, acoustic_faults(config, state))
    return AcousticModel.from_state(config, state, f0=f0_statistics(voice))


def acoustic_faults(config: AcousticConfig, state: Mapping[str, Tensor]) -> tuple[checkpoint.Fault, ...]:
    expected = AcousticModel.expected(config, AcousticModel.table_sizes(config, state))
    optional = AcousticModel.optional(config)
    return checkpoint.compare(state, expected, optional=optional, ignored=IGNORED)


def vocoder_faults(config: VocoderConfig, state: Mapping[str, Tensor]) -> tuple[checkpoint.Fault, ...]:
    return checkpoint.compare(state, Vocoder.expected(config))


def require_fit(voice: VoiceFolder, acoustic: AcousticConfig, vocoder: VocoderConfig) -> None:
    """What the one makes must be what the other takes. Raises FolderError."""
    if bool(vocoder.nsf) != acoustic.nsf or vocoder.mels != acoustic.mels:
        made = f"{acoustic.mels} channels{' with F0' if acoustic.nsf else ''}"
        taken = f"{vocoder.mels}{' with F0' if vocoder.nsf else ''}"
        raise FolderError(voice.vocoder_config, f"takes {taken}, and the acoustic model makes {made}")


def f0_statistics(voice: VoiceFolder) -> F0Statistics | None:
    """None where the voice needs none. Raises FolderError."""
    config = acoustic_config(voice)
    if not config.nsf or config.f0_range:
        return None
    values = read_array(voice.mean_deviation).ravel()
    if len(values) != 2 or values[1] <= 0:
        raise FolderError(voice.mean_deviation, "must hold a mean and a deviation above 0")
    return F0Statistics(float(values[0]), float(values[1]))


def speaker_vector(voice: VoiceFolder) -> Tensor | None:
    """None where the voice needs none. Raises FolderError."""
    config = acoustic_config(voice)
    if not config.speaker_vector:
        return None
    values = read_array(voice.speaker_vector).ravel()
    if len(values) != config.speaker_units:
        raise FolderError(
            voice.speaker_vector, f"must hold {config.speaker_units} numbers, holds {len(values)}"
        )
    return torch.from_numpy(values)


def _way(settings: Settings, device: str) -> Way:
    if device != "cpu":
        return Way(precision=cast(Precision, settings.card_precision))
    return Way(cast(Runtime, settings.runtime), cast(Precision, settings.precision))


def _vocoder(voice: VoiceFolder, way: Way, device: str) -> Vocoder:
    config = vocoder_config(voice)
    state = checkpoint.read_state(voice.vocoder_checkpoint, "model", "generator")
    checkpoint.require_complete(voice.vocoder_checkpoint, vocoder_faults(config, state))
    return open_vocoder(config, state, way, device=device)


def _shared(key: tuple[str, ...], make: Callable[[], _Network]) -> _Network:
    network = _held.get(key)
    if network is None:
        network = make()
        _held[key] = network
    return cast(_Network, network)


def _digests(*paths: Path) -> tuple[str, ...]:
    return tuple(hash_file(path) for path in paths)
