"""A call is counted before anything is done for it; a plain text is charged in the same trip to Valkey.

Whatever fails afterwards costs no characters, and has been a call all the same.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from django.db import connection as database
from django.http import HttpResponse
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from govvoice.api import auth
from govvoice.api.bodies import AT_ONCE_SECONDS
from govvoice.api.parsers import BODY_SECONDS
from govvoice.api.quota import used_this_month, used_today
from govvoice.api.text_rules import clean_text, plain_characters
from govvoice.api.throttles import insistent
from synthesis.cache.redis import connection
from synthesis.engines.base import EngineFailed
from synthesis.engines.tone.engine import Tone
from tests.api.cast import SPEECH, Hotline, assert_refused, open_hotline
from tests.api.test_limits_hold import at_once
from tests.synthesis.screening.cast import forbid

pytestmark = pytest.mark.django_db

VOICES = "/api/v1/voices"
HELLO = "你好世界"
PLAIN = json.dumps({"text": HELLO}).encode()
MARKUP = json.dumps({"ssml": f"<speak>{HELLO}</speak>"}).encode()
# An over-limit caller's ways to be expensive.
COSTLY = {
    "plain": PLAIN,
    "markup": MARKUP,
    "broken": b'{"text": ',
    "empty": b"",
    "unknown voice": json.dumps({"text": HELLO, "voice": "nobody"}).encode(),
    "unknown session": json.dumps({"text": HELLO, "session": "s-1"}).encode(),
    "long": json.dumps({"text": "好" * 9_000}).encode(),
    "huge": b" " * 1_000_000,
}


def left(response: HttpResponse) -> int:
    return int(response["RateLimit-Remaining"])


def scripts_run(act: Callable[[], Any]) -> int:
    """How many scripts Valkey runs meanwhile."""

    def total() -> int:
        told: Any = connection().info("commandstats")
        return sum(told.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("evalsha", "eval"))

    before = total()
    act()
    return total() - before


@pytest.mark.usefixtures("worker")
def test_a_plain_text_from_the_cache_takes_one_trip(hotline: Hotline) -> None:
    assert hotline.say(HELLO).status_code == 200
    assert scripts_run(lambda: hotline.say(HELLO)) == 1
    assert used_today(hotline.row) == used_this_month(hotline.row) == 8


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(("text", "counted"), [("cafe\u0301", 4), ("e\u0301" * 260, 260)])
def test_the_characters_charged_are_those_of_the_text_in_nfc(
    hotline: Hotline, text: str, counted: int
) -> None:
    assert hotline.say(text).status_code == 200
    assert used_today(hotline.row) == counted


@pytest.mark.parametrize("text", ["你好", "e\u0301a", "\u2126", "\u0958", "\u1100\u1161\u11a8", "\U0001f600"])
def test_what_is_charged_at_the_door_is_what_the_clean_text_counts(text: str) -> None:
    assert plain_characters({"text": text}) == len(clean_text(text, limit=500))


@pytest.mark.usefixtures("worker")
def test_markup_is_charged_for_what_is_spoken(hotline: Hotline) -> None:
    assert hotline.post(MARKUP).status_code == 200
    assert used_today(hotline.row) == 4


@pytest.mark.usefixtures("worker")
@pytest.mark.django_db(transaction=True)
def test_of_fifty_texts_at_once_ten_are_spoken_and_charged(voice: Any) -> None:
    hotline = open_hotline(calls_per_minute=10)
    answers = at_once(50, lambda: hotline.say(HELLO).status_code)
    assert (answers.count(200), answers.count(429)) == (10, 40)
    assert used_today(hotline.row) == 40


@pytest.mark.usefixtures("worker")
@pytest.mark.django_db(transaction=True)
def test_of_fifty_texts_at_once_those_that_fit_the_day_are_spoken(voice: Any) -> None:
    hotline = open_hotline(characters_per_day=43)
    answers = at_once(50, lambda: hotline.say(HELLO))
    assert [answer.status_code for answer in answers].count(200) == 10
    assert used_today(hotline.row) == 40
    assert len({left(answer) for answer in answers}) > 1


@pytest.mark.parametrize("body", [PLAIN, MARKUP])
def test_a_call_whose_characters_are_refused_is_counted(voice: Any, body: bytes) -> None:
    hotline = open_hotline(calls_per_minute=2, characters_per_day=3)
    first, second, third = (hotline.post(body) for _ in range(3))
    assert_refused(first, 429, "quota_exceeded")
    assert_refused(second, 429, "quota_exceeded")
    assert_refused(third, 429, "rate_limited")
    assert (left(first), left(second), left(third)) == (1, 0, 0)
    assert int(first["Retry-After"]) >= 1
    assert used_today(hotline.row) == 0


def test_a_call_too_many_is_not_charged(voice: Any) -> None:
    hotline = open_hotline(calls_per_minute=1)
    hotline.get(VOICES)
    assert_refused(hotline.say(HELLO), 429, "rate_limited")
    assert used_today(hotline.row) == 0


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"rate": 9}, "rate_range"),
        ({"nonsense": 1}, "unknown_field"),
        ({"voice": "nobody"}, "voice_unknown"),
        ({"voice": "tone", "emotion": "nothing"}, "emotion_unsupported"),
        ({"session": ""}, "session_invalid"),
        ({"ssml": "<speak/>"}, "text_or_ssml"),
        ({"text": "。。。"}, "nothing_to_speak"),
        ({"text": "a\u202eb"}, "text_bidi_control"),
        ({"text": "再说世界杯"}, "text_blocked"),
    ],
)
def test_a_refused_text_gets_its_characters_back(hotline: Hotline, fields: Any, code: str) -> None:
    forbid("世界杯")
    assert_refused(hotline.say(**{"text": HELLO, **fields}), 422, code)
    assert (used_today(hotline.row), used_this_month(hotline.row)) == (0, 0)


@pytest.mark.usefixtures("worker")
def test_an_engine_that_fails_costs_nothing(hotline: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise EngineFailed("out of memory")

    monkeypatch.setattr(Tone, "_render", fail)
    response = hotline.say("引擎坏了")
    assert_refused(response, 503, "synthesis_unavailable")
    assert used_today(hotline.row) == 0


def test_other_ways_to_fail_cost_nothing(hotline: Hotline) -> None:
    assert hotline.post(PLAIN, path=f"{SPEECH}?text=1").status_code == 400
    assert hotline.post(PLAIN, X_HTTP_Method_Override="DELETE").status_code == 405
    assert hotline.get(SPEECH).status_code == 405
    assert used_today(hotline.row) == 0


@pytest.mark.usefixtures("worker")
def test_a_repetition_is_answered_when_the_day_is_used_up(voice: Any) -> None:
    hotline = open_hotline(characters_per_day=4)
    first, second = (hotline.post(PLAIN, Idempotency_Key="k1") for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert left(second) == left(first) - 1, "it is a call all the same"
    assert hotline.post(PLAIN, Idempotency_Key="k2").status_code == 429
    assert used_today(hotline.row) == 4


def test_every_call_is_counted_whatever_its_body(voice: Any) -> None:
    hotline = open_hotline(calls_per_minute=len(COSTLY) + 1)
    assert [left(hotline.post(body)) for body in COSTLY.values()] == list(range(len(COSTLY), 0, -1))
    assert left(hotline.get(SPEECH)) == 0


def test_who_has_called_too_often_makes_us_do_nothing(voice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "REMEMBER_SECONDS", 60)
    hotline = open_hotline(calls_per_minute=1)
    hotline.get(VOICES)
    with CaptureQueriesContext(database) as refused:
        hotline.get(VOICES)
    for (name, body), key in product(COSTLY.items(), ({}, {"Idempotency_Key": "k1"})):
        with CaptureQueriesContext(database) as asked:
            insistent.forget()
            response = hotline.post(body, **key)
        assert_refused(response, 429, "rate_limited")
        assert len(asked) == len(refused), f"{name}: only its line of evidence is written"
        assert [query["sql"] for query in asked if '"synthesis_' in query["sql"]] == []


class SlowBody(BytesIO):
    """Comes when it is told to."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.length, self.sent, self.asked = len(body), threading.Event(), threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        self.asked.set()
        assert self.sent.wait(BODY_SECONDS), "nobody should wait so long"
        return super().read(size)

    def post(self, hotline: Hotline, **headers: str) -> HttpResponse:
        browser = Browser(REMOTE_ADDR=hotline.address, headers=hotline.headers() | headers)
        wire: Any = {"CONTENT_LENGTH": str(self.length), "wsgi.input": self}
        response: Any = browser.post(SPEECH, content_type="application/json", **wire)
        assert isinstance(response, HttpResponse)
        return response


