"""docs/compliance.md, held against what is there: an assessor looks up each thing that it names."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "compliance.md").read_text(encoding="utf-8")
PLACES = (ROOT, ROOT / "platform", ROOT / "tests")
SOURCES = ("accounts", "audit", "platform", "synthesis")
TESTS = (ROOT / "tests" / "api" / "test_the_table_of_abuse.py").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`]+)`", TABLE))
# The clauses of GB/T 22239-2019 level 3 that bear on an application, and the demands of each.
CLAUSES = {
    "8.1.4.1": "abcd",
    "8.1.4.2": "abcdefg",
    "8.1.4.3": "abcd",
    "8.1.4.4": "abcdef",
    "8.1.4.5": "",
    "8.1.4.6": "",
    "8.1.4.7": "ab",
    "8.1.4.8": "ab",
    "8.1.4.9": "abc",
    "8.1.4.10": "ab",
    "8.1.4.11": "ab",
    "8.1.5.1": "ab",
    "8.1.5.2": "ab",
    "8.1.5.3": "ab",
    "8.1.5.4": "df",
    "8.1.7.2": "",
    "8.1.10.6": "g",
}


@cache
def source() -> str:
    files = [path for room in SOURCES for path in sorted((ROOT / room).rglob("*.py"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def has_tests(path: Path) -> bool:
    files = path.rglob("test_*.py") if path.is_dir() else [path]
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    return any(isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in nodes)


def rows(section: str) -> list[str]:
    """The first cells of a section's rows, or the rows elsewhere that begin with the clause's number."""
    own = re.search(rf"^## {re.escape(section)} .*?(?=^## |\Z)", TABLE, re.MULTILINE | re.DOTALL)
    if own:
        return re.findall(r"^\| ([^|]+) \|", own[0], re.MULTILINE)
    return re.findall(rf"^\| [^|]*({re.escape(section)}(?![\d.])[^|]*) \|", TABLE, re.MULTILINE)


def test_every_file_that_it_names_is_there() -> None:
    files = {name for name in NAMED if re.fullmatch(r"\w[\w./-]*(?:\.py|\.md|/)", name)} - {"tests/"}
    assert len(files) > 40
    assert [name for name in sorted(files) if not any((place / name).exists() for place in PLACES)] == []


def test_every_test_that_it_names_is_one() -> None:
    named = {name for row in re.findall(r"\| ([^|]*) \|$", TABLE, re.MULTILINE) for name in _paths(row)}
    assert len(named) > 30
    assert [name for name in sorted(named) if not has_tests(ROOT / "tests" / name)] == []


def _paths(cell: str) -> list[str]:
    return re.findall(r"`(\w[\w/]*(?:\.py|/))`", cell)


def test_every_setting_constraint_and_name_is_in_the_source() -> None:
    """A setting is read where its name stands in quotes; a constraint and a function where it is written."""
    settings = {name for name in NAMED if name.startswith("GOVVOICE_")}
    assert len(settings) >= 8
    assert [name for name in sorted(settings) if f'"{name}"' not in source()] == []
    names = {name for name in NAMED if re.fullmatch(r"[a-z]+(?:_[a-z]+)+", name)}
    assert {name for name in names if f"def {name}(" not in TESTS and name not in source()} == set()
    commands = re.findall(r"`manage\.py (\w+)", TABLE)
    assert [name for name in commands if not list(ROOT.glob(f"**/management/commands/{name}.py"))] == []


@pytest.mark.parametrize("section", CLAUSES)
def test_every_demand_of_a_clause_has_a_row(section: str) -> None:
    said = rows(section)
    assert said, section
    letters = {letter for row in said for letter in re.findall(r"(?<![A-Za-z])[a-g](?![A-Za-z])", row)}
    assert set(CLAUSES[section]) - letters == set()


def test_the_operator_is_told_what_is_his() -> None:
    assert TABLE.count("由使用单位") >= 8
