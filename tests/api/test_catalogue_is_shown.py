"""Voices, emotions and the contract itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from synthesis.models import Voice
from tests.api.cast import Hotline, assert_refused

pytestmark = pytest.mark.django_db

PROBLEM = "application/problem+json"


def body(hotline: Hotline, path: str) -> dict[str, Any]:
    response = hotline.get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    found: dict[str, Any] = json.loads(response.content)
    return found


def test_voices_say_who_they_are_and_what_they_can(hotline: Hotline) -> None:
    voices = {voice["id"]: voice for voice in body(hotline, "/api/v1/voices")["voices"]}
    assert voices.keys() == {"qinghe", "qinghe-youthful", "qinghe-steady", "tone"}
    assert voices["tone"]["is_default"]
    assert voices["qinghe"]["name"] == "清禾"
    assert voices["qinghe"]["emotions"][:2] == ["neutral", "happy"]
    assert voices["qinghe"]["formats"] == ["wav", "pcm"]


def test_a_disabled_emotion_is_offered_no_more(hotline: Hotline) -> None:
    Voice.objects.get(code="tone").voiceemotion_set.filter(emotion__code="angry").update(is_active=False)
    assert "angry" not in body(hotline, "/api/v1/voices/tone")["emotions"]
    assert_refused(hotline.say(emotion="angry"), 422, "emotion_unsupported")


@pytest.mark.parametrize("voice", ["nobody", "..%2f..%2fetc", "tone%00", "TONE"])
def test_an_unknown_voice_is_not_found(hotline: Hotline, voice: str) -> None:
    assert hotline.get(f"/api/v1/voices/{voice}").status_code == 404


def test_a_switched_off_voice_is_not_found(hotline: Hotline) -> None:
    Voice.objects.filter(code="qinghe").update(is_active=False)
    assert_refused(hotline.get("/api/v1/voices/qinghe"), 404, "voice_unknown")


def test_emotions_are_listed_with_their_chinese_names(hotline: Hotline) -> None:
    emotions = {row["code"]: row["name"] for row in body(hotline, "/api/v1/emotions")["emotions"]}
    assert emotions["neutral"] == "中性"
    assert len(emotions) == 9


@pytest.mark.parametrize("path", ["voices", "voices/tone", "emotions", "schema/", "broadcasts/x"])
def test_a_query_that_nobody_reads_is_refused(hotline: Hotline, path: str) -> None:
    assert_refused(hotline.get(f"/api/v1/{path}?filter[__class__]=1"), 400, "query_unknown")


def test_the_schema_is_openapi_and_tells_of_every_door(hotline: Hotline) -> None:
    schema = body(hotline, "/api/v1/schema/")
    assert schema["openapi"].startswith("3.1")
    assert schema["paths"].keys() == {
        f"/api/v1/{path}"
        for path in (
            "auth/token",
            "auth/revoke",
            "speech",
            "speech/audio/{token}",
            "readings",
            "screening",
            "voices",
            "voices/{voice}",
            "voices/{voice}/samples/{emotion}",
            "emotions",
            "broadcasts",
            "broadcasts/{code}",
            "broadcasts/{code}/audio",
            "schema/",
        )
    }


def test_the_schema_tells_what_each_door_answers(hotline: Hotline) -> None:
    schema = body(hotline, "/api/v1/schema/")
    speech = schema["paths"]["/api/v1/speech"]["post"]
    assert speech["responses"]["200"]["content"].keys() == {"audio/wav", "audio/pcm", "application/json"}
    for name, path in schema["paths"].items():
        for operation in path.values():
            is_open = name in {"/api/v1/auth/token", "/api/v1/speech/audio/{token}"}
            either = [] if is_open else [{"bearer": []}, {"apiKey": []}]
            assert operation.get("security", []) == either
            refused = {code: answer for code, answer in operation["responses"].items() if code >= "400"}
            assert {"401", "403", "429", "503"} <= refused.keys()
            assert {kind for answer in refused.values() for kind in answer["content"]} == {PROBLEM}


def test_the_schema_names_every_field_of_a_request(hotline: Hotline) -> None:
    speech = body(hotline, "/api/v1/schema/")["components"]["schemas"]["Speech"]
    assert speech["oneOf"] == [{"required": ["text"]}, {"required": ["ssml"]}]
    assert speech["additionalProperties"] is False
    assert speech["properties"]["text"]["maxLength"] == 500
    assert speech["properties"]["rate"]["maximum"] == 2.0


def test_the_schema_is_not_for_strangers(hotline: Hotline) -> None:
    assert_refused(hotline.call("GET", "/api/v1/schema/", headers={}), 401, "key_missing")
