"""Installed models: each a copy of a released folder never written to, and what is known of it.

    SNAPSHOT/manifest.json    where it came from, its licence, every file's SHA-256, how its voices are spoken
    SNAPSHOT/model/           the released folder

A snapshot is named by its content, so the same model is installed once and two revisions stand side by side.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final

from synthesis.engines.base import EngineNotInstalled
from synthesis.engines.sambert.folder import FolderError, VoiceFolder, open_folder, read_json

MANIFEST: Final = "manifest.json"
MODEL: Final = "model"
FORMAT: Final = 1
# Not needed to speak: the closed front end, which we may not pass on, and what only training uses.
LEFT_OUT: Final = ("resource.zip", "*.onnx", "*.wav", "*.mp4")
_BLOCK: Final = 1 << 20
_NAME: Final = re.compile(r"\w[\w.-]*", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")

Progress = Callable[[str, int], None]  # the file's name, bytes done since the last call


@dataclass(frozen=True, slots=True)
class FileRecord:
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Settings:
    """How a voice is spoken, where there is a choice. All of it enters the voice's version.

    `speaker` is the name written into labels, empty for the one the voice expects. `feeling_breaks`: breaks
    carry the emotion too (what is known of the released voices differs on it). `runtime` and `precision` are
    the vocoder's on a processor, `card_precision` on a graphics card.
    """

    speaker: str = ""
    feeling_breaks: bool = True
    runtime: str = "torch"
    precision: str = "fp32"
    card_precision: str = "fp32"

    def __post_init__(self) -> None:
        for name, values in _CHOICES.items():
            if getattr(self, name) not in values:
                raise ValueError(f"{name} must be one of {values}, is {getattr(self, name)!r}")


_CHOICES: Final = {
    "feeling_breaks": (True, False),
    "runtime": ("torch", "onnx"),
    "precision": ("fp32", "bf16"),
    "card_precision": ("fp32", "fp16"),
}


@dataclass(frozen=True, slots=True)
class VoiceRecord:
    """What the doors ask of a voice, so that none of them has to open a checkpoint."""

    sample_rate: int
    files: tuple[str, ...]
    settings: Settings = field(default_factory=Settings)
    measured: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The manifest. `files` are by path under model/, with slashes; `source` is a model's id or a folder."""

    name: str
    source: str
    revision: str
    licence: str
    licence_text: str
    added_at: str
    files: Mapping[str, FileRecord]
    voices: Mapping[str, VoiceRecord]

    def version(self, voice: str) -> str:
        """Twelve hex digits for all that decides how the voice sounds, but for our own code."""
        record = self.voices[voice]
        content = [[name, self.files[name].sha256] for name in sorted(record.files)]
        told = json.dumps([content, asdict(record.settings)], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    @property
    def size(self) -> int:
        return sum(record.size for record in self.files.values())

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, place: Path | str, told: Mapping[str, Any]) -> Snapshot:
        """Raises FolderError for anything that no manifest of ours says."""
        try:
            if told["format"] != FORMAT:
                raise FolderError(place, f"has format {told['format']!r}, must be {FORMAT}")
            files = {_safe(name): _record(record) for name, record in told["files"].items()}
            voices = {_plain(name): _voice(record, files) for name, record in told["voices"].items()}
            texts = {name: str(told[name]) for name in _TEXTS}
            return cls(name=_plain(told["name"]), **texts, files=files, voices=voices)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FolderError(place, f"is no manifest: {error}") from error


_TEXTS: Final = ("source", "revision", "licence", "licence_text", "added_at")


def read_snapshot(home: Path) -> Snapshot:
    """The manifest in `home`. Raises EngineNotInstalled."""
    if not (home / MANIFEST).is_file():
        raise EngineNotInstalled(f"no model in {home}: manage.py voices fetch or add installs one")
    return Snapshot.from_json(home / MANIFEST, read_json(home / MANIFEST))


def snapshots(root: Path) -> Iterator[Snapshot]:
    """What is installed under `root`, by name; folders under way have names with a dot in front."""
    for home in sorted(root.glob("*/")):
        if not home.name.startswith(".") and (home / MANIFEST).is_file():
            yield read_snapshot(home)


def hash_files(folder: Path, progress: Progress | None = None) -> dict[str, FileRecord]:
    """Size and SHA-256 of each file to be kept. Raises FolderError at a link or a device."""
    found = {}
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        found[name] = FileRecord(path.stat().st_size, hash_file(path, progress, name))
    return found


def hash_file(path: Path, progress: Progress | None = None, name: str = "") -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            if progress:
                progress(name, len(block))
    return digest.hexdigest()


