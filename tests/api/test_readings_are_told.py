"""POST /api/v1/readings: how a text would be read, without a sound."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_django import Settings

from audit.models import Event
from govvoice.api.quota import used_today
from govvoice.api.serializers import speech_wish
from synthesis import pipeline
from synthesis.lexicon import current, services
from synthesis.models import Speech
from synthesis.text import make_script
from tests.api.cast import TEXT, Hotline, assert_refused, open_hotline
from tests.portal.broadcasts.cast import official

pytestmark = pytest.mark.django_db

READINGS = "/api/v1/readings"


def ask(hotline: Hotline, **fields: Any) -> Any:
    return hotline.post(json.dumps(fields).encode(), path=READINGS)


def told(hotline: Hotline, **fields: Any) -> dict[str, Any]:
    response = ask(hotline, **fields)
    assert response.status_code == 200, response.content
    found: dict[str, Any] = json.loads(response.content)
    return found


def approve(**fields: Any) -> None:
    """By two officials of the department whose reading it is."""
    place = fields["scope_key"] if fields["scope"] == "organisation" else "default"
    editor, reviewer = (
        official(role, f"{role}-{place}", organisation=place) for role in ("editor", "reviewer")
    )
    entry = services.propose(fields=fields, staff=editor.staff, origin=None)
    services.approve(entry=entry, staff=reviewer.staff, origin=None)
    current.look_again()


def test_every_syllable_has_its_place_and_tone(hotline: Hotline) -> None:
    found = told(hotline, text="你好，5月2日。")
    assert found.keys() == {"text", "normalized", "syllables", "phrases", "unreadable"}
    assert found["normalized"] == "你好，五月二日。"
    assert found["syllables"][0] == {"char": "你", "start": 0, "end": 1, "pinyin": "ni2", "base": "ni3"}
    assert [row["pinyin"] for row in found["syllables"][2:]] == ["wu3", "yue4", "er4", "ri4"]
    assert [(row["start"], row["end"]) for row in found["phrases"]] == [(0, 2), (3, 7)]


def test_it_is_what_the_shell_says(hotline: Hotline) -> None:
    assert told(hotline, text=TEXT) == json.loads(json.dumps(make_script(TEXT).as_dict()))


def test_the_lexicon_has_the_last_word(hotline: Hotline) -> None:
    approve(word="单县", reading="dan1 xian4", scope="organisation", scope_key="test")
    assert told(hotline, text="单县")["syllables"][0]["pinyin"] == "dan1"


def test_a_character_without_a_reading_is_given_one_by_staff(hotline: Hotline) -> None:
    (fault,) = told(hotline, text="请㐂先生")["unreadable"]
    assert (fault["start"], fault["text"], fault["reason"]) == (1, "㐂", "no_reading")
    approve(word="㐂", reading="xi3", scope="organisation", scope_key="test")
    found = told(hotline, text="请㐂先生")
    assert found["unreadable"] == []
    assert [one["pinyin"] for one in found["syllables"]] == ["qing2", "xi3", "xian1", "sheng5"]


def test_emoji_are_named_where_the_operator_says_so(hotline: Hotline, settings: Settings) -> None:
    assert [fault["reason"] for fault in told(hotline, text="谢谢👍")["unreadable"]] == ["emoji"]
    settings.NAME_EMOJI = True
    found = told(hotline, text="谢谢👍")
    assert (found["normalized"], found["unreadable"]) == ("谢谢、点赞", [])


def test_speech_is_asked_for_in_the_organisations_name(hotline: Hotline) -> None:
    spec = speech_wish({"text": "单县"}, client=hotline.row).spec
    before = pipeline.plan(spec).key
    approve(word="单县", reading="dan1 xian4", scope="organisation", scope_key="test")
    assert pipeline.plan(spec).key != before


def test_of_another_organisation_it_has_not(hotline: Hotline) -> None:
    plain = told(hotline, text="单县")
    approve(word="单县", reading="dan1 xian4", scope="organisation", scope_key="elsewhere")
    assert told(hotline, text="单县") == plain


def test_a_voice_may_have_words_of_its_own(hotline: Hotline) -> None:
    approve(word="单县", reading="dan1 xian4", scope="voice", scope_key="tone")
    assert told(hotline, text="单县", voice="tone")["syllables"][0]["pinyin"] == "dan1"


def test_nothing_to_speak_is_an_answer(hotline: Hotline) -> None:
    found = told(hotline, text="😀")
    assert found["phrases"] == []
    assert found["unreadable"] == [{"text": "😀", "start": 0, "end": 1, "reason": "emoji"}]


def test_ssml_is_read_with_places_in_the_markup(hotline: Hotline) -> None:
    ssml = '<speak>去<phoneme alphabet="py" ph="hang2 zhang3">行长</phoneme>室</speak>'
    found = told(hotline, ssml=ssml)
    assert found["normalized"] == "去行长室"
    syllable = found["syllables"][1]
    assert (syllable["pinyin"], ssml[syllable["start"] : syllable["end"]]) == ("hang2", "行")


def test_it_is_recorded_and_costs_nothing(hotline: Hotline) -> None:
    told(hotline, text=TEXT)
    event = Event.objects.get(action="readings.requested")
    assert (event.actor_id, event.status, event.characters) == ("hotline", 200, len(TEXT))
    assert not Speech.objects.exists()
    assert used_today(hotline.row) == 0


def test_it_counts_as_a_call(hotline: Hotline) -> None:
    slow = open_hotline("slow", calls_per_second=1, calls_per_minute=1)
    told(slow, text=TEXT)
    assert_refused(ask(slow, text=TEXT), 429, "rate_limited")


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({}, "text", "text_required"),
        ({"voice": "tone"}, "text", "text_required"),
        ({"text": "好", "ssml": "<speak>好</speak>"}, "text", "text_or_ssml"),
        ({"text": ""}, "text", "text_empty"),
        ({"text": "\u200b\u3000"}, "text", "text_empty"),
        ({"text": "好" * 501}, "text", "text_too_long"),
        ({"text": 1}, "text", "type"),
        ({"text": None}, "text", "type"),
        ({"text": ["好"]}, "text", "type"),
        ({"text": "好\0"}, "text", "text_invalid_character"),
        ({"text": "好\ud800"}, "text", "text_invalid_character"),
        ({"text": "好\u202e"}, "text", "text_bidi_control"),
        ({"text": "a" + "\u0301" * 100}, "text", "text_combining_run"),
        ({"text": "好", "voice": "nobody"}, "voice", "voice_unknown"),
        ({"text": "好", "voice": "../../etc/passwd"}, "voice", "voice_unknown"),
        ({"text": "好", "voice": True}, "voice", "type"),
        ({"text": "好", "rate": 1.0}, "rate", "unknown_field"),
        ({"text": "好", "organisation": "x"}, "organisation", "unknown_field"),
        ({"ssml": 1}, "ssml", "type"),
        ({"ssml": ""}, "ssml", "text_empty"),
        ({"ssml": "<speak> </speak>"}, "ssml", "text_empty"),
        ({"ssml": "a" * 50_001}, "ssml", "text_too_long"),
        ({"ssml": f"<speak>{'好' * 501}</speak>"}, "ssml", "text_too_long"),
        ({"ssml": "没有标签"}, "ssml", "ssml_invalid"),
    ],
)
def test_a_bad_question_is_refused_by_field(
    hotline: Hotline, fields: dict[str, Any], field: str, code: str
) -> None:
    problem = assert_refused(ask(hotline, **fields), 422, code)
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [(field, code)]


def test_the_place_in_the_markup_is_told(hotline: Hotline) -> None:
    problem = assert_refused(ask(hotline, ssml="<speak>好\n<audio/></speak>"), 422, "ssml_tag_forbidden")
    assert problem["detail"].startswith("SSML 第 2 行第 1 列有误：含有不支持的元素")
    assert problem["errors"][0]["position"] == 9


def test_strangers_are_told_nothing(hotline: Hotline) -> None:
    body = json.dumps({"text": TEXT}).encode()
    assert_refused(hotline.call("POST", READINGS, headers={}, body=body), 401, "key_missing")


def test_only_questions_are_posted(hotline: Hotline) -> None:
    assert_refused(hotline.get(READINGS), 405, "method_not_allowed")
    assert_refused(
        hotline.post(b"text=1", path=READINGS, content_type="text/plain"), 415, "media_type_unsupported"
    )
