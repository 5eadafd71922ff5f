"""Engines by name and model, each made once in a process.

An engine is a folder beside this file whose `engine.py` has a subclass of Engine of that name, made with the
folder of its files. There is no list to keep.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, Final

from synthesis.engines.base import Engine, EngineNotInstalled

_PLACE: Final = Path(__file__).parent
_loaded: dict[tuple[str, Path], Engine] = {}
_lock = Lock()
# A folder under the engine's, at most two deep, and never a way out of it.
_MODEL: Final = re.compile(r"\w[\w.+-]*(/\w[\w.+-]*)?", re.ASCII)


@cache
def engine_names() -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in _PLACE.glob("*/engine.py")))


def made_engines() -> dict[tuple[str, Path], Engine]:
    """What this process has made so far, by engine and folder."""
    with _lock:
        return dict(_loaded)


def get_engine(name: str, *, folder: Path, model: str = "") -> Engine:
    """The engine `name` whose files lie in `folder`/`name`/`model`, made at the first call.

    `folder` is where all voices lie (`var/voices`); `model` is empty for an engine that is one voice.
    Raises EngineNotInstalled.
    """
    if name not in engine_names():
        raise EngineNotInstalled(f"no engine {name!r}, there are: {', '.join(engine_names())}")
    if model and not _MODEL.fullmatch(model):
        raise EngineNotInstalled(f"{model!r} is no name of a model")
    home = folder.resolve() / name / model
    with _lock:  # two threads asking at once must not load 60 MB twice
        if (name, home) not in _loaded:
            _loaded[name, home] = _class_of(name)(home)
        return _loaded[name, home]


def _class_of(name: str) -> Any:
    """Imported only when it is asked for: naming an engine must not import its runtime."""
    found = vars(import_module(f"{__package__}.{name}.engine")).values()
    return next(
        each
        for each in found
        if isinstance(each, type) and issubclass(each, Engine) and vars(each).get("name") == name
    )
