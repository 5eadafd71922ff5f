"""All voices are brought to one loudness, and emotions keep their pauses."""

from __future__ import annotations

import numpy as np
import pytest

from synthesis import audio, pipeline
from synthesis.engines.base import Delivery
from synthesis.engines.registry import get_engine
from synthesis.engines.tone.engine import Tone
from synthesis.models import Voice
from synthesis.pipeline import Plan
from synthesis.spec import SpeechSpec

pytestmark = pytest.mark.django_db

TEXT = "您好，请稍等。"


def rms(plan: Plan) -> float:
    """Of the plan's sound, made as workers and doors make it."""
    from django.conf import settings

    sounds = []
    for part in plan.parts:
        engine = get_engine(part.voice.engine, folder=settings.VOICES_DIR, model=part.voice.model)
        sound = engine.speak(part.phrase, part.delivery)
        sounds.append(audio.FORMATS["wav"].encode(sound.samples, sound.sample_rate))
    samples, _rate = audio.decode(pipeline.assemble(plan, sounds).audio)
    return float(np.sqrt((samples**2).mean()))


def test_a_soft_voice_is_turned_up_to_the_others(voice: Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    before = pipeline.plan(SpeechSpec(text=TEXT, volume=20))
    monkeypatch.setattr(Tone, "loudness", -29.0)
    after = pipeline.plan(SpeechSpec(text=TEXT, volume=20))
    assert [{part.level_db for part in plan.parts} for plan in (before, after)] == [{0.0}, {6.0}]
    assert rms(after) / rms(before) == pytest.approx(10 ** (6 / 20), rel=0.01)
    # The phrase's own sound is the same and stays in the cache; the whole is another one.
    assert after.phrase_keys == before.phrase_keys
    assert after.key != before.key


@pytest.mark.parametrize("code", ["qinghe", "qinghe-youthful", "qinghe-steady"])
def test_the_embedded_voices_are_near_the_target(voice: Voice, code: str) -> None:
    spec = SpeechSpec(text="办理居住证请带上身份证原件和一张近期照片。", voice=code)
    plan = pipeline.plan(spec)
    assert plan.parts[0].level_db != 0.0
    assert 0.02 < rms(plan) < 0.09


def test_an_emotion_stretches_the_pauses_of_punctuation(voice: Voice) -> None:
    pauses = {
        emotion: pipeline.plan(SpeechSpec(text=TEXT, voice="qinghe", emotion=emotion)).parts[0].phrase.pause
        for emotion in ("neutral", "sad", "angry")
    }
    assert pauses == {"neutral": 0.2, "sad": 0.4, "angry": 0.12}


def test_a_pause_that_the_author_asked_for_stays_as_he_asked(voice: Voice) -> None:
    markup = '<speak>您好<break time="500ms"/>请稍等。再见。</speak>'
    spec = SpeechSpec(text=markup, is_ssml=True, voice="qinghe", emotion="sad")
    assert [part.phrase.pause for part in pipeline.plan(spec).parts] == [0.5, 0.8, 0.0]


def test_a_stronger_emotion_rests_longer_within_limits(voice: Voice) -> None:
    embedded = get_engine("fastspeech2", folder=pipeline.settings.VOICES_DIR)
    rests = [embedded.rest(Delivery("sad", intensity)) for intensity in (0.01, 0.5, 1.0, 2.0)]
    assert rests == sorted(rests)
    assert rests[0] == pytest.approx(1.0, abs=0.02)
    assert rests[-1] == 2.5
