"""POST /api/v1/speech with SSML: its tags are heard, faults have their place, nothing hides in them."""

from __future__ import annotations

import json
import socket
from typing import Any

import numpy as np
import pytest
from django.http import HttpResponse

from audit.models import Event
from govvoice.api.quota import used_today
from synthesis import audio
from synthesis.engines.tone.engine import SYLLABLE_SECONDS
from synthesis.models import Emotion, Speaker, Speech, Voice, VoiceEmotion
from tests.api.cast import Hotline, assert_refused
from tests.synthesis.screening.cast import forbid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker")]

BANNED = "安全账户转账"


def ask(hotline: Hotline, inside: str, **fields: Any) -> HttpResponse:
    return send(hotline, f"<speak>{inside}</speak>", **fields)


def send(hotline: Hotline, ssml: Any, **fields: Any) -> HttpResponse:
    return hotline.post(json.dumps({"ssml": ssml, **fields}).encode())


def heard(response: HttpResponse) -> np.ndarray[Any, Any]:
    assert response.status_code == 200, response.content
    samples, _rate = audio.decode(response.content)
    return samples


def seconds(response: HttpResponse) -> float:
    assert response.status_code == 200, response.content
    return float(response["X-Audio-Duration"])


def another_voice(code: str = "low") -> Voice:
    """One more voice of the tone engine, with a rate of its own and no emotion but one."""
    voice = Voice.objects.create(
        code=code,
        speaker=Speaker.objects.create(code=code, name=code, gender="male"),
        engine="tone",
        sample_rate=16_000,
        speed_class="live",
        licence="-",
        provenance="-",
    )
    voice.emotions.set(Emotion.objects.filter(code="neutral"))
    return voice


# --- what is heard ---------------------------------------------------------------------------------------


def test_markup_that_asks_for_nothing_sounds_like_its_text(hotline: Hotline) -> None:
    assert ask(hotline, "你好世界").content == hotline.say("你好世界").content


@pytest.mark.parametrize(("milliseconds", "longer"), [(500, 0.5), (1250, 1.25), (0, 0.0)])
def test_a_break_is_as_much_longer_as_it_says(hotline: Hotline, milliseconds: int, longer: float) -> None:
    plain, broken = ask(hotline, "你好世界"), ask(hotline, f'你好<break time="{milliseconds}ms"/>世界')
    assert seconds(broken) - seconds(plain) == pytest.approx(longer, abs=0.001)


def test_an_emotion_inside_a_sentence_changes_only_its_words(hotline: Hotline) -> None:
    plain = heard(ask(hotline, "<s>今天很</s><s>高兴</s>"))
    moved = heard(ask(hotline, '<s>今天很</s><s><emotion category="happy">高兴</emotion></s>'))
    border = round(3 * SYLLABLE_SECONDS * 24_000)
    assert np.array_equal(plain[:border], moved[:border])
    assert not np.array_equal(plain[border:], moved[border:])


@pytest.mark.parametrize(
    "inside", ['<emotion category="sad">好的</emotion>', '<phoneme ph="hao4 de5">好的</phoneme>']
)
def test_what_changes_the_sound_is_made_anew(hotline: Hotline, inside: str) -> None:
    ask(hotline, "好的")
    assert ask(hotline, inside)["X-Cache"] == "miss"
    assert len(set(Speech.objects.values_list("rendition_key", flat=True))) == 2


def test_rates_of_request_and_markup_multiply(hotline: Hotline) -> None:
    fast = ask(hotline, '<prosody rate="150%">你好世界</prosody>', rate=1.2)
    assert seconds(fast) == pytest.approx(4 * SYLLABLE_SECONDS / 1.8, abs=0.001)
    assert hotline.say("你好世界", rate=1.8)["X-Cache"] != "miss", "one sound, however it is asked for"


def test_pitches_of_request_and_markup_add_up(hotline: Hotline) -> None:
    assert ask(hotline, '<prosody pitch="+2st">你好</prosody>', pitch=1).status_code == 200
    assert hotline.say("你好", pitch=3).content == ask(hotline, "你好", pitch=3).content
    assert hotline.say("你好", pitch=3)["X-Cache"] == "hit-l1"


