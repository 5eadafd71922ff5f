"""A category's rule and its usual emotion, and the session that keeps a caller's voice and emotion."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse

from audit.models import Event
from synthesis import uses
from synthesis.cache.redis import connection
from synthesis.catalogue import switch_off
from synthesis.models import Speech, Voice
from tests.api.cast import Hotline, assert_refused, open_hotline
from tests.portal.broadcasts.cast import official

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("flushable", "worker")]

CALL = "call-20261121/0007"


@pytest.fixture(autouse=True)
def clean_stage(nothing_remembered: None) -> None:
    """No session of an earlier test."""


def spoken(response: HttpResponse) -> tuple[str, str, float]:
    assert response.status_code == 200, response.content
    speech = Speech.objects.get(pk=response["X-Speech-Id"])
    assert response["X-Voice"] == speech.voice
    return speech.voice, speech.emotion, speech.intensity


def other_voice(code: str = "tone-2") -> Voice:
    voice = Voice.objects.get(code="tone")
    emotions = list(voice.emotions.all())
    voice.pk, voice.code, voice.is_default = None, code, False
    voice.save()
    voice.emotions.set(emotions)
    return voice


def test_a_category_brings_its_emotion_and_its_rule(hotline: Hotline) -> None:
    answer = hotline.say(category="obituary")
    assert spoken(answer) == ("tone", "sad", 0.8)
    assert spoken(hotline.say(category="obituary", emotion="serious")) == ("tone", "serious", 1.0)
    event = Event.objects.get(action="speech.requested", object_id=answer["X-Speech-Id"])
    assert event.details["category"] == "obituary"


@pytest.mark.parametrize("category", ["obituary", "disaster"])
def test_no_call_makes_it_cheerful(hotline: Hotline, category: str) -> None:
    problem = assert_refused(hotline.say(category=category, emotion="happy"), 422, "emotion_not_in_category")
    assert problem["errors"][0]["field"] == "emotion"
    assert "中性" in problem["detail"]


@pytest.mark.parametrize("value", ["wedding", "OBITUARY", "", "a" * 33])
def test_an_unknown_category_is_told(hotline: Hotline, value: str) -> None:
    assert_refused(hotline.say(category=value), 422, "category_unknown")


def test_a_session_keeps_voice_and_emotion_until_others_are_asked_for(hotline: Hotline) -> None:
    other_voice()
    first = hotline.say(session=CALL, voice="tone-2", emotion="gentle", intensity=1.5)
    assert spoken(first) == ("tone-2", "gentle", 1.5)
    assert spoken(hotline.say("请稍等。", session=CALL)) == ("tone-2", "gentle", 1.5)
    assert spoken(hotline.say(session=CALL, emotion="sad")) == ("tone-2", "sad", 1.0)
    assert spoken(hotline.say(session=CALL, voice="tone")) == ("tone", "sad", 1.0)
    assert spoken(hotline.say(session=CALL)) == ("tone", "sad", 1.0)
    assert spoken(hotline.say()) == ("tone", "neutral", 1.0)
    assert spoken(hotline.say(session="another")) == ("tone", "neutral", 1.0)


def test_a_session_is_the_clients_own_and_ends_after_half_an_hour(hotline: Hotline) -> None:
    hotline.say(session=CALL, emotion="sad")
    assert spoken(open_hotline("second").say(session=CALL)) == ("tone", "neutral", 1.0)
    keys = list(connection().scan_iter("govvoice:session:*"))
    assert len(keys) == 2
    assert all(1790 <= int(connection().ttl(key)) <= 1800 for key in keys)  # type: ignore[arg-type]
    assert not any(CALL.encode() in key for key in keys)
    connection().expire(keys[0], 60)
    connection().expire(keys[1], 60)
    hotline.say(session=CALL)
    assert max(int(connection().ttl(key)) for key in keys) > 1790  # type: ignore[arg-type]


def test_a_session_keeps_the_default_voice_it_began_with(hotline: Hotline) -> None:
    hotline.say(session=CALL)
    other = other_voice()
    Voice.objects.update(is_default=False)
    Voice.objects.filter(pk=other.pk).update(is_default=True)
    assert spoken(hotline.say(session=CALL))[0] == "tone"
    assert spoken(hotline.say())[0] == "tone-2"


def test_a_voice_that_is_gone_gives_way_to_the_usual_one(hotline: Hotline) -> None:
    other = other_voice()
    hotline.say(session=CALL, voice="tone-2", emotion="sad")
    Voice.objects.filter(pk=other.pk).update(is_active=False)
    assert spoken(hotline.say(session=CALL)) == ("tone", "sad", 1.0)


def test_a_kept_emotion_is_no_way_round_a_rule_or_a_voice(hotline: Hotline) -> None:
    hotline.say(session=CALL, emotion="happy")
    Speech.objects.all().delete()
    assert_refused(hotline.say(session=CALL, category="obituary"), 422, "emotion_not_in_category")
    Voice.objects.get(code="tone").voiceemotion_set.filter(emotion__code="happy").update(is_active=False)
    problem = assert_refused(hotline.say(session=CALL), 422, "emotion_unsupported")
    assert "neutral" in problem["detail"]


@pytest.mark.parametrize("value", ["", "a" * 65, "a b", "会话", "a\nb", "a\u0000", 7, True, ["a"], {}])
def test_a_session_is_a_short_visible_string(hotline: Hotline, value: Any) -> None:
    code = "session_invalid" if isinstance(value, str) else "type"
    assert_refused(hotline.say(session=value), 422, code)
    assert list(connection().scan_iter("govvoice:session:*")) == []


def test_a_session_goes_on_in_the_voice_that_takes_over(hotline: Hotline) -> None:
    second, third = other_voice(), other_voice("tone-3")
    assert spoken(hotline.say(session=CALL, voice="tone-2", emotion="sad"))[0] == "tone-2"
    (group,) = uses.of(second)
    assert [(str(group.room.label), use.name, use.note) for use in group.uses] == [
        ("通话会话", hotline.row.name, "1 个会话")
    ]
    switch_off(voice=second, successor=third, staff=official("system_admin").staff, origin=None)
    assert spoken(hotline.say(session=CALL))[:2] == ("tone-3", "sad")
    assert uses.of(second) == []
