"""Looks a released folder through and names everything that is wrong with it, not only the first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from torch import Tensor

from synthesis.engines.base import EngineError
from synthesis.engines.sambert.checkpoint import CheckpointError, Fault, Kind, read_state
from synthesis.engines.sambert.config import AcousticConfig, VocoderConfig
from synthesis.engines.sambert.folder import (
    FolderError,
    ModelFolder,
    VoiceFolder,
    acoustic_config,
    open_folder,
    sample_rate_of,
    vocoder_config,
)
from synthesis.engines.sambert.labels import label_phrase, speaker_of
from synthesis.engines.sambert.networks import (
    acoustic_faults,
    f0_statistics,
    open_networks,
    require_fit,
    speaker_vector,
    vocoder_faults,
)
from synthesis.engines.sambert.snapshot import Settings
from synthesis.engines.sambert.symbols import NEUTRAL

_Found = TypeVar("_Found")
_TRIAL: Final = ("ni3", "hao3")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: in which file, and what. `tensor` says of what kind where it is about one."""

    place: str
    what: str
    tensor: Kind | None = None


@dataclass(frozen=True, slots=True)
class VoiceReport:
    """What a voice is, as far as it can be told, and everything that keeps it from speaking."""

    name: str
    findings: tuple[Finding, ...]
    sample_rate: int = 0
    speakers: tuple[str, ...] = ()
    mels: int = 0
    has_source: bool = False
    is_causal: bool = False
    acoustic_checkpoint: str = ""
    vocoder_checkpoint: str = ""
    parameters: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """`absent` are voices that are listed and not there: no fault, they are passed over."""

    voices: tuple[VoiceReport, ...]
    absent: tuple[str, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for voice in self.voices for finding in voice.findings)


def examine(folder: Path) -> Report:
    """Raises FolderError when the folder is no released model at all."""
    model = open_folder(folder)
    return Report(tuple(_examine_voice(model, name) for name in model.voices), model.absent)


def _examine_voice(model: ModelFolder, name: str) -> VoiceReport:
    look = _Look(model)
    voice = look.at(lambda: model.voice(name))
    acoustic = look.at(lambda: acoustic_config(voice)) if voice else None
    vocoder = look.at(lambda: vocoder_config(voice)) if voice else None
    if voice is None or acoustic is None or vocoder is None:
        return VoiceReport(name, tuple(look.findings))
    look.at(lambda: require_fit(voice, acoustic, vocoder))
    look.at(lambda: f0_statistics(voice))
    look.at(lambda: speaker_vector(voice))
    rate = look.at(lambda: sample_rate_of(model, voice))
    parameters = look.through_acoustic(voice, acoustic) + look.through_vocoder(voice, vocoder)
    if not look.findings:
        look.at(lambda: _speak(voice, acoustic))
    return VoiceReport(
        name=name,
        findings=tuple(look.findings),
        sample_rate=rate or 0,
        speakers=acoustic.linguistic.speakers,
        mels=acoustic.mels,
        has_source=acoustic.nsf,
        is_causal=vocoder.causal,
        acoustic_checkpoint=voice.acoustic_checkpoint.name,
        vocoder_checkpoint=voice.vocoder_checkpoint.name,
        parameters=parameters,
    )


def _speak(voice: VoiceFolder, config: AcousticConfig) -> None:
    """Two syllables. Raises EngineError for a voice that fits in every tensor and still says nothing."""
    labels = label_phrase(_TRIAL, emotion=NEUTRAL, speaker=speaker_of(config.linguistic))
    samples = open_networks(voice, Settings()).say(labels)
    if not np.isfinite(samples).all() or not samples.any():
        raise CheckpointError(voice.acoustic_checkpoint, "the voice says nothing, or no numbers")


class _Look:
    """Goes on after a fault, and remembers it."""

    def __init__(self, model: ModelFolder) -> None:
        self._model = model
        self.findings: list[Finding] = []

    def at(self, step: Callable[[], _Found]) -> _Found | None:
        try:
            return step()
        except (FolderError, CheckpointError) as error:
            self._note(Path(error.place), error.what)
        except EngineError as error:
            self._note(self._model.path, str(error))
        return None

    def through_acoustic(self, voice: VoiceFolder, config: AcousticConfig) -> int:
        """The number of parameters."""
        path = voice.acoustic_checkpoint
        state = self.at(lambda: read_state(path, "model"))
        return self._tensors(path, state, acoustic_faults(config, state)) if state else 0

    def through_vocoder(self, voice: VoiceFolder, config: VocoderConfig) -> int:
        """The number of parameters."""
        path = voice.vocoder_checkpoint
        state = self.at(lambda: read_state(path, "model", "generator"))
        return self._tensors(path, state, vocoder_faults(config, state)) if state else 0

    def _tensors(self, path: Path, state: Mapping[str, Tensor], faults: Iterable[Fault]) -> int:
        for fault in faults:
            self._note(path, str(fault), fault.kind)
        return sum(tensor.numel() for tensor in state.values())

    def _note(self, place: Path, what: str, tensor: Kind | None = None) -> None:
        inside = place.is_relative_to(self._model.path)
        shown = place.relative_to(self._model.path).as_posix() if inside else str(place)
        self.findings.append(Finding(shown, what, tensor))