def test_a_part_may_be_softer_than_the_rest(hotline: Hotline) -> None:
    samples = heard(ask(hotline, '你好<prosody volume="25">世界</prosody>', volume=40))
    loud, soft = np.split(np.abs(samples), 2)
    assert soft.max() == pytest.approx(loud.max() / 2, rel=0.05)


def test_silence_may_be_asked_for(hotline: Hotline) -> None:
    samples = heard(ask(hotline, '你好<prosody volume="silent">世界</prosody>'))
    assert not np.split(samples, 2)[1].any()


def test_two_voices_share_one_sound(hotline: Hotline) -> None:
    another_voice()
    response = ask(hotline, '你好<voice name="low">世界</voice>')
    assert (response["X-Voice"], response["X-Engine"]) == ("tone,low", "tone")
    assert seconds(response) == pytest.approx(4 * SYLLABLE_SECONDS, abs=0.001)
    assert audio.decode(response.content)[1] == 24_000, "at the rate of the one who begins"


def test_the_voice_of_speak_is_the_voice_of_the_whole(hotline: Hotline) -> None:
    another_voice()
    response = send(hotline, '<speak voice="low">你好</speak>')
    assert response["X-Voice"] == "low"
    assert Speech.objects.get().voice == "low"
    assert audio.decode(response.content)[1] == 16_000


def test_what_cannot_be_read_is_told_by_its_place_in_the_markup(hotline: Hotline) -> None:
    told = json.loads(ask(hotline, "好😀")["X-Unreadable"])
    assert [(piece["start"], piece["end"]) for piece in told] == [(8, 9)]


# --- what is counted and recorded ------------------------------------------------------------------------


def test_only_what_is_spoken_is_charged(hotline: Hotline) -> None:
    ask(hotline, '\n  <s>你好</s>\n  <s><sub alias="全世界">世界</sub></s>\n')
    assert used_today(hotline.row) == Speech.objects.get().characters == len("你好 全世界")


def test_tags_count_for_nothing(hotline: Hotline) -> None:
    assert ask(hotline, "<w>好</w>" * 500).status_code == 200
    assert_longer(ask(hotline, "<w>好</w>" * 501))


def assert_longer(response: HttpResponse) -> None:
    error = json.loads(response.content)["errors"][0]
    assert (error["code"], error["length"], error["limit"]) == ("text_too_long", 501, 500)


def test_the_evidence_is_of_what_was_sent(hotline: Hotline) -> None:
    another_voice()
    ssml = '<speak>你好<voice name="low">世界</voice></speak>'
    response = send(hotline, ssml)
    event = Event.objects.get(request_id=response["X-Request-Id"])
    assert (event.action, event.characters) == ("speech.requested", len(ssml))
    assert event.details["ssml"] is True
    assert event.details["spoken_characters"] == 4
    assert event.details["voices"] == "tone tone-1, low tone-1"
    assert "你好" not in str(event.details)


def test_a_failed_request_costs_nothing(hotline: Hotline) -> None:
    assert_refused(ask(hotline, '<voice name="nobody">好</voice>'), 422, "voice_unknown")
    assert used_today(hotline.row) == 0


# --- what is refused -------------------------------------------------------------------------------------

