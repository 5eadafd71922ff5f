"""Engines by name and model, each made once in a process."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Final

from synthesis.engines.base import Engine, EngineNotInstalled


def _fastspeech2(folder: Path) -> Engine:
    from synthesis.engines.fastspeech2.engine import FastSpeech2

    return FastSpeech2(folder)


def _sambert(folder: Path) -> Engine:
    from synthesis.engines.sambert.engine import Sambert

    return Sambert(folder)


def _tone(folder: Path) -> Engine:
    from synthesis.engines.tone.engine import Tone

    return Tone()


# Loaders, not classes: naming an engine must not import its runtime.
_LOADERS: dict[str, Callable[[Path], Engine]] = {
    "fastspeech2": _fastspeech2,
    "sambert": _sambert,
    "tone": _tone,
}
_loaded: dict[tuple[str, Path], Engine] = {}
_lock = Lock()
# A folder under the engine's, at most two deep, and never a way out of it.
_MODEL: Final = re.compile(r"\w[\w.+-]*(/\w[\w.+-]*)?", re.ASCII)


def engine_names() -> tuple[str, ...]:
    return tuple(sorted(_LOADERS))


def made_engines() -> dict[tuple[str, Path], Engine]:
    """What this process has made so far, by engine and folder."""
    with _lock:
        return dict(_loaded)


def get_engine(name: str, *, folder: Path, model: str = "") -> Engine:
    """The engine `name` whose files lie in `folder`/`name`/`model`, made at the first call.

    `folder` is where all voices lie (`var/voices`); `model` is empty for an engine that is one voice.
    Raises EngineNotInstalled.
    """
    if name not in _LOADERS:
        raise EngineNotInstalled(f"no engine {name!r}, there are: {', '.join(engine_names())}")
    if model and not _MODEL.fullmatch(model):
        raise EngineNotInstalled(f"{model!r} is no name of a model")
    home = folder.resolve() / name / model
    with _lock:  # two threads asking at once must not load 60 MB twice
        if (name, home) not in _loaded:
            _loaded[name, home] = _LOADERS[name](home)
        return _loaded[name, home]
