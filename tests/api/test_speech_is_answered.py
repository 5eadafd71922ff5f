"""What a hotline gets for a text: sound, and headers that say what it is."""

from __future__ import annotations

import base64
import json
import threading
from typing import Any

import pytest
from django.db import connection as database
from django.http import HttpResponse

from audit.models import Event
from govvoice.api.quota import used_today
from synthesis import audio
from synthesis.cache import layered
from synthesis.engines.tone.engine import SYLLABLE_SECONDS, Tone
from synthesis.models import Speech
from tests.api.cast import TEXT, Hotline, open_hotline

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker")]


def test_a_text_comes_back_as_a_wav_of_its_length(hotline: Hotline) -> None:
    response = hotline.say("你好世界")
    assert response.status_code == 200
    assert response["Content-Type"] == "audio/wav"
    samples, rate = audio.decode(response.content)
    assert rate == 24_000
    assert len(samples) / rate == pytest.approx(4 * SYLLABLE_SECONDS, abs=0.01)


def test_the_headers_say_what_it_is(hotline: Hotline) -> None:
    response = hotline.say()
    speech = Speech.objects.get()
    assert response["X-Speech-Id"] == str(speech.pk)
    assert response["X-Voice"] == "tone"
    assert response["X-Engine"] == "tone"
    assert float(response["X-Audio-Duration"]) == pytest.approx(speech.seconds, abs=0.001)
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Disposition"] == f'attachment; filename="speech-{speech.pk}.wav"'
    assert "X-Unreadable" not in response


def test_pcm_says_its_rate_and_has_no_header(hotline: Hotline) -> None:
    wav = hotline.say(sample_rate=8000)
    pcm = hotline.say(format="pcm", sample_rate=8000)
    assert pcm["Content-Type"] == "audio/pcm;rate=8000;channels=1"
    assert pcm["Content-Disposition"].endswith('.pcm"')
    assert wav.content.endswith(pcm.content)
    assert len(wav.content) - len(pcm.content) == 44


def test_base64_carries_the_same_bytes_in_json(hotline: Hotline) -> None:
    sound = hotline.say()
    answer = json.loads(hotline.say(response="base64").content)
    assert base64.b64decode(answer["audio"]) == sound.content
    assert answer["media_type"] == "audio/wav"
    assert answer["voice"] == "tone"
    assert answer["unreadable"] == []


def test_one_line_of_evidence_stands_behind_the_sound(hotline: Hotline) -> None:
    response = hotline.say()
    event = Event.objects.get(request_id=response["X-Request-Id"])
    assert (event.action, event.outcome, event.status) == ("speech.requested", "succeeded", 200)
    assert (event.actor_kind, event.actor_id) == ("client", "hotline")
    assert event.object_id == response["X-Speech-Id"]
    assert event.characters == len(TEXT)
    assert event.address == "127.0.0.1"


def test_the_cache_header_tells_where_the_sound_came_from(hotline: Hotline) -> None:
    long = "您好，这里是政务服务热线。请问有什么可以帮您？"
    seen = [hotline.say()["X-Cache"], hotline.say()["X-Cache"]]
    layered.memory().clear()
    seen += [hotline.say()["X-Cache"], hotline.say(long)["X-Cache"]]
    assert seen == ["miss", "hit-l1", "hit-l2", "partial"]


def test_what_cannot_be_read_is_told_beside_the_sound(hotline: Hotline) -> None:
    response = hotline.say("你好😀世界")
    listed = response["X-Unreadable"]
    assert listed.isascii()
    assert json.loads(listed) == [{"start": 2, "end": 3, "text": "😀", "reason": "emoji"}]
    assert response["X-Unreadable-Count"] == "1"


def test_a_long_list_of_unreadable_signs_fits_into_the_header(hotline: Hotline) -> None:
    response = hotline.say("好😀" * 200)
    assert len(json.loads(response["X-Unreadable"])) == 20
    assert response["X-Unreadable-Count"] == "200"


