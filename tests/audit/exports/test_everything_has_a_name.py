"""Every kind of act and of object is told in words: an official reads no code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from audit.actions import choices
from audit.exports.terms import GROUPS, OBJECTS

ROOT = Path(__file__).resolve().parents[3]


def calls() -> Iterator[ast.Call]:
    for room in ("accounts", "audit", "platform", "synthesis"):
        for path in (ROOT / room).rglob("*.py"):
            nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            yield from (node for node in nodes if isinstance(node, ast.Call))


def test_every_group_of_actions_has_a_name() -> None:
    groups = {code.partition(".")[0] for code, _ in choices()}
    assert groups == set(GROUPS)


def test_every_type_of_object_has_a_name() -> None:
    types = {
        keyword.value.value
        for call in calls()
        if isinstance(call.func, ast.Name) and call.func.id == "Target"
        for keyword in call.keywords
        if keyword.arg == "type" and isinstance(keyword.value, ast.Constant)
    }
    assert len(types) > 15
    assert types - {""} - set(OBJECTS) == set()
