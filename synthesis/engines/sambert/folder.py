"""The folder of a released model: what lies where, and which of several checkpoints counts. Only reads.

configuration.json                        what the model is, its sample rate
voices/voices.json                        {"voices": [name, ...]}, the first is the default
voices/NAME/audio_config.yaml
voices/NAME/am/config.yaml                the acoustic model, its weights in am/ckpt/checkpoint_N.pth
voices/NAME/am/mvn.npy, am/se.npy         where the configuration asks for them
voices/NAME/voc/config.yaml               the vocoder, its weights in voc/ckpt/checkpoint_N.pth
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import yaml
from numpy.typing import NDArray

from synthesis.engines.base import EngineNotInstalled
from synthesis.engines.sambert.config import AcousticConfig, ConfigError, VocoderConfig

_Config = TypeVar("_Config")

TYPE: Final = "sambert-hifigan"
DEFAULT_RATE: Final = 16_000  # Hz, where configuration.json tells none
_NAME: Final = re.compile(r"\w[\w.-]{0,62}", re.ASCII)
_TEXT_LIMIT: Final = 1 << 20  # bytes; the longest configuration released has 4,000
_ARRAY_LIMIT: Final = 1 << 20


class FolderError(EngineNotInstalled):
    """A folder that is no released model, or a file in it that cannot be used. `place` is its path."""

    def __init__(self, place: Path | str, what: str) -> None:
        super().__init__(f"{place}: {what}")
        self.place = str(place)
        self.what = what


class ConfigFileError(FolderError):
    """A configuration that describes no network we have; `key` is the dotted name of what is wrong."""

    def __init__(self, place: Path, error: ConfigError) -> None:
        super().__init__(place, str(error))
        self.key = error.path


@dataclass(frozen=True, slots=True)
class VoiceFolder:
    """The files of one voice; `mean_deviation` and `speaker_vector` may not exist."""

    name: str
    home: Path
    acoustic_config: Path
    acoustic_checkpoint: Path
    vocoder_config: Path
    vocoder_checkpoint: Path
    mean_deviation: Path
    speaker_vector: Path

    @property
    def files(self) -> tuple[Path, ...]:
        """What this voice's sound depends on, of what is there."""
        wanted = (
            self.acoustic_config,
            self.acoustic_checkpoint,
            self.vocoder_config,
            self.vocoder_checkpoint,
            self.mean_deviation,
            self.speaker_vector,
        )
        return tuple(path for path in wanted if path.is_file())


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A released model. `absent` are voices that it lists and does not have."""

    path: Path
    sample_rate: int
    has_mask: bool | None
    voices: tuple[str, ...]
    absent: tuple[str, ...]

    def voice(self, name: str) -> VoiceFolder:
        """The files of one voice. Raises FolderError."""
        if name not in self.voices:
            raise FolderError(self.path, f"has no voice {name!r}, there are: {', '.join(self.voices)}")
        home = self.path / "voices" / name
        found = VoiceFolder(
            name=name,
            home=home,
            acoustic_config=_required(home / "am" / "config.yaml"),
            acoustic_checkpoint=newest_checkpoint(home / "am" / "ckpt"),
            vocoder_config=_required(home / "voc" / "config.yaml"),
            vocoder_checkpoint=newest_checkpoint(home / "voc" / "ckpt"),
            mean_deviation=home / "am" / "mvn.npy",
            speaker_vector=home / "am" / "se.npy",
        )
        for path in found.files:
            _require_inside(path, self.path)
        return found


def open_folder(path: Path) -> ModelFolder:
    """Reads what a model folder says of itself. Raises FolderError."""
    _require_release(path)
    told = read_json(path / "configuration.json")
    model = told.get("model")
    kind = model.get("type") if isinstance(model, dict) else None
    if not isinstance(model, dict) or kind != TYPE:
        raise FolderError(path / "configuration.json", f"model.type must be {TYPE!r}, is {kind!r}")
    if model.get("custom_ckpt"):
        raise FolderError(path / "configuration.json", "model.custom_ckpt points elsewhere; not supported")
    listed = _voice_names(path / "voices" / "voices.json")
    there = tuple(name for name in listed if (path / "voices" / name).is_dir())
    if not there:
        raise FolderError(path / "voices", f"none of the voices listed is there: {', '.join(listed)}")
    rate = _rate(path / "configuration.json", model.get("sample_rate", DEFAULT_RATE))
    absent = tuple(name for name in listed if name not in there)
    return ModelFolder(path, rate, _has_mask(model), there, absent)


def newest_checkpoint(folder: Path) -> Path:
    """Of the files checkpoint_N.pth the one with the highest N. Raises FolderError when there is none."""
    numbered = {}
    for path in folder.glob("checkpoint*.pth"):
        number = path.name.split(".")[0].rpartition("_")[2]
        # checkpoint-N.pth was left by an interrupted training.
        if len(path.name) > len("checkpoint_.pth") and number.isdecimal() and path.is_file():
            numbered[int(number)] = path
    if not numbered:
        raise FolderError(folder, "there is no checkpoint_N.pth")
    return numbered[max(numbered)]


def acoustic_config(voice: VoiceFolder) -> AcousticConfig:
    """Raises FolderError or ConfigError, both naming the file."""
    return _parsed(voice.acoustic_config, AcousticConfig.parse)


def vocoder_config(voice: VoiceFolder) -> VocoderConfig:
    """Raises FolderError or ConfigError, both naming the file."""
    return _parsed(voice.vocoder_config, VocoderConfig.parse)


def sample_rate_of(model: ModelFolder, voice: VoiceFolder) -> int:
    """Hz of the voice's sound: as its vocoder or its features say, else as configuration.json does.

    Raises FolderError.
    """
    if told := vocoder_config(voice).sample_rate:
        return told
    features = voice.home / "audio_config.yaml"
    audio = _document(features).get("audio_config") if features.is_file() else None
    return _rate(features, audio.get("sampling_rate", model.sample_rate)) if audio else model.sample_rate


def read_json(path: Path) -> dict[str, Any]:
    """Raises FolderError."""
    try:
        told = json.loads(_read_text(path))
    except (ValueError, RecursionError) as error:
        raise FolderError(path, f"is not JSON: {error}") from error
    if not isinstance(told, dict):
        raise FolderError(path, "must hold keys and values")
    return told


def read_array(path: Path) -> NDArray[np.float32]:
    """A small array of numbers. Raises FolderError."""
    _required(path)
    if path.stat().st_size > _ARRAY_LIMIT:
        raise FolderError(path, f"is larger than {_ARRAY_LIMIT} bytes")
    try:
        array = np.load(path, allow_pickle=False)  # an array of objects would be code
    except (OSError, ValueError, EOFError) as error:
        raise FolderError(path, f"is no array of numbers: {error}") from error
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        raise FolderError(path, "must hold finite numbers")
    return array.astype(np.float32)


def _document(path: Path) -> Mapping[str, Any]:
    try:
        document = yaml.safe_load(_read_text(path))
    except (yaml.YAMLError, RecursionError) as error:
        raise FolderError(path, f"is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(document, Mapping):
        raise FolderError(path, "must hold keys and values")
    return document


def _parsed(path: Path, parse: Callable[[Mapping[str, Any]], _Config]) -> _Config:
    try:
        return parse(_document(path))
    except ConfigError as error:
        raise ConfigFileError(path, error) from error


def _read_text(path: Path) -> str:
    _required(path)
    if path.stat().st_size > _TEXT_LIMIT:
        raise FolderError(path, f"is larger than {_TEXT_LIMIT} bytes")
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FolderError(path, f"cannot be read: {error}") from error


def _require_release(path: Path) -> None:
    if not path.exists():
        raise FolderError(path, "is not there")
    if not path.is_dir():
        raise FolderError(path, "is not a folder; unpack an archive first")
    if (path / "voices.zip").is_file() and not (path / "voices").is_dir():
        raise FolderError(path, "is in the format before 2023 (voices.zip); take a newer revision")


def _required(path: Path) -> Path:
    if not path.is_file():
        raise FolderError(path, "is missing")
    return path


def _require_inside(path: Path, root: Path) -> None:
    """A link that leads out of the folder would have us read anything on this machine."""
    if not path.resolve().is_relative_to(root.resolve()):
        raise FolderError(path, f"leads out of the folder, to {os.path.realpath(path)}")


def _voice_names(path: Path) -> tuple[str, ...]:
    names = read_json(path).get("voices")
    if not isinstance(names, list) or not names:
        raise FolderError(path, "must list voices")
    for name in names:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise FolderError(path, f"{name!r} is no name of a voice")
    return tuple(dict.fromkeys(names))


def _rate(place: Path, rate: object) -> int:
    if isinstance(rate, bool) or not isinstance(rate, int) or not 8_000 <= rate <= 48_000:
        raise FolderError(place, f"the sample rate must be 8000 to 48000, is {rate!r}")
    return rate


def _has_mask(model: Mapping[str, Any]) -> bool | None:
    """Whether the cards' tables hold a row for the mask; None where nothing is said."""
    unit = model.get("am")
    for key in ("linguistic_unit", "has_mask"):
        unit = unit.get(key) if isinstance(unit, dict) else None
    return unit if isinstance(unit, bool) else None
