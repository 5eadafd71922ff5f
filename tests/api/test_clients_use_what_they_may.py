"""Voices, emotions, formats and channels that a client is limited to: the rest is refused, or not there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Client
from accounts.services import change_client
from audit.parties import SYSTEM
from govvoice.api.auth import remembered
from synthesis.models import Voice
from tests.api.cast import Hotline, assert_refused, open_hotline

pytestmark = pytest.mark.django_db


@pytest.fixture
def hotline(voice: Voice) -> Hotline:
    return open_hotline(
        voices=["tone"],
        default_voice="tone",
        emotions=["neutral", "happy"],
        formats=["pcm"],
        channels=["hall"],
    )


def listed(hotline: Hotline, path: str) -> Any:
    return json.loads(hotline.get(f"/api/v1/{path}").content)


@pytest.mark.usefixtures("worker")
def test_what_is_allowed_is_spoken(hotline: Hotline) -> None:
    assert hotline.say(format="pcm", emotion="happy").status_code == 200


@pytest.mark.abuse(49)
def test_another_voice_is_not_there(hotline: Hotline) -> None:
    asked = hotline.say(format="pcm", voice="qinghe")
    unknown = assert_refused(hotline.say(format="pcm", voice="nobody"), 422, "voice_unknown")
    assert assert_refused(asked, 422, "voice_unknown") | {"request_id": ""} == unknown | {"request_id": ""}
    assert [row["id"] for row in listed(hotline, "voices")["voices"]] == ["tone"]
    assert_refused(hotline.get("/api/v1/voices/qinghe"), 404, "voice_unknown")


def test_ssml_opens_no_other_voice_or_emotion(hotline: Hotline) -> None:
    def say(ssml: str) -> Any:
        return hotline.post(json.dumps({"ssml": ssml, "format": "pcm"}).encode())

    assert_refused(say('<speak>好<voice name="qinghe">好</voice></speak>'), 422, "voice_unknown")
    problem = assert_refused(
        say('<speak>好<emotion category="sad">好</emotion></speak>'), 403, "emotion_not_allowed"
    )
    assert problem["errors"][0]["field"] == "ssml"


def test_another_emotion_is_refused_and_those_allowed_are_named(hotline: Hotline) -> None:
    problem = assert_refused(hotline.say(format="pcm", emotion="sad"), 403, "emotion_not_allowed")
    assert "neutral、happy" in problem["detail"]
    assert problem["errors"][0]["field"] == "emotion"
    assert {row["code"] for row in listed(hotline, "emotions")["emotions"]} == {"neutral", "happy"}
    assert listed(hotline, "voices/tone")["emotions"] == ["neutral", "happy"]


@pytest.mark.parametrize("fields", [{}, {"format": "wav"}])
def test_another_format_is_refused_also_as_the_default(hotline: Hotline, fields: dict[str, str]) -> None:
    problem = assert_refused(hotline.say(**fields), 403, "format_not_allowed")
    assert "pcm" in problem["detail"]
    assert listed(hotline, "voices/tone")["formats"] == ["pcm"]


def test_another_channel_is_not_there(hotline: Hotline) -> None:
    for name in ("hotline-menu", "nowhere"):
        assert_refused(hotline.get(f"/api/v1/broadcasts?channel={name}"), 404, "channel_unknown")


def test_a_change_acts_within_a_second(hotline: Hotline) -> None:
    change_client(client=hotline.row, fields={"formats": []}, networks=None, actor=SYSTEM, origin=None)
    remembered.forget()
    assert_refused(hotline.say("。。。"), 422, "nothing_to_speak")


def test_the_default_voice_is_one_of_those_allowed(voice: Voice) -> None:
    with pytest.raises(ValidationError, match="默认发音人"):
        open_hotline("other", voices=["tone"])
    assert not Client.objects.filter(code="other").exists()
