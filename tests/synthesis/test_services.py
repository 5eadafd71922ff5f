"""The one way to have something spoken: screened, spoken once, counted, recorded, or refused whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from audit.models import Event
from audit.parties import Actor, Origin
from synthesis import audio, pipeline
from synthesis.cache import flight, layered
from synthesis.cache.redis import connection
from synthesis.errors import (
    EmotionUnsupported,
    SpeechError,
    SpeechUnavailable,
    TextBlocked,
    TextRefused,
    VoiceUnknown,
)
from synthesis.models import Speech, Voice
from synthesis.services import Answer, cached_audio, request_speech
from synthesis.spec import SpeechSpec
from tests.synthesis.screening.cast import forbid

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("voice", "nothing_remembered", "worker"),
]

SPEC = SpeechSpec(text="您好，今天下午停水。")
CALLER = Actor(kind="client", id="hotline", name="测试热线")


def ask(spec: SpeechSpec = SPEC, **changes: Any) -> Answer:
    return request_speech(
        spec=replace(spec, **changes),
        actor=CALLER,
        origin=Origin(address="127.0.0.1", request_id="r1"),
    )


def test_an_answer_is_counted_as_it_was_asked() -> None:
    speech = ask(rate=1.5, emotion="happy").speech
    found = Speech.objects.get()
    assert found == speech
    assert (found.caller_id, found.request_id, found.voice) == ("hotline", "r1", "tone")
    assert (found.rate, found.emotion, found.characters) == (1.5, "happy", len(SPEC.text))
    assert found.engine_version == "tone-1"


def test_the_evidence_holds_the_texts_digest_and_not_the_text() -> None:
    ask()
    event = Event.objects.get()
    assert event.characters == len(SPEC.text)
    assert SPEC.text not in str(event.details)


def test_a_pause_stands_between_phrases_and_not_at_the_end() -> None:
    answer = ask()
    marks, phrases = answer.sounding.marks, answer.plan.script.phrases
    assert [SPEC.text[mark.start : mark.end] for mark in marks] == [phrase.text for phrase in phrases]
    assert marks[1].begin - marks[0].finish == pytest.approx(phrases[0].pause, abs=0.002)
    assert answer.sounding.seconds == pytest.approx(marks[-1].finish, abs=0.002)


def test_volume_changes_level_and_nothing_else() -> None:
    loud, soft = ask(volume=50).sounding, ask(volume=20).sounding
    assert loud.seconds == soft.seconds
    assert abs(audio.decode(loud.audio)[0]).max() > abs(audio.decode(soft.audio)[0]).max()


def test_the_sound_stays_at_hand_for_its_row() -> None:
    answer = ask()
    assert cached_audio(answer.speech) == answer.sounding.audio
    layered.memory().clear()
    connection().flushdb()
    assert cached_audio(answer.speech) is None


def test_a_phrase_said_twice_in_a_text_is_made_once() -> None:
    answer = ask(text="请稍候。请稍候。请稍候。")
    assert len(answer.plan.phrase_keys) == 3
    assert len(set(answer.plan.phrase_keys)) == 1
    assert answer.speech.cache == "miss"


def test_a_lost_claim_is_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flight, "CLAIM_SECONDS", 1)
    key = pipeline.plan(SPEC).phrase_keys[0]
    assert flight.claim(key)  # by somebody who dies before he has it made
    answer = ask()
    assert answer.speech.cache == "miss"  # the other phrases were ours
    assert answer.sounding.seconds > 0


def test_a_sound_that_landed_before_the_claim_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = pipeline.plan(SPEC)
    for part in plan.parts:
        pipeline.make_phrase(key=part.key, engine="tone", phrase=part.phrase, delivery=part.delivery)
    # As if the cache had been asked an instant before they landed.
    monkeypatch.setattr(layered, "get_many", lambda keys: {})
    started: list[int] = []
    sounds, cache = pipeline.order_phrases(plan, started.append)
    assert (len(sounds), cache, started) == (len(plan.phrase_keys), "joined", [])


def test_a_missed_deadline_is_unavailable_and_counts_nothing(settings: Settings) -> None:
    settings.SPEECH_DEADLINE = 0.0
    with pytest.raises(SpeechUnavailable):
        ask(text="来不及了")
    assert not Speech.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"text": " "}, TextRefused, "text_empty"),
        ({"text": "！？"}, TextRefused, "nothing_to_speak"),
        ({"text": "好😀", "strict": True}, TextRefused, "text_unreadable"),
        ({"text": "安全账户转账"}, TextBlocked, "text_blocked"),
        ({"voice": "nobody"}, VoiceUnknown, "voice_unknown"),
        ({"emotion": "bored"}, EmotionUnsupported, "emotion_unsupported"),
    ],
)
def test_what_is_refused_is_neither_spoken_nor_counted(
    changes: dict[str, Any], error: type[SpeechError], code: str
) -> None:
    with pytest.raises(error) as caught:
        ask(**changes)
    assert caught.value.code == code
    assert not Speech.objects.exists()
    assert not Event.objects.exists()


def test_a_voice_whose_speaker_is_off_is_unknown() -> None:
    Voice.objects.get(code="tone").speaker.__class__.objects.filter(code="tone").update(is_active=False)
    with pytest.raises(VoiceUnknown):
        ask(voice="tone")


def test_a_voice_whose_engine_is_missing_is_unavailable() -> None:
    Voice.objects.filter(code="tone").update(engine="gone")
    with pytest.raises(SpeechUnavailable):
        ask()


def test_the_name_of_an_emoji_is_screened(settings: Settings) -> None:
    settings.NAME_EMOJI = True
    forbid("点赞")
    with pytest.raises(TextBlocked) as caught:
        ask(text="请您👍。")
    assert caught.value.position == 2


def test_screening_says_where_in_the_text_as_written() -> None:
    with pytest.raises(TextBlocked) as caught:
        ask(text="您好，安 全账户转\u200b账")
    assert caught.value.position == 3