@pytest.mark.abuse(8)
def test_the_text_may_be_as_long_as_the_limit(hotline: Hotline) -> None:
    assert hotline.say("好" * 500).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"emotion": "happy", "intensity": 2.0},
        {"emotion": "gentle", "intensity": 0.01},
        {"rate": 0.5},
        {"rate": 2},
        {"pitch": -12},
        {"pitch": 12},
        {"volume": 0},
        {"volume": 100},
        {"sample_rate": 48000},
        {"voice": "tone"},
    ],
)
def test_every_control_is_taken_up_to_its_ends(hotline: Hotline, fields: dict[str, Any]) -> None:
    assert hotline.say("好的", **fields).status_code == 200
    assert hotline.say("好的", **fields)["X-Cache"] == "hit-l1"


def test_a_whole_number_and_its_fraction_are_one_request(hotline: Hotline) -> None:
    hotline.say(rate=1, pitch=0)
    assert hotline.say(rate=1.0, pitch=0.0)["X-Cache"] == "hit-l1"


@pytest.mark.abuse(26, 27)
@pytest.mark.parametrize(("one", "other"), [("cafe\u0301", "café"), ("２０２４年", "2024年")])
def test_two_ways_to_write_a_sign_sound_the_same(hotline: Hotline, one: str, other: str) -> None:
    assert hotline.say(one).content == hotline.say(other).content


@pytest.mark.abuse(24, 28, 29, 30, 31)
@pytest.mark.parametrize(
    "text",
    [
        "9" * 500,
        "1e400，-0，00012，1,2,3,4，1.2.3.4.5",
        "2025年2月30日，25:61，3:0，1/0",
        "￥999999999999999999.999",
        "简繁混排：歡迎使用政務服務",
        "好。" * 250,
        "(" * 499 + "好",
        "葛\U000e0100城",
        "好\u2028的\u00a0好",
        "𠮷先生您好",
        "新\U0001fae8表情",
        "Привет，您好",
        '<script>alert("好")</script>',
        "'; DROP TABLE audit_event; --好",
    ],
)
def test_odd_texts_are_spoken(hotline: Hotline, text: str) -> None:
    assert hotline.say(text).status_code == 200


@pytest.mark.abuse(22)
def test_invisible_signs_are_counted_in_the_evidence(hotline: Hotline) -> None:
    hotline.say("中\ufe0f国\u200b你\U000e0041好")
    assert Event.objects.get(action="speech.requested").details["invisible"] == 3


def test_the_clients_own_voice_is_the_default(hotline: Hotline) -> None:
    other = open_hotline("other", default_voice="nowhere")
    assert other.say().status_code == 422
    assert other.say(voice="tone").status_code == 200


def test_characters_are_charged_once(hotline: Hotline) -> None:
    hotline.say("你好世界")
    assert used_today(hotline.row) == 4


def test_the_last_call_is_noted(hotline: Hotline) -> None:
    hotline.say()
    hotline.row.refresh_from_db()
    assert hotline.row.last_call_at is not None


@pytest.mark.django_db(transaction=True)
def test_twenty_who_ask_at_once_are_served_by_one_making(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken: list[tuple[str, ...]] = []
    render = Tone._render

    def counted(engine: Tone, phones: tuple[str, ...], delivery: Any) -> Any:
        spoken.append(phones)
        return render(engine, phones, delivery)

    monkeypatch.setattr(Tone, "_render", counted)
    answers = _all_at_once(20, lambda: hotline.say("你好世界"))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(spoken) == 1
    assert [answer["X-Cache"] for answer in answers].count("miss") == 1
    assert Speech.objects.count() == Event.objects.filter(action="speech.requested").count() == 20


def _all_at_once(count: int, ask: Any) -> list[HttpResponse]:
    answers: list[HttpResponse] = []
    barrier = threading.Barrier(count)

    def run() -> None:
        barrier.wait()
        try:
            answers.append(ask())
        finally:
            database.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers
