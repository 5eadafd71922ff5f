"""Fetches released models from a ModelScope hub: resumable, every file checked by the hub's own SHA-256."""

from __future__ import annotations

import glob
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from synthesis.engines.base import EngineNotInstalled
from synthesis.engines.sambert.snapshot import LEFT_OUT

Reason = Literal[
    "not_installed", "bad_name", "not_found", "refused", "network", "damaged", "no_space", "unsafe"
]
_MODEL_ID: Final = re.compile(r"[\w-]{1,64}/[\w.-]{1,128}", re.ASCII)
_REVISION: Final = re.compile(r"[\w./-]{1,128}", re.ASCII)
_ODD: Final = re.compile(r"[\x00-\x1f\x7f\\*?:]")  # nothing that a pattern or another system could widen
_WORKERS: Final = 4


class FetchError(EngineNotInstalled):
    """A model that could not be fetched. What has come is kept, and the next attempt goes on from there."""

    def __init__(self, reason: Reason, what: str) -> None:
        super().__init__(what)
        self.reason = reason
        self.what = what


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the hub lists it; `sha256` is empty where it does not say."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """Where a model has come to, and the files that were asked for."""

    folder: Path
    files: tuple[Listed, ...]


Progress = Callable[[str, int, int], None]  # a file's name, bytes of it so far, bytes in all; from any thread


def fetch(
    model_id: str, *, under: Path, revision: str = "master", endpoint: str | None = None, progress: Progress
) -> Fetched:
    """Brings a model into a folder of its own in `under`, where a broken-off attempt goes on.

    `endpoint` is the hub's address, by default ModelScope's or MODELSCOPE_ENDPOINT. Raises FetchError.
    """
    if not _MODEL_ID.fullmatch(model_id):
        raise FetchError("bad_name", f"{model_id!r} is no model id such as damo/speech_sambert-hifigan_...")
    if not _REVISION.fullmatch(revision) or ".." in revision:
        raise FetchError("bad_name", f"{revision!r} is no revision")
    folder = under / f"{model_id}@{revision}".replace("/", "--")
    folder.mkdir(parents=True, exist_ok=True)
    _prepare_library(under)
    with _told_plainly(model_id):
        files = tuple(_listed(model_id, revision, endpoint))
        _require_space(folder, files)
        _download(model_id, revision, endpoint, folder, files, progress)
    return Fetched(folder, files)


def _prepare_library(under: Path) -> None:
    """Before its first import: no bars of its own, and nothing written to the home of whoever runs us."""
    os.environ.setdefault("TQDM_DISABLE", "1")
    os.environ.setdefault("MODELSCOPE_HOME", str(under / ".modelscope"))


def _listed(model_id: str, revision: str, endpoint: str | None) -> Iterator[Listed]:
    """What the hub has of the model, without what nobody needs to speak."""
    from modelscope_hub.api import HubApi

    for info in HubApi(endpoint=endpoint).list_repo_files(model_id, "model", revision=revision):
        if info.type == "tree" or any(PurePosixPath(info.path).match(pattern) for pattern in LEFT_OUT):
            continue
        _require_safe(info.path)
        yield Listed(info.path, int(info.size or 0), info.sha256 or "")


def _require_safe(path: str) -> None:
    """The library writes wherever a listed name points to, so each must stay in the folder."""
    if _ODD.search(path) or any(part in ("", ".", "..") for part in path.split("/")):
        raise FetchError("unsafe", f"the hub lists {path!r}, which is no plain file name")


def _require_space(folder: Path, files: Iterable[Listed]) -> None:
    # Twice: once as fetched, once as installed.
    needed, free = 2 * sum(file.size for file in files), shutil.disk_usage(folder).free
    if needed > free:
        raise FetchError("no_space", f"needs {needed:,} bytes in {folder}, {free:,} are free")


def _download(
    model_id: str,
    revision: str,
    endpoint: str | None,
    folder: Path,
    files: Iterable[Listed],
    progress: Progress,
) -> None:
    from modelscope_hub.compat.snapshot_download import snapshot_download

    snapshot_download(
        model_id,
        revision=revision,
        endpoint=endpoint,
        local_dir=str(folder),
        cache_dir=str(folder.parent / ".locks"),
        # By name, and not all there is: the hub could list other files when it is asked again.
        allow_patterns=[glob.escape(file.path) for file in files],
        max_workers=_WORKERS,
        progress_callbacks=[_counter(progress)],
    )


def _counter(progress: Progress) -> type:
    from modelscope_hub import ProgressCallback

    class Counter(ProgressCallback):  # the library makes one for each file
        def __init__(self, filename: str, file_size: int) -> None:
            super().__init__(filename, file_size)
            self._done = 0

        def update(self, size: int) -> None:
            self._done += size
            progress(self.filename, self._done, self.file_size)

    return Counter


@contextmanager
def _told_plainly(model_id: str) -> Iterator[None]:
    """The library's many errors become one with a reason."""
    try:
        import requests
        from modelscope_hub import errors
    except ImportError as error:
        raise FetchError("not_installed", f"modelscope_hub is not installed: {error}") from error
    logging.getLogger("modelscope_hub").setLevel(logging.ERROR)  # its attempts; what comes of them is told
    try:
        yield
    except errors.FileDownloadError as error:
        name, cause = next(iter(error.failed_files.items()))
        damaged = isinstance(cause, errors.FileIntegrityError)
        what = f"{name}: {_line(cause)}; {len(error.failed_files)} of {error.total} files did not come"
        raise FetchError("damaged" if damaged else "network", what) from error
    except (errors.NotExistError, errors.AuthenticationError, errors.PermissionDeniedError) as error:
        missing = isinstance(error, errors.NotExistError)
        raise FetchError("not_found" if missing else "refused", f"{model_id}: {_line(error)}") from error
    except (errors.HubError, requests.RequestException) as error:
        raise FetchError("network", f"{model_id}: {_line(error)}") from error
    except OSError as error:
        raise FetchError("no_space", f"cannot be written: {error}") from error


def _line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