LAUGHS = (
    "<!DOCTYPE l [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {b} '{('&' + a + ';') * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><speak>&i;</speak>"
)
HOSTILE = [
    (LAUGHS, "ssml_entity_forbidden"),
    (f"<!DOCTYPE x [<!ENTITY a '{'a' * 9000}'>]><speak>{'&a;' * 9000}</speak>", "ssml_entity_forbidden"),
    ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><speak>好</speak>', "ssml_entity_forbidden"),
    ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><speak>&e;</speak>', "ssml_entity_forbidden"),
    ('<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1/">%p;]><speak/>', "ssml_entity_forbidden"),
    ("<speak>&nbsp;好</speak>", "ssml_entity_forbidden"),
    ("<speak>" + "<s>" * 1000 + "好" + "</s>" * 1000 + "</speak>", "ssml_too_deep"),
    ("<speak " + " ".join(f'a{n}="1"' for n in range(4_000)) + ">好</speak>", "ssml_too_deep"),
    ('<speak><audio src="http://169.254.169.254/"/>好</speak>', "ssml_tag_forbidden"),
    ('<speak><lexicon uri="http://127.0.0.1/"/>好</speak>', "ssml_tag_forbidden"),
    ('<speak><xi:include href="file:///etc/passwd"/>好</speak>', "ssml_tag_forbidden"),
    ("<speak><?xml-stylesheet href='x'?>好</speak>", "ssml_tag_forbidden"),
    ('<speak>好<break time="99999999s"/>好</speak>', "break_range"),
    ('<speak>好<break time="-1s"/>好</speak>', "break_range"),
    ('<speak>好<break time="1e9s"/>好</speak>', "break_range"),
    ("<speak>" + '好<break time="10s"/>' * 31 + "</speak>", "break_range"),
    ('<speak><prosody rate="-500%">好</prosody></speak>', "rate_range"),
    ('<speak><prosody pitch="NaN">好</prosody></speak>', "pitch_range"),
    ('<speak><prosody volume="101">好</prosody></speak>', "volume_range"),
    ('<speak><emotion category="happy" intensity="9">好</emotion></speak>', "intensity_range"),
    ('<speak><emotion category="bored">好</emotion></speak>', "emotion_unknown"),
    ('<speak><phoneme alphabet="py" ph="xyz9">好</phoneme></speak>', "phoneme_invalid"),
    ('<speak><say-as interpret-as="haiku">好</say-as></speak>', "say_as_unknown"),
    ("<speak>好", "ssml_invalid"),
    ("<speak><![CDATA[好]]></speak>", "ssml_invalid"),
    ('<speak xmlns:x="urn:x">好</speak>', "ssml_invalid"),
    ('<x:speak xmlns:x="http://www.w3.org/2001/10/synthesis">好</x:speak>', "ssml_tag_forbidden"),
    ('<?xml version="1.0" encoding="utf-7"?><speak>好</speak>', "ssml_invalid"),
    ('<?xml version="1.0" encoding="utf-7"?>+ADw-speak+AD4-', "ssml_invalid"),
    ("没有标签", "ssml_invalid"),
    ('<speak><voice name="nobody">好</voice></speak>', "voice_unknown"),
    ('<speak><voice name="../../etc/passwd">好</voice></speak>', "voice_unknown"),
    ('<speak voice="qinghe2">好</speak>', "voice_unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("ssml", "code"), HOSTILE, ids=[f"{code}-{ssml[:40]}" for ssml, code in HOSTILE])
def test_hostile_markup_is_refused_by_its_place(
    hotline: Hotline, ssml: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[Any] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *found, **_options: reached.append(found))
    problem = assert_refused(send(hotline, ssml), 422, code)
    (error,) = problem["errors"]
    assert error["field"] == "ssml"
    assert 0 <= error["position"] <= len(ssml)
    assert problem["detail"].startswith("SSML 第 ")
    assert not reached


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({}, "text", "text_required"),
        ({"text": "好", "ssml": "<speak>好</speak>"}, "text", "text_or_ssml"),
        ({"ssml": 5}, "ssml", "type"),
        ({"ssml": None}, "ssml", "type"),
        ({"ssml": ["<speak>好</speak>"]}, "ssml", "type"),
        ({"ssml": ""}, "ssml", "text_empty"),
        ({"ssml": "<speak> </speak>"}, "ssml", "text_empty"),
        ({"ssml": "<speak>\u200b</speak>"}, "ssml", "text_empty"),
        ({"ssml": "<speak>。！</speak>"}, "ssml", "nothing_to_speak"),
        ({"ssml": "<speak>" + "a" * 50_000 + "</speak>"}, "ssml", "text_too_long"),
        ({"ssml": "<speak>" + "好" * 501 + "</speak>"}, "ssml", "text_too_long"),
        ({"ssml": "<speak>" + "&#xfdfa;" * 100 + "</speak>"}, "ssml", "text_too_long"),
        ({"ssml": "<speak>好\0</speak>"}, "ssml", "text_invalid_character"),
        ({"ssml": "<speak>好\ud800</speak>"}, "ssml", "text_invalid_character"),
        ({"ssml": "<speak>好\u202e</speak>"}, "ssml", "text_bidi_control"),
    ],
)
def test_a_bad_field_is_refused(hotline: Hotline, fields: dict[str, Any], field: str, code: str) -> None:
    problem = assert_refused(hotline.post(json.dumps(fields).encode()), 422, code)
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [(field, code)]


