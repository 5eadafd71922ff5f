"""SSML in the voice that we ship: what its tags ask for is heard, also when kept and from the shell."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from numpy.typing import NDArray

from audit.models import Event
from synthesis import audio, pipeline, renditions
from synthesis.errors import TextBlocked, TextRefused
from synthesis.models import Rendition, Voice
from synthesis.pipeline import Plan
from synthesis.services import request_rendition
from synthesis.spec import SpeechSpec

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_remembered")]

Samples = NDArray[np.float32]


@pytest.fixture
def embedded(db: None) -> Voice:
    """清禾, by the real engine."""
    call_command("load_reference", verbosity=0)
    return Voice.objects.get(code="qinghe")


def marked_up(inside: str, **fields: Any) -> SpeechSpec:
    return SpeechSpec(text=f"<speak>{inside}</speak>", is_ssml=True, **fields)


def sounds_of(plan: Plan) -> list[bytes]:
    return [
        pipeline.make_phrase(
            key=part.key,
            engine=part.voice.engine,
            model=part.voice.model,
            phrase=part.phrase,
            delivery=part.delivery,
        )
        for part in plan.parts
    ]


def parts_of(inside: str, **fields: Any) -> list[Samples]:
    return [audio.decode(sound)[0] for sound in sounds_of(pipeline.plan(marked_up(inside, **fields)))]


def seconds(inside: str) -> float:
    plan = pipeline.plan(marked_up(inside))
    return pipeline.assemble(plan, sounds_of(plan)).seconds


def test_an_emotion_inside_a_sentence_changes_the_sound(embedded: Voice) -> None:
    first, plain = parts_of("<s>您的办件</s><s>已经办结</s>")
    same, happy = parts_of('<s>您的办件</s><s><emotion category="happy">已经办结</emotion></s>')
    again, strong = parts_of(
        '<s>您的办件</s><s><emotion category="happy" intensity="2">已经办结</emotion></s>'
    )
    assert np.array_equal(first, same)
    assert np.array_equal(first, again)
    assert len(happy) < len(plain), "joy is spoken faster"
    assert not np.array_equal(happy, strong)


def test_a_break_of_half_a_second_is_that_much_longer(embedded: Voice) -> None:
    without, within = (seconds(f'您好<break time="{time}"/>请稍候') for time in ("0s", "500ms"))
    assert within - without == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize(
    ("inside", "is_other"),
    [
        ('<phoneme alphabet="py" ph="hang2 zhang3">行长</phoneme>', False),  # as it is read anyway
        ('<phoneme alphabet="py" ph="xing2 chang2">行长</phoneme>', True),
        ('<prosody rate="fast">行长</prosody>', True),
        ('<prosody rate="100%" pitch="medium">行长</prosody>', False),
        ('<prosody volume="20">行长</prosody>', False),  # set at the join
        ('<emotion category="neutral">行长</emotion>', False),
        ('<voice name="qinghe">行长</voice>', False),
    ],
)
def test_a_phrase_is_made_anew_only_for_another_sound(embedded: Voice, inside: str, is_other: bool) -> None:
    plain, marked = (pipeline.plan(marked_up(text)) for text in ("行长", inside))
    assert (plain.phrase_keys != marked.phrase_keys) is is_other
    assert plain.key != marked.key, "the marks of the whole lie elsewhere"


def test_sounds_of_several_rates_are_joined_at_one(embedded: Voice) -> None:
    plan = pipeline.plan(marked_up('你好<prosody volume="25">世界</prosody>', sample_rate=16_000))
    tone = np.sin(np.arange(24_000, dtype=np.float32) / 10) / 4
    sounds = [audio.FORMATS["wav"].encode(tone, 24_000), audio.FORMATS["wav"].encode(tone, 48_000)]
    sounding = pipeline.assemble(plan, sounds)
    samples, rate = audio.decode(sounding.audio)
    assert (rate, len(samples)) == (16_000, 16_000 + 8_000)
    assert sounding.seconds == 1.5
    assert abs(samples[16_500:]).max() == pytest.approx(abs(samples[:15_500]).max() / 2, rel=0.1)
    assert [(mark.begin, mark.finish) for mark in sounding.marks] == [(0.0, 1.0), (1.0, 1.5)]


def finished(spec: SpeechSpec) -> Rendition:
    digest = hashlib.sha256(spec.text.encode()).hexdigest()
    rendition = Rendition.objects.create(spec=asdict(spec), text_sha256=digest, voice="qinghe")
    renditions.make(rendition.pk)
    rendition.refresh_from_db()
    return rendition


def test_finished_audio_may_be_of_markup(embedded: Voice) -> None:
    spec = marked_up('<s>您好</s><emotion category="gentle">请稍候</emotion>', strict=True)
    rendition = finished(spec)
    assert rendition.state == Rendition.State.READY, rendition.failure
    placed = [spec.text[start:end] for start, end, _begin, _finish in rendition.phrases]
    assert placed == ["您好", "请稍候"]


def test_finished_audio_of_wrong_markup_says_where(embedded: Voice) -> None:
    rendition = finished(SpeechSpec(text="<speak>您好<audio/></speak>", is_ssml=True))
    assert rendition.state == Rendition.State.FAILED
    assert rendition.failure.startswith("SSML 第 1 行第 10 列有误：含有不支持的元素")


def test_what_finished_audio_may_not_say_is_found_between_tags(embedded: Voice) -> None:
    with pytest.raises(TextBlocked) as caught:
        request_rendition(spec=marked_up("安全<break/>账户转账"))
    assert (caught.value.field, caught.value.position) == ("ssml", len("<speak>"))


def test_strictness_says_where_in_the_markup(embedded: Voice) -> None:
    with pytest.raises(TextRefused) as caught:
        pipeline.plan(marked_up("您好\n<s>😀</s>", strict=True))
    assert (caught.value.field, caught.value.position) == ("ssml", len("<speak>您好\n<s>"))
    assert str(caught.value.message).startswith("SSML 第 2 行第 4 列有误：“😀”无法朗读")


# --- from the shell --------------------------------------------------------------------------------------


@pytest.fixture
def speak(tmp_path: Path) -> Callable[..., str]:
    def spoken(ssml: str, **options: Any) -> str:
        shown = StringIO()
        call_command("speak", ssml, is_ssml=True, output=tmp_path / "out.wav", stdout=shown, **options)
        return shown.getvalue()

    return spoken


def test_the_shell_speaks_markup_and_shows_what_it_asks_for(
    embedded: Voice, speak: Callable[..., str]
) -> None:
    shown = speak(
        '<speak>您好<emotion category="happy">请<prosody rate="fast">稍候</prosody></emotion></speak>'
    )
    assert "qinghe  happy 1  语速 1.25  语调 0  音量 50" in shown
    event = Event.objects.get(action="speech.requested")
    assert (event.details["ssml"], event.details["emotions"]) == (True, "neutral, happy")


@pytest.mark.parametrize(
    ("ssml", "told"),
    [
        ("<speak>好", "SSML 第 1 行第 9 列有误"),
        ('<speak><voice name="nobody">好</voice></speak>', "SSML 第 1 行第 8 列有误：没有这个发音人"),
        ("<speak>安全<w>账户</w>转账</speak>", "由此起的内容不允许播报"),
    ],
)
def test_the_shell_tells_in_a_line_what_is_wrong(
    embedded: Voice, speak: Callable[..., str], ssml: str, told: str
) -> None:
    with pytest.raises(CommandError, match=told):
        speak(ssml)


def test_an_engine_alone_speaks_markup_of_one_voice(speak: Callable[..., str]) -> None:
    assert "happy" in speak('<speak><emotion category="happy">好</emotion></speak>', engine_only="tone")
    with pytest.raises(CommandError, match="请去掉 SSML 中的 voice"):
        speak('<speak voice="qinghe">好</speak>', engine_only="tone")
