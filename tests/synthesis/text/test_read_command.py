"""`manage.py read`: a text or lines of JSON in, readings out."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command


def read_lines(monkeypatch: pytest.MonkeyPatch, *lines: bytes) -> list[dict[str, Any]]:
    given, out = io.TextIOWrapper(io.BytesIO(b"".join(line + b"\n" for line in lines))), io.StringIO()
    monkeypatch.setattr("sys.stdin", given)
    call_command("read", "--jsonl", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_one_text() -> None:
    out = io.StringIO()
    call_command("read", "你好12", stdout=out)
    found = json.loads(out.getvalue())
    assert list(found) == ["text", "normalized", "syllables", "phrases", "unreadable"]
    assert found["normalized"] == "你好十二"
    assert found["syllables"][0] == {"char": "你", "start": 0, "end": 1, "pinyin": "ni2", "base": "ni3"}
    assert found["syllables"][3] == {"char": "二", "start": 2, "end": 4, "pinyin": "er4", "base": "er4"}
    assert found["phrases"][0]["phones"] == ["ni2", "hao3", "#1", "shi2", "er4"]


def test_a_line_each_and_bad_lines_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read_lines(
        monkeypatch, b'{"text": "APP"}', b"{bad", b'{"text": 5}', b"\xff\xfe", b"", b'["x"]', b'{"text": ""}'
    )
    assert found[0]["normalized"] == "APP"
    assert [one.get("line") for one in found] == [None, 2, 3, 4, 5, 6, None]
    assert "not UTF-8" in found[3]["error"]
    assert found[6]["phrases"] == []


def test_a_lone_surrogate_does_not_break_the_output(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = read_lines(monkeypatch, b'{"text": "a\\ud800"}')
    assert found["unreadable"][0]["reason"] == "surrogate"


@pytest.mark.parametrize("arguments", [[], ["你好", "--jsonl"]])
def test_a_text_or_lines_but_not_both(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="--jsonl"):
        call_command("read", *arguments)