@pytest.mark.parametrize(
    ("inside", "code", "position"),
    [
        ("好&#x202e;好", "text_bidi_control", 8),
        ("<s>&#xe000;</s>", "text_invalid_character", 10),
        (
            f"好<sub alias='a{'&#x301;' * 9}'>a</sub>",
            "text_combining_run",
            8 + len(f"<sub alias='a{'&#x301;' * 9}'>"),
        ),
        ("好&#65534;", "ssml_invalid", 8),
    ],
)
def test_references_smuggle_nothing_in(hotline: Hotline, inside: str, code: str, position: int) -> None:
    (error,) = assert_refused(ask(hotline, inside), 422, code)["errors"]
    assert (error["field"], error["position"]) == ("ssml", position)


def test_a_refusal_tells_line_and_column(hotline: Hotline) -> None:
    problem = assert_refused(ask(hotline, '好\n  <voice name="nobody">好</voice>'), 422, "voice_unknown")
    assert problem["detail"] == "SSML 第 2 行第 3 列有误：没有这个发音人。"
    assert problem["errors"][0]["position"] == 11


@pytest.mark.abuse(49)
def test_a_voice_that_is_switched_off_looks_unknown(hotline: Hotline) -> None:
    another_voice()
    Voice.objects.filter(code="low").update(is_active=False)
    assert_refused(ask(hotline, '<voice name="low">好</voice>'), 422, "voice_unknown")


@pytest.mark.parametrize(
    ("inside", "fields", "code"),
    [
        ('<prosody rate="200%">好</prosody>', {"rate": 1.5}, "rate_range"),
        ('<prosody pitch="+8st">好</prosody>', {"pitch": 6}, "pitch_range"),
        ('<prosody volume="80">好</prosody>', {"volume": 80}, "volume_range"),
    ],
)
def test_request_and_markup_together_stay_within_range(
    hotline: Hotline, inside: str, fields: dict[str, Any], code: str
) -> None:
    problem = assert_refused(ask(hotline, f"好{inside}", **fields), 422, code)
    assert problem["errors"][0]["field"] == "ssml"
    assert problem["errors"][0]["position"] == len(f"<speak>好{inside}") - len("好</prosody>")


def test_a_voice_is_asked_only_for_emotions_that_it_has(hotline: Hotline) -> None:
    another_voice()
    inside = '<voice name="low"><emotion category="happy">好</emotion></voice>'
    problem = assert_refused(ask(hotline, inside), 422, "emotion_unsupported")
    assert "low 不支持情感 happy，可用：neutral" in problem["detail"]
    assert problem["errors"][0]["field"] == "ssml"


def test_an_emotion_of_the_request_is_told_as_the_requests(hotline: Hotline) -> None:
    VoiceEmotion.objects.filter(voice__code="tone", emotion__code="happy").delete()
    problem = assert_refused(ask(hotline, "好", emotion="happy"), 422, "emotion_unsupported")
    assert problem["errors"][0]["field"] == "emotion"
    assert ask(hotline, '<emotion category="sad">好</emotion>', emotion="happy").status_code == 200


@pytest.mark.abuse(57)
@pytest.mark.parametrize(
    "inside",
    [
        BANNED,
        "安全<break/>账户转账",
        "安全<!-- 好 -->账户转账",
        "<s>安全账户</s><s>转账</s>",
        "安全<w>账户</w>转账",
        "安全&#x8d26;户转账",
        '安全<sub alias="账户">好的</sub>转账',
        '<sub alias="安全账户转账">好的</sub>',
        "安全<say-as interpret-as='verbatim'>账户</say-as>转账",
        '安全<emotion category="happy">账<prosody rate="150%">户</prosody></emotion>转账',
        "安\n  <s>全</s>\n  账户转账",
    ],
)
def test_tags_hide_no_forbidden_word(hotline: Hotline, inside: str) -> None:
    problem = assert_refused(ask(hotline, f"您好，{inside}"), 422, "text_blocked")
    (error,) = problem["errors"]
    assert error["field"] == "ssml"
    assert "账" not in problem["detail"]
    assert 10 <= error["position"] < len(f"<speak>您好，{inside}")


def test_given_syllables_are_screened(hotline: Hotline) -> None:
    forbid("jia3yi3")
    problem = assert_refused(ask(hotline, '好<phoneme ph="jia3 yi3">你好</phoneme>'), 422, "text_blocked")
    assert problem["errors"][0]["position"] == len('<speak>好<phoneme ph="jia3 yi3">')
