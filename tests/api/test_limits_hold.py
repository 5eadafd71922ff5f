"""Calls a second, calls a minute, characters a day: exact, also when everybody asks at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection as database

from accounts.models import Client
from govvoice.api.quota import charged, used_today
from govvoice.api.refusals import Refusal
from govvoice.api.throttles import take
from tests.api.cast import Hotline, assert_refused, open_hotline

pytestmark = pytest.mark.django_db

VOICES = "/api/v1/voices"


def at_once(count: int, act: Callable[[], Any]) -> list[Any]:
    found: list[Any] = []
    barrier = threading.Barrier(count)

    def run() -> None:
        barrier.wait()
        try:
            found.append(act())
        finally:
            database.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def limited(**fields: int) -> Client:
    """Not saved: the limits themselves need no database."""
    return Client(pk=4711, code="x", **{"calls_per_second": 1000, "calls_per_minute": 1000, **fields})


@pytest.mark.parametrize("field", ["calls_per_second", "calls_per_minute"])
def test_of_fifty_at_once_exactly_ten_pass(field: str) -> None:
    client = limited(**{field: 10})
    assert [allowance.passed for allowance in at_once(50, lambda: take(client))].count(True) == 10


@pytest.mark.django_db(transaction=True)
def test_of_fifty_requests_at_once_exactly_ten_pass(voice: Any) -> None:
    hotline = open_hotline(calls_per_minute=10)
    answers = at_once(50, lambda: hotline.get(VOICES).status_code)
    assert (answers.count(200), answers.count(429)) == (10, 40)


def test_one_call_too_many_is_told_when_to_come_again(voice: Any) -> None:
    hotline = open_hotline(calls_per_minute=2)
    assert [hotline.get(VOICES).status_code for _ in range(2)] == [200, 200]
    response = hotline.get(VOICES)
    assert_refused(response, 429, "rate_limited")
    assert 1 <= int(response["Retry-After"]) <= 60
    assert (response["RateLimit-Limit"], response["RateLimit-Remaining"]) == ("2", "0")
    assert response["RateLimit-Reset"] == response["Retry-After"]


def test_every_answer_tells_what_is_left(voice: Any) -> None:
    hotline = open_hotline(calls_per_second=1000, calls_per_minute=5)
    answers = [hotline.get(VOICES), hotline.post(b""), hotline.get("/api/v1/broadcasts/none")]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["4", "3", "2"]
    assert answers[0]["RateLimit-Policy"] == "1000;w=1, 5;w=60"


def test_a_new_second_brings_new_calls() -> None:
    client = limited(calls_per_second=2)
    assert [take(client).passed for _ in range(3)] == [True, True, False]
    time.sleep(1.05)
    assert take(client).passed


def test_knocking_while_refused_does_not_lengthen_the_wait() -> None:
    client = limited(calls_per_second=1)
    take(client)
    first = take(client).tightest.reset
    for _ in range(20):
        take(client)
    assert take(client).tightest.reset < first


def test_limits_are_each_clients_own_and_follow_it_across_addresses(voice: Any) -> None:
    one, other = open_hotline("one", calls_per_minute=1), open_hotline("other", calls_per_minute=1)
    assert one.get(VOICES).status_code == 200
    one.address = "::1"
    assert one.get(VOICES).status_code == 429
    assert other.get(VOICES).status_code == 200


def test_characters_beyond_the_day_are_refused_and_not_charged(voice: Any) -> None:
    hotline = open_hotline(characters_per_day=10)
    with charged(hotline.row, 8):
        pass
    response = hotline.say("你好世界")
    assert_refused(response, 429, "quota_exceeded")
    assert 1 <= int(response["Retry-After"]) <= 24 * 60 * 60
    assert used_today(hotline.row) == 8


@pytest.mark.usefixtures("worker")
def test_the_last_characters_of_the_day_can_be_used(voice: Any) -> None:
    hotline = open_hotline(characters_per_day=4)
    assert hotline.say("你好世界").status_code == 200
    assert_other_refusal(hotline)


def assert_other_refusal(hotline: Hotline) -> None:
    assert hotline.say("好").status_code == 429
    assert used_today(hotline.row) == 4


def test_a_refused_text_costs_nothing(hotline: Hotline) -> None:
    assert hotline.say("。。。").status_code == 422
    assert hotline.say(voice="nobody").status_code == 422
    assert used_today(hotline.row) == 0


def test_of_many_charges_at_once_those_that_fit_pass() -> None:
    client = limited(characters_per_day=100)

    def charge() -> bool:
        try:
            with charged(client, 7):
                return True
        except Refusal:
            return False

    assert at_once(50, charge).count(True) == 14
    assert used_today(client) == 98


def test_what_failed_is_given_back() -> None:
    client = limited(characters_per_day=100)
    with pytest.raises(RuntimeError), charged(client, 60):
        raise RuntimeError
    assert used_today(client) == 0
