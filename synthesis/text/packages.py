"""Data files of installed packages, read without running the packages: that would cost time and memory."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def folder_of(package: str) -> Path:
    """Where a package lies. Raises ModuleNotFoundError naming it when it is not installed."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            f"the package {package}, whose data the reading of text needs, is not installed"
        )
    return Path(spec.origin).parent
