"""A request that was parsed, and that a rule refuses: 422, with the field, a code, and a place."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from synthesis.models import Voice
from tests.api.cast import Hotline, assert_refused

pytestmark = pytest.mark.django_db

FAMILY = "😀👨\u200d👩\u200d👧"


def refused_field(hotline: Hotline, code: str, **fields: Any) -> dict[str, Any]:
    problem = assert_refused(hotline.say(**fields), 422, code)
    found: dict[str, Any] = problem["errors"][0]
    assert found["code"] == code
    assert found["message"]
    return found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("", "text_empty", id="nothing"),
        pytest.param("  \u3000\r\n\t", "text_empty", id="only space"),
        pytest.param("\u200b\ufeff\u2060", "text_empty", id="only zero-width signs"),
        pytest.param("\ufe0f\U000e0041", "text_empty", id="only selectors and tags"),
        pytest.param("。。。！！", "nothing_to_speak", id="only marks"),
        pytest.param(FAMILY, "nothing_to_speak", id="only emoji"),
        pytest.param("好" * 501, "text_too_long", id="one too many"),
        pytest.param("。" * 5_000, "text_too_long", id="5,000 marks"),
        pytest.param("\ufdfa" * 1_000, "text_too_long", id="U+FDFA, too many as it stands"),
        pytest.param("\ufdfa" * 100, "text_too_long", id="U+FDFA, too long when unfolded"),
        pytest.param("9" * 501, "text_too_long", id="501 digits"),
        pytest.param("好\ud800", "text_invalid_character", id="lone surrogate"),
        pytest.param("好\udc00\ud800", "text_invalid_character", id="surrogates the wrong way round"),
        pytest.param("好\0", "text_invalid_character", id="NUL"),
        pytest.param("好\a", "text_invalid_character", id="BEL"),
        pytest.param("好\x1b[2J", "text_invalid_character", id="escape sequence"),
        pytest.param("好\x85", "text_invalid_character", id="C1"),
        pytest.param("好\ue000", "text_invalid_character", id="private use"),
        pytest.param("好\U00100000", "text_invalid_character", id="private plane"),
        pytest.param("好\u0378", "text_invalid_character", id="unassigned"),
        pytest.param("好\ufffe", "text_invalid_character", id="U+FFFE"),
        pytest.param("好\U0010ffff", "text_invalid_character", id="U+10FFFF"),
        pytest.param("好\U0002fffe", "text_invalid_character", id="noncharacter among the Han"),
        pytest.param("好\u202ea", "text_bidi_control", id="override"),
        pytest.param("好\u2066a\u2069", "text_bidi_control", id="isolate"),
        pytest.param("a" + "\u0301" * 1_000, "text_combining_run", id="Zalgo"),
    ],
)
def test_a_text_that_cannot_be_taken_is_refused(hotline: Hotline, text: str, code: str) -> None:
    assert refused_field(hotline, code, text=text)["field"] == "text"


def test_the_text_is_required(hotline: Hotline) -> None:
    problem = assert_refused(hotline.post(b"{}"), 422, "text_required")
    assert [error["field"] for error in problem["errors"]] == ["text"]


def test_a_long_text_is_told_its_length_and_the_limit(hotline: Hotline) -> None:
    error = refused_field(hotline, "text_too_long", text="好" * 501)
    assert (error["length"], error["limit"]) == (501, 500)


def test_length_is_counted_after_composition(hotline: Hotline) -> None:
    assert refused_field(hotline, "nothing_to_speak", text="\u1100\u1161" * 400)  # Hangul: 400 when composed


@pytest.mark.parametrize(
    ("text", "position"), [("你好\x07吗", 2), ("好😀\u202e", 2), ("e" + "\u0301" * 9, 9)]
)
def test_the_place_is_counted_in_code_points(hotline: Hotline, text: str, position: int) -> None:
    problem = json.loads(hotline.say(text).content)
    assert problem["errors"][0]["position"] == position


WRONG_TYPES: dict[str, list[Any]] = {
    "text": [123, True, [], {}, None, 1.5],
    "rate": [True, "1.5", "１.5", "nan", [], None],
    "intensity": [False, "1", {}],
    "pitch": ["٣", True, None],
    "volume": ["50", 50.0, 50.5, True, None],
    "sample_rate": ["8000", 8000.0, True, None, []],
    "format": [1, None, ["wav"]],
    "voice": [1, None, {"id": "tone"}],
    "emotion": [1, None],
    "response": [0, None],
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in WRONG_TYPES.items() for value in values]
)
def test_nothing_is_turned_into_another_type(hotline: Hotline, field: str, value: Any) -> None:
    assert refused_field(hotline, "type", **{field: value})["field"] == field


OUTSIDE: dict[tuple[str, str], list[Any]] = {
    ("rate", "rate_range"): [0, -1, 0.49, 2.01, 1e-320, 10**31],
    ("intensity", "intensity_range"): [0, 0.009, 2.1],
    ("pitch", "pitch_range"): [-12.1, 13],
    ("volume", "volume_range"): [-1, 101, 10**9],
    ("sample_rate", "sample_rate"): [12345, 2**63, -8000, 0, 44100],
    ("format", "format"): ["exe", "WAV\n", "../wav", "WAV", "", "mp3"],
    ("response", "response"): ["link", "", "AUDIO"],
    ("emotion", "emotion_unsupported"): ["x", "", "快乐", "A" * 10_000, "happy\0"],
}


@pytest.mark.parametrize(
    ("field", "code", "value"), [(*rule, value) for rule, values in OUTSIDE.items() for value in values]
)
def test_values_outside_their_range_are_refused(hotline: Hotline, field: str, code: str, value: Any) -> None:
    assert refused_field(hotline, code, **{field: value})["field"] == field


VOICES_OUTSIDE = (
    "../../etc/passwd",
    "..%2f",
    "C:\\",
    "\\\\host\\x",
    "file:///etc/passwd",
    "/etc/passwd",
    "a" * 10_000,
    "voice\0.pt",
    "tone.",
    "tone ",
    "／etc／passwd",
    "tone\n",
    "Tone",
    "nobody",
    "",
    "' OR 1=1",
)


@pytest.mark.parametrize("voice", VOICES_OUTSIDE)
def test_a_voice_that_is_not_ours_is_unknown(hotline: Hotline, voice: str) -> None:
    assert refused_field(hotline, "voice_unknown", voice=voice)["field"] == "voice"


def test_a_disabled_voice_looks_like_an_unknown_one(hotline: Hotline) -> None:
    unknown = json.loads(hotline.say(voice="nobody").content)
    Voice.objects.filter(code="qinghe").update(is_active=False)
    disabled = json.loads(hotline.say(voice="qinghe").content)
    assert {**disabled, "request_id": ""} == {**unknown, "request_id": ""}


def test_a_voices_name_opens_no_file(hotline: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    really = os.open

    def watched(path: Any, *arguments: Any, **options: Any) -> int:
        opened.append(str(path))
        return really(path, *arguments, **options)

    monkeypatch.setattr(os, "open", watched)
    for voice in VOICES_OUTSIDE:
        hotline.say(voice=voice)
    assert not [path for path in opened if "passwd" in path or "host" in path]


@pytest.mark.parametrize("name", ["admin", "SSML", "speed", "TEXT", "text\0", "__proto__", "\ud800", "字段"])
def test_unknown_fields_are_refused_by_name(hotline: Hotline, name: str) -> None:
    error = refused_field(hotline, "unknown_field", **{name: True})
    assert error["field"].isprintable()


def test_all_that_is_wrong_is_told_at_once(hotline: Hotline) -> None:
    problem = assert_refused(hotline.say("好", rate=9, volume="x", admin=True), 422, "rate_range")
    told = {error["field"]: error["code"] for error in problem["errors"]}
    assert told == {"rate": "rate_range", "volume": "type", "admin": "unknown_field"}


@pytest.mark.parametrize(
    "text",
    ["请把钱转到安全账户转账", "请 安 全 账 户 转 账", "安全\u200b账户转账", "安全账户转账".center(40, "好")],
)
def test_a_forbidden_word_is_refused_by_its_place_and_not_repeated(hotline: Hotline, text: str) -> None:
    error = refused_field(hotline, "text_blocked", text=text)
    assert error["position"] == text.index("安")
    assert "账户" not in error["message"]


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("text", ["生日快乐", "提成分红方案", "have a nice day", "请前往地铁口交易大厅办理"])
def test_harmless_texts_pass_the_word_list(hotline: Hotline, text: str) -> None:
    assert hotline.say(text).status_code == 200
