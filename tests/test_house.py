"""The house keeps its shape."""

from __future__ import annotations

from pathlib import Path

from synthesis.engines.base import EMOTIONS
from synthesis.reference import EMOTIONS as CATALOGUE

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("platform", "synthesis", "audit", "accounts")
NO_ROOM = {"utils", "helpers", "common", "core"}


def test_platform_is_a_source_root_and_no_package() -> None:
    """A module there, or an __init__.py, would hide Python's own `platform`."""
    assert [path.name for path in (ROOT / "platform").iterdir() if path.name != "__pycache__"] == ["govvoice"]


def test_no_room_has_a_name_that_says_nothing() -> None:
    rooms = [path for source in SOURCES for path in (ROOT / source).rglob("*")]
    assert [str(path) for path in rooms if path.stem in NO_ROOM] == []


def test_engines_and_catalogue_name_the_same_emotions() -> None:
    assert tuple(emotion.code for emotion in CATALOGUE) == EMOTIONS
