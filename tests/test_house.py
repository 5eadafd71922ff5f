"""The house keeps its shape."""

from __future__ import annotations

import re
from pathlib import Path

from synthesis.engines.base import EMOTIONS
from synthesis.reference import EMOTIONS as CATALOGUE

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("platform", "synthesis", "audit", "accounts")
DOCUMENTS = (*sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("README*.md")))
NO_ROOM = {"utils", "helpers", "common", "core"}


def test_platform_is_a_source_root_and_no_package() -> None:
    """A module there, or an __init__.py, would hide Python's own `platform`."""
    assert [path.name for path in (ROOT / "platform").iterdir() if path.name != "__pycache__"] == ["govvoice"]


def test_no_room_has_a_name_that_says_nothing() -> None:
    rooms = [path for source in SOURCES for path in (ROOT / source).rglob("*")]
    assert [str(path) for path in rooms if path.stem in NO_ROOM] == []


def test_engines_and_catalogue_name_the_same_emotions() -> None:
    assert tuple(emotion.code for emotion in CATALOGUE) == EMOTIONS


def test_every_setting_is_told_of_and_every_one_told_of_is_read() -> None:
    """Where a name stands in quotes in the source, it is read; DATABASE_URL and the like have no prefix."""
    sources = [path for source in SOURCES for path in (ROOT / source).rglob("*.py")]
    read = {name for path in sources for name in re.findall(r"\"(GOVVOICE_\w+)\"", path.read_text("utf-8"))}
    told = {
        name for path in DOCUMENTS for name in re.findall(r"GOVVOICE_[A-Z0-9_]+", path.read_text("utf-8"))
    }
    settings = (ROOT / "platform" / "govvoice" / "settings.py").read_text("utf-8")
    asked_of_the_operator = set(re.findall(r"env\.\w+\(\s*\"(GOVVOICE_\w+)\"", settings))
    assert len(asked_of_the_operator) > 40
    callers_own = {"GOVVOICE_KEY"}  # in the curl lines of docs/api.md
    assert (sorted(told - read - callers_own), sorted(asked_of_the_operator - told)) == ([], [])


def test_links_between_documents_lead_somewhere() -> None:
    links = [
        (path, link) for path in DOCUMENTS for link in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8"))
    ]
    assert len(links) > 20
    assert [link for path, link in links if not (path.parent / link).exists()] == []


def test_the_documents_name_targets_and_commands_that_are_there() -> None:
    words = "\n".join(path.read_text("utf-8") for path in DOCUMENTS)
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z][a-z-]*)", words)) - targets == set()
    commands = {path.stem for room in SOURCES for path in (ROOT / room).glob("**/management/commands/*.py")}
    djangos_own = {"check", "migrate", "collectstatic"}
    assert set(re.findall(r"manage\.py ([a-z_]+)", words)) - commands - djangos_own == set()
