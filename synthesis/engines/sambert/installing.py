"""From a released folder to an installed model: what is to be known of it is read once, here."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from synthesis.engines.sambert.folder import (
    ModelFolder,
    acoustic_config,
    open_folder,
    sample_rate_of,
    vocoder_config,
)
from synthesis.engines.sambert.snapshot import (
    Progress,
    Settings,
    Snapshot,
    VoiceRecord,
    files_of,
    hash_files,
    install,
    name_of,
)

UNTOLD: Final = ""
_LICENCES: Final = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING")
_HEAD: Final = re.compile(r"\A---\s*\n(?P<yaml>.*?)\n---\s*\n", re.DOTALL)
_LONGEST: Final = 64 * 1024  # characters of a licence's text that are kept in the manifest


class Licence(NamedTuple):
    """`name` as the model's card tells it, empty when it does not; `text`: its licence file, or its card."""

    name: str
    text: str


def prepare(
    folder: Path,
    *,
    source: str,
    revision: str = "",
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Snapshot:
    """What the manifest of this folder will say. Opens no checkpoint. Raises FolderError, ConfigError."""
    model = open_folder(folder)
    voices = {name: _voice(model, name, settings or Settings()) for name in model.voices}
    files = hash_files(folder, progress)
    licence = read_licence(folder)
    return Snapshot(
        name=name_of(source, files),
        source=source,
        revision=revision,
        licence=licence.name,
        licence_text=licence.text,
        added_at=datetime.now(UTC).isoformat(timespec="seconds"),
        files=files,
        voices=voices,
    )


def install_folder(folder: Path, root: Path, *, source: str, revision: str = "") -> Snapshot:
    """Reads, copies and records a released folder under `root`. Raises FolderError, ConfigError."""
    snapshot = prepare(folder, source=source, revision=revision)
    install(folder, root, snapshot)
    return snapshot


def read_licence(folder: Path) -> Licence:
    card = _text(folder / "README.md")
    name = str(_card_head(card).get("license") or UNTOLD)
    text = next((told for file in _LICENCES if (told := _text(folder / file))), card)
    return Licence(" ".join(name.split())[:200], text[:_LONGEST])


def _voice(model: ModelFolder, name: str, settings: Settings) -> VoiceRecord:
    voice = model.voice(name)
    (
        acoustic_config(voice),
        vocoder_config(voice),
    )  # a voice whose configuration cannot be read is not installed
    return VoiceRecord(sample_rate_of(model, voice), files_of(model.path, voice), settings)


def _card_head(card: str) -> dict[str, Any]:
    """The keys in front of a model card; none when there are none that can be read."""
    found = _HEAD.match(card)
    try:
        told = yaml.safe_load(found["yaml"]) if found else None
    except yaml.YAMLError:
        return {}
    return told if isinstance(told, dict) else {}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
