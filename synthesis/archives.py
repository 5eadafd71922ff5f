"""Installed models in the object store: another machine, or this one after a loss, gets the same voice again.

models/NAME.json      the manifest
files/SHA256          each file once, whichever models it belongs to
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Final

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.utils.translation import gettext as _

from audit.parties import Actor, Origin, Target
from audit.services import record
from synthesis.engines.sambert import snapshot
from synthesis.engines.sambert.folder import FolderError
from synthesis.engines.sambert.snapshot import FileRecord, Progress, Snapshot
from synthesis.errors import ArchiveRefused
from synthesis.installation import root

_BLOCK: Final = 1 << 20
_LONGEST: Final = 4 << 20  # bytes of a manifest


def archive(*, name: str, actor: Actor, origin: Origin | None, progress: Progress | None = None) -> Snapshot:
    """Keeps an installed model, each file checked against its hash first; what is there already stays.

    Raises EngineNotInstalled for a damaged model, and what the store raises when it cannot be reached.
    """
    home = root() / name
    kept = snapshot.read_snapshot(home)
    store = storages["models"]
    for path, file in kept.files.items():
        _keep(store, home / snapshot.MODEL / path, file)
        if progress:
            progress(path, file.size)
    manifest = _manifest_name(name)
    if store.exists(manifest):
        store.delete(manifest)  # how its voices are spoken may have changed since
    store.save(manifest, ContentFile(kept.to_json().encode()))
    _record("voice.archived", kept, actor, origin)
    return kept


def restore(*, name: str, actor: Actor, origin: Origin | None, progress: Progress | None = None) -> Snapshot:
    """Installs an archived model again, every file checked against its hash. One that is there is left alone.

    Raises ArchiveRefused when there is none, or a file in the store is not the one that was kept.
    """
    store = storages["models"]
    kept = _manifest(store, name)
    with tempfile.TemporaryDirectory(dir=root(), prefix=".restoring-") as folder:
        for path, file in kept.files.items():
            _fetch(store, file, Path(folder) / path)
            if progress:
                progress(path, file.size)
        snapshot.install(Path(folder), root(), kept)
    _record("voice.restored", kept, actor, origin)
    return kept


def archived() -> list[str]:
    """Names of the models that are kept."""
    store = storages["models"]
    if not store.exists("models"):
        return []
    return sorted(file.removesuffix(".json") for file in store.listdir("models")[1] if file.endswith(".json"))


def _keep(store: Storage, path: Path, file: FileRecord) -> None:
    if snapshot.hash_file(path) != file.sha256:
        raise FolderError(path, "is damaged: its SHA-256 is not the one when installed")
    name = _file_name(file)
    if not store.exists(name):
        with path.open("rb") as opened:
            store.save(name, File(opened))


def _fetch(store: Storage, file: FileRecord, target: Path) -> None:
    """Written as it comes: a checkpoint is not held in memory."""
    name = _file_name(file)
    if not store.exists(name):
        raise ArchiveRefused(_("归档中缺少文件 %(name)s。") % {"name": name})
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with store.open(name) as source, target.open("wb") as written:
        while block := source.read(_BLOCK):
            digest.update(block)
            written.write(block)
    if digest.hexdigest() != file.sha256:
        raise ArchiveRefused(_("归档中的文件 %(name)s 已损坏：摘要不符。") % {"name": name})


def _manifest(store: Storage, name: str) -> Snapshot:
    place = _manifest_name(name)
    if name not in archived():
        raise ArchiveRefused(_("没有名为 %(name)s 的归档。") % {"name": name})
    with store.open(place) as file:
        told = file.read(_LONGEST)
    try:
        kept = Snapshot.from_json(place, json.loads(told))
    except ValueError as error:
        raise ArchiveRefused(_("归档清单 %(name)s 已损坏。") % {"name": place}) from error
    if kept.name != name:
        raise ArchiveRefused(_("归档清单 %(name)s 已损坏。") % {"name": place})
    return kept


def _manifest_name(name: str) -> str:
    return f"models/{name}.json"


def _file_name(file: FileRecord) -> str:
    return f"files/{file.sha256}"


@transaction.atomic
def _record(action: str, kept: Snapshot, actor: Actor, origin: Origin | None) -> None:
    digest = hashlib.sha256(kept.to_json().encode()).hexdigest()
    record(
        action=action,
        actor=actor,
        target=Target(type="model", id=kept.name, name=kept.source),
        origin=origin,
        details={"files": len(kept.files), "bytes": kept.size, "manifest_sha256": digest},
    )