def test_a_slow_body_of_who_has_called_too_often_is_not_waited_for(voice: Any) -> None:
    hotline = open_hotline(calls_per_minute=1)
    hotline.get(VOICES)
    first, second = SlowBody(PLAIN), SlowBody(PLAIN)
    try:
        responses = first.post(hotline), second.post(hotline)
    finally:
        first.sent.set()
        second.sent.set()
    for response in responses:
        assert_refused(response, 429, "rate_limited")
    assert responses[0]["Connection"] == "close", "what comes after is no request"
    assert (first.asked.is_set(), second.asked.is_set()) == (True, False)


def test_who_was_refused_is_read_again_when_calls_of_his_may_pass(voice: Any) -> None:
    hotline = open_hotline(calls_per_minute=1)
    assert [hotline.say(HELLO, rate=9).status_code for _ in range(3)] == [422, 429, 429]
    assert insistent.holds(hotline.row)
    assert not insistent.holds(open_hotline("other").row)
    insistent.note(hotline.row, seconds=0.01)
    time.sleep(0.02)
    assert not insistent.holds(hotline.row)


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k1"}])
@pytest.mark.parametrize("padding", [0, 20_000])
def test_a_late_body_is_counted_once_and_charged_when_it_is_there(
    voice: Any, headers: dict[str, str], padding: int
) -> None:
    hotline = open_hotline(calls_per_minute=10)
    slow = SlowBody(PLAIN + b" " * padding)

    def send_later() -> None:
        while not connection().exists(f"govvoice:calls:client:{hotline.row.pk}"):
            time.sleep(0.01)
        time.sleep(2 * AT_ONCE_SECONDS)
        slow.sent.set()

    sender = threading.Thread(target=send_later)
    sender.start()
    response = slow.post(hotline, **headers)
    sender.join(30)
    assert (response.status_code, left(response)) == (200, 9)
    assert used_today(hotline.row) == 4
