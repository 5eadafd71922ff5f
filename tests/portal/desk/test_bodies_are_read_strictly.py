"""What the desk refuses, by field and place, and that each refusal leaves one line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from audit.models import Event
from synthesis.models import Speech
from tests.portal.broadcasts.cast import Official
from tests.portal.desk.test_only_listeners_get_in import BODY
from tests.synthesis.screening.cast import forbid

pytestmark = pytest.mark.django_db


def post(listener: Official, body: bytes, content_type: str = "application/json") -> HttpResponse:
    response: HttpResponse = listener.browser.post(
        reverse("admin:desk-speak"), body, content_type=content_type
    )
    return response


def assert_refused(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    assert response["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(response.content)
    assert (response.status_code, problem["code"]) == (status, code), problem
    event = Event.objects.get(request_id=response["X-Request-Id"])
    assert (event.action, event.outcome, event.code) == ("preview.requested", "refused", code)
    assert not Speech.objects.exists()
    return problem


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "json_broken"),
        (b" ", "application/json", 400, "json_broken"),
        (b"\xff\xfe", "application/json", 400, "json_broken"),
        (b"[]", "application/json", 400, "json_broken"),
        (b"[" * 8_000, "application/json", 400, "json_broken"),
        (b"{}", "text/plain", 415, "content_type"),
        (b'{"text": "' + b"x" * 20_000 + b'"}', "application/json", 413, "body_too_large"),
    ],
)
def test_what_is_no_json_object_is_refused(
    editor: Official, body: bytes, content_type: str, status: int, code: str
) -> None:
    assert_refused(post(editor, body, content_type), status, code)


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"text": ""}, "text", "required"),
        ({"text": " \n　"}, "text", "text_empty"),
        ({"text": "字" * 501}, "text", "text_too_long"),
        ({"text": 5}, "text", "wrong_type"),
        ({"text": None}, "text", "wrong_type"),
        ({"text": "a\u0000b"}, "text", "null_characters_not_allowed"),
        ({"voice": "nobody"}, "voice", "voice_unknown"),
        ({"voice": "tone\n"}, "voice", "voice_unknown"),
        ({"emotion": "bored"}, "emotion", "emotion_unsupported"),
        ({"rate": "1"}, "rate", "wrong_type"),
        ({"rate": True}, "rate", "wrong_type"),
        ({"rate": 2.01}, "rate", "max_value"),
        ({"rate": float("nan")}, "rate", "invalid"),
        ({"rate": float("inf")}, "rate", "invalid"),
        ({"intensity": 0}, "intensity", "min_value"),
        ({"pitch": -12.5}, "pitch", "min_value"),
        ({"volume": 50.5}, "volume", "invalid"),
        ({"volume": 101}, "volume", "max_value"),
        ({"colour": "red"}, "colour", "unknown_field"),
    ],
)
def test_a_field_is_refused_by_name(editor: Official, changed: dict[str, Any], field: str, code: str) -> None:
    problem = assert_refused(post(editor, json.dumps(BODY | changed).encode()), 422, code)
    assert problem["errors"][0]["field"] == field
    assert problem["errors"][0]["message"] == problem["detail"]


@pytest.mark.parametrize("name", sorted(BODY))
def test_a_missing_field_is_named(editor: Official, name: str) -> None:
    body = {key: value for key, value in BODY.items() if key != name}
    problem = assert_refused(post(editor, json.dumps(body).encode()), 422, "required")
    assert [error["field"] for error in problem["errors"]] == [name]


def test_an_unreadable_sign_is_named_with_its_place(editor: Official) -> None:
    body = BODY | {"text": "今天天气😀很好"}
    problem = assert_refused(post(editor, json.dumps(body).encode()), 422, "text_unreadable")
    assert problem["errors"][0]["position"] == 4
    assert "第 5 个字“😀”" in problem["detail"]


def test_half_a_pair_is_refused_without_quoting_it(editor: Official) -> None:
    body = json.dumps(BODY | {"text": "您好\ud83d"}).encode()
    assert "第 3 个字" in assert_refused(post(editor, body), 422, "text_invalid")["detail"]


def test_a_forbidden_word_is_told_by_its_place(editor: Official) -> None:
    forbid("违禁词")
    body = json.dumps(BODY | {"text": "这里有违禁词。"}).encode()
    problem = assert_refused(post(editor, body), 422, "text_blocked")
    assert problem["errors"][0]["position"] == 3
    assert "违禁词" not in problem["detail"]
