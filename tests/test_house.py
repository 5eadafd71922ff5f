"""The house keeps its shape."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from govvoice import __version__
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


def test_the_image_is_made_of_what_is_there() -> None:
    """No Docker runs here: what its recipe copies and calls is looked up instead."""
    recipe = (ROOT / "docker" / "Dockerfile").read_text("utf-8")
    copied = [name for line in re.findall(r"^COPY (.+)$", recipe, re.MULTILINE) for name in line.split()[:-1]]
    assert len(copied) > 5
    assert [name for name in copied if not (ROOT / name).exists()] == []
    converter = (ROOT / "synthesis" / "engines" / "fastspeech2" / "convert.py").read_text("utf-8")
    options = re.findall(r"fastspeech2\.convert (--\w+)", recipe)
    assert [option for option in options if f'"{option}"' not in converter] == []


def test_the_processes_are_started_by_hand_as_the_runner_starts_them() -> None:
    manual, recipe = (
        (ROOT / name).read_text("utf-8") for name in ("docs/operations.md", "docker/Dockerfile")
    )
    web = " ".join(json.loads(re.findall(r"^CMD (\[.+\])$", recipe, re.MULTILINE)[0]))
    assert f"`{web}`" in manual
    run = (ROOT / "platform" / "govvoice" / "embedded" / "supervision.py").read_text("utf-8")
    for queues in re.findall(r"celery .*-Q (\S+)", manual):
        assert queues in run


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    newest = re.findall(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)[0]
    assert (project, newest) == (__version__, __version__)


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