def name_of(source: str, files: Mapping[str, FileRecord]) -> str:
    """A name for a model: the last part of where it came from, and eight digits of what is in it."""
    told = PurePosixPath(source).name.removeprefix("speech_sambert-hifigan_").removeprefix("tts_")
    slug = re.sub(r"[^a-z0-9_.-]+", "-", told.lower()).strip("-._")[:48] or "model"
    content = json.dumps([[name, files[name].sha256] for name in sorted(files)])
    return f"{slug}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def install(source: Path, root: Path, snapshot: Snapshot) -> Path:
    """Copies the files of `source` that the snapshot names, checked on the way; leaves what is there.

    Seen whole or not at all: it is built beside and then renamed. Raises FolderError.
    """
    home = root / snapshot.name
    if (home / MANIFEST).is_file():
        return home
    building = root / f".{snapshot.name}-{uuid.uuid4().hex[:8]}"
    try:
        for name, record in snapshot.files.items():
            _copy(source / name, building / MODEL / name, record)
        (building / MANIFEST).write_text(snapshot.to_json(), encoding="utf-8")
        building.rename(home)
    except OSError as error:
        raise FolderError(home, f"cannot be installed: {error}") from error
    finally:
        if building.exists():
            discard(building)
    return home


def change_settings(home: Path, voice: str, settings: Settings, measured: Mapping[str, float]) -> Snapshot:
    """Writes how a voice is spoken from now on; the model itself stays as it came."""
    before = read_snapshot(home)
    record = replace(before.voices[voice], settings=settings, measured=measured)
    after = replace(before, voices={**before.voices, voice: record})
    beside = home / f".{MANIFEST}.{uuid.uuid4().hex[:8]}"
    beside.write_text(after.to_json(), encoding="utf-8")
    beside.replace(home / MANIFEST)
    return after


def require_unharmed(home: Path, snapshot: Snapshot, voice: str) -> VoiceFolder:
    """The voice's files, each as it was when installed. Raises FolderError that names the one that is not."""
    for name in snapshot.voices[voice].files:
        path = home / MODEL / name
        if not path.is_file():
            raise FolderError(path, "is missing")
        if path.stat().st_size != snapshot.files[name].size:
            told = snapshot.files[name].size
            raise FolderError(path, f"is damaged: {path.stat().st_size} bytes, {told} when installed")
        if hash_file(path) != snapshot.files[name].sha256:
            raise FolderError(path, "is damaged: its SHA-256 is not the one when installed")
    return open_folder(home / MODEL).voice(voice)


def discard(home: Path) -> None:
    """Removes a snapshot's folder, whose files are read-only."""
    for folder in (home, *(path for path in home.rglob("*") if path.is_dir() and not path.is_symlink())):
        folder.chmod(stat.S_IRWXU)
    shutil.rmtree(home)


def files_of(folder: Path, voice: VoiceFolder) -> tuple[str, ...]:
    """The voice's files as the manifest names them."""
    return tuple(path.relative_to(folder).as_posix() for path in voice.files)


def _files(folder: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in (*folders, *names):
            if (Path(at) / name).is_symlink():
                raise FolderError(Path(at) / name, "is a link; a model is plain files")
        for name in sorted(names):
            path = Path(at) / name
            if not name.startswith(".") and not any(path.match(pattern) for pattern in LEFT_OUT):
                if not path.is_file():
                    raise FolderError(path, "is no plain file")
                yield path


def _copy(source: Path, target: Path, record: FileRecord) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target, follow_symlinks=False)
    if hash_file(target) != record.sha256:
        raise FolderError(source, "changed while it was being copied")
    target.chmod(0o444)


def _safe(name: str) -> str:
    """A relative path that stays inside. Raises ValueError."""
    path = PurePosixPath(name)
    parts_fine = all(part not in ("..", ".") and "\\" not in part and "\0" not in part for part in path.parts)
    if not path.parts or path.is_absolute() or not parts_fine or str(path) != name:
        raise ValueError(f"{name!r} leads out of the folder")
    return name


def _plain(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name")
    return name


def _record(told: Mapping[str, Any]) -> FileRecord:
    if not _DIGEST.fullmatch(told["sha256"]):
        raise ValueError(f"{told['sha256']!r} is no SHA-256")
    return FileRecord(int(told["size"]), told["sha256"])


def _voice(told: Mapping[str, Any], files: Mapping[str, FileRecord]) -> VoiceRecord:
    wanted = tuple(told["files"])
    if unknown := [name for name in wanted if name not in files]:
        raise ValueError(f"{unknown[0]!r} is not among the files")
    measured = {str(key): float(value) for key, value in told["measured"].items()}
    return VoiceRecord(int(told["sample_rate"]), wanted, Settings(**told["settings"]), measured)
