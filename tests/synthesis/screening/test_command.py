"""`manage.py screen --jsonl`: a JSON object a line in, one a line out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from synthesis.management.commands.screen import verdicts


def _say(*asked: Any) -> list[dict[str, Any]]:
    return list(verdicts(one if isinstance(one, bytes) else json.dumps(one).encode() for one in asked))


def test_a_verdict_tells_level_and_hits() -> None:
    (said,) = _say({"text": "去堵博", "deny": [{"text": "赌博", "category": "gambling", "level": "review"}]})
    hit = {"start": 1, "end": 3, "text": "堵博", "term": "赌博", "category": "gambling", "level": "review"}
    assert said == {"verdict": "review", "hits": [hit]}


def test_an_option_is_switched_off_by_its_name() -> None:
    assert _say({"text": "堵博", "deny": ["赌博"], "options": {"homophones": False}}) == [
        {"verdict": "pass", "hits": []}
    ]


def test_without_a_list_the_starter_list_judges() -> None:
    said = _say({"text": "网上赌场"}, {"text": "生日快乐", "deny": None})
    assert [one["verdict"] for one in said] == ["block", "pass"]


def test_a_bad_line_is_told_and_the_next_is_judged() -> None:
    said = _say(
        b"{",
        {"text": 1},
        b"\xff",
        {"text": "", "deny": "x"},
        {"text": "", "options": {"magic": 1}},
        {"text": ""},
    )
    assert [one.get("line") for one in said] == [1, 2, 3, 4, 5, None]
    assert "magic" in said[4]["error"]


@pytest.mark.parametrize(("prefer", "found"), [("shortest", "我的"), ("longest", "我的世界")])
def test_at_one_place_the_shortest_or_the_longest_is_told(prefer: str, found: str) -> None:
    (said,) = _say({"text": "我的世界", "deny": ["我的世界", "我的"], "options": {"prefer": prefer}})
    assert [hit["text"] for hit in said["hits"]] == [found]
