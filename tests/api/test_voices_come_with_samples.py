"""Voices as clients see them: whose default they are, how they sound, and only those they may use."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Client, Organisation
from govvoice.api.auth import remembered
from govvoice.broadcasts.models import Channel
from synthesis import samples
from synthesis.models import Voice
from tests.api.cast import Hotline, assert_refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_remembered")]

SAMPLE = "/api/v1/voices/tone/samples/happy"


@pytest.fixture(autouse=True)
def own_store(settings: Settings, tmp_path: Path) -> None:
    backend = "django.core.files.storage.FileSystemStorage"
    store = {"BACKEND": backend, "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "voices": store}


@pytest.fixture
def sampled(voice: Voice) -> Voice:
    for emotion in ("neutral", "happy"):
        samples.make(voice_id=voice.pk, emotion=emotion)
    return voice


def change(hotline: Hotline, kind: type[Client] | type[Organisation] = Client, **fields: Any) -> None:
    """Of the hotline's row or its department, and the door hears of it at once."""
    row = hotline.row if kind is Client else hotline.row.organisation
    kind.objects.filter(pk=row.pk).update(**fields)
    remembered.forget()


def body(hotline: Hotline, path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(hotline.get(f"/api/v1/{path}").content)
    return found


def voices(hotline: Hotline) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in body(hotline, "voices")["voices"]}


def test_a_voice_says_all_that_one_chooses_by(hotline: Hotline, sampled: Voice) -> None:
    told = body(hotline, "voices/tone")
    assert (told["gender"], told["languages"], told["speed_class"]) == ("female", ["zh-CN"], "live")
    assert told["licence_cleared"] is True
    assert [row["emotion"] for row in told["samples"]] == ["neutral", "happy"]
    shipped = body(hotline, "voices/qinghe")
    assert shipped["licence_cleared"] is False
    assert shipped["licence"].endswith("MIT")
    assert "核实授权" in shipped["provenance"]


def test_a_sample_is_fetched_once_and_then_known(hotline: Hotline, sampled: Voice) -> None:
    told = next(row for row in body(hotline, "voices/tone")["samples"] if row["emotion"] == "happy")
    assert told["url"] == SAMPLE
    answer = hotline.get(SAMPLE)
    assert (answer.status_code, answer["Content-Type"]) == (200, "audio/wav")
    assert hashlib.sha256(answer.content).hexdigest() == told["sha256"]
    assert (answer["ETag"], len(answer.content)) == (f'"{told["sha256"]}"', told["size"])
    assert hotline.get(SAMPLE, If_None_Match=answer["ETag"]).status_code == 304
    part = hotline.get(SAMPLE, Range="bytes=0-3")
    assert (part.status_code, part.content) == (206, b"RIFF")
    assert_refused(hotline.get(SAMPLE, Range="bytes=9-1"), 416, "range_invalid")


def test_emotions_come_with_their_range_and_who_can_do_them(hotline: Hotline, sampled: Voice) -> None:
    told = {row["code"]: row for row in body(hotline, "emotions")["emotions"]}
    assert told["happy"]["intensity"] == {"low": 0.01, "high": 2.0, "usual": 1.0}
    assert {"tone", "qinghe"} <= set(told["happy"]["voices"])
    assert [row["url"] for row in told["happy"]["samples"]] == [SAMPLE]
    assert told["sad"]["samples"] == []


def test_only_what_a_client_may_use_is_there_for_it(hotline: Hotline, sampled: Voice) -> None:
    change(hotline, emotions=["neutral"])
    assert [one["emotion"] for one in body(hotline, "voices/tone")["samples"]] == ["neutral"]
    assert [one["code"] for one in body(hotline, "emotions")["emotions"]] == ["neutral"]
    assert_refused(hotline.get(SAMPLE), 404, "sample_unknown")
    change(hotline, voices=["qinghe"], default_voice="qinghe")
    assert_refused(hotline.get(SAMPLE), 404, "voice_unknown")
    assert body(hotline, "emotions")["emotions"][0]["voices"] == ["qinghe"]
    assert body(hotline, "emotions")["emotions"][0]["samples"] == []


@pytest.mark.parametrize("path", ["tone/samples/sad", "tone/samples/bored", "nobody/samples/happy"])
def test_a_sample_that_is_not_there_is_not_found(hotline: Hotline, sampled: Voice, path: str) -> None:
    assert hotline.get(f"/api/v1/voices/{path}").status_code == 404


def test_a_damaged_sample_is_not_given_out(hotline: Hotline, sampled: Voice, tmp_path: Path) -> None:
    row = sampled.samples.get(emotion__code="happy")
    (tmp_path / row.path).write_bytes(b"RIFF")
    assert_refused(hotline.get(SAMPLE), 503, "audio_damaged")


def test_a_voice_says_whose_default_it_is(hotline: Hotline) -> None:
    def defaults() -> dict[str, tuple[bool, list[str]]]:
        told = {code: (row["is_default"], row["default_of"]) for code, row in voices(hotline).items()}
        return {code: told[code] for code in ("tone", "qinghe")}

    assert defaults() == {"tone": (True, ["platform"]), "qinghe": (False, [])}
    change(hotline, Organisation, default_voice="qinghe")
    assert defaults() == {"tone": (False, ["platform"]), "qinghe": (True, ["organisation"])}
    change(hotline, default_voice="tone")
    assert defaults() == {"tone": (True, ["client", "platform"]), "qinghe": (False, ["organisation"])}


def test_a_call_without_a_voice_is_spoken_by_the_nearest_default(hotline: Hotline, worker: None) -> None:
    other = Voice.objects.get(code="qinghe")
    other.engine = "tone"
    other.save()
    assert hotline.say()["X-Voice"] == "tone"
    change(hotline, Organisation, default_voice="qinghe")
    assert hotline.say()["X-Voice"] == "qinghe"
    Channel.objects.filter(code="hall").update(default_voice="tone")
    change(hotline, channels=["hall"])
    assert hotline.say()["X-Voice"] == "tone"
    change(hotline, default_voice="qinghe")
    assert hotline.say()["X-Voice"] == "qinghe"
    assert hotline.say(voice="tone")["X-Voice"] == "tone"
