"""Calls a second and a minute, characters a day and a month, for a client, its department and an address.

Exact, also when everybody asks at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection as database

from accounts.models import Client, Organisation
from govvoice.api.auth import remembered
from govvoice.api.entrance import Allowance, take
from govvoice.api.limits import address_party, parties
from govvoice.api.quota import charged, used_this_month, used_today
from govvoice.api.refusals import Refusal
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
    whole = Organisation(pk=4712, code="x")
    limits = {"calls_per_second": 1000, "calls_per_minute": 1000, **fields}
    return Client(pk=4711, code="x", organisation=whole, **limits)


def call(client: Client) -> Allowance:
    return take(parties(client, None))


@pytest.mark.parametrize("field", ["calls_per_second", "calls_per_minute"])
def test_of_fifty_at_once_exactly_ten_pass(field: str) -> None:
    client = limited(**{field: 10})
    assert [allowance.passed for allowance in at_once(50, lambda: call(client))].count(True) == 10


@pytest.mark.abuse(81)
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
    assert answers[0]["RateLimit-Policy"] == "1000;w=1, 5;w=60, 200;w=1, 6000;w=60"


def test_a_new_second_brings_new_calls() -> None:
    client = limited(calls_per_second=2)
    assert [call(client).passed for _ in range(3)] == [True, True, False]
    time.sleep(1.05)
    assert call(client).passed


def test_knocking_while_refused_does_not_lengthen_the_wait() -> None:
    client = limited(calls_per_second=1)
    call(client)
    first = call(client).tightest.reset
    for _ in range(20):
        call(client)
    assert call(client).tightest.reset < first


def test_a_department_shares_its_limits_among_its_clients(voice: Any) -> None:
    one, other = open_hotline("one"), open_hotline("other")
    Organisation.objects.update(calls_per_minute=3)
    remembered.forget()
    statuses = [who.get(VOICES).status_code for who in (one, other, one, other)]
    assert statuses == [200, 200, 200, 429]


def test_an_address_has_limits_whoever_calls_from_it(voice: Any, settings: Any) -> None:
    settings.ADDRESS_LIMITS = {"calls_per_minute": 3}
    one, other = open_hotline("one"), open_hotline("other")
    assert [who.get(VOICES).status_code for who in (one, other, one, other)] == [200, 200, 200, 429]
    one.address = "::1"
    assert one.get(VOICES).status_code == 200


def test_strangers_are_counted_by_their_address(hotline: Hotline, settings: Any) -> None:
    settings.ADDRESS_LIMITS = {"calls_per_minute": 2}
    tries = [hotline.call("GET", VOICES, headers={"X-Api-Key": "gv_no"}) for _ in range(3)]
    assert [response.status_code for response in tries] == [401, 401, 429]
    assert_refused(tries[2], 429, "rate_limited")
    assert 1 <= int(tries[2]["Retry-After"]) <= 60


def test_an_ipv6_caller_cannot_leave_his_network_to_be_counted_anew() -> None:
    parties_ = {address_party(address).key for address in ("2001:db8::1", "2001:db8::ffff:2")}
    assert parties_ == {"address:2001:db8::/64"}


def test_of_fifty_at_once_exactly_ten_pass_the_department() -> None:
    clients = [limited() for _ in range(50)]
    for number, client in enumerate(clients):
        client.pk, client.organisation.calls_per_second = 5_000 + number, 10
    asked = iter(clients)
    assert [allowance.passed for allowance in at_once(50, lambda: call(next(asked)))].count(True) == 10


@pytest.mark.abuse(81)
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
    client = limited(characters_per_day=100, characters_per_month=100)
    client.organisation.characters_per_day = 100
    for _ in range(3):
        with pytest.raises(RuntimeError), charged(client, 60):
            raise RuntimeError
    assert (used_today(client), used_this_month(client)) == (0, 0)


@pytest.mark.parametrize(
    ("limits", "whole", "address"),
    [
        ({"characters_per_month": 100}, {}, {}),
        ({}, {"characters_per_day": 100}, {}),
        ({}, {"characters_per_month": 100}, {}),
        ({}, {}, {"characters_per_day": 100}),
        ({}, {}, {"characters_per_month": 100}),
    ],
)
def test_every_limit_of_characters_holds_and_charges_nobody_when_it_refuses(
    limits: dict[str, int], whole: dict[str, int], address: dict[str, int], settings: Any
) -> None:
    settings.ADDRESS_LIMITS = address
    client = limited(**limits)
    for name, value in whole.items():
        setattr(client.organisation, name, value)
    with charged(client, 60, address="192.0.2.1"):
        pass
    with pytest.raises(Refusal) as refused, charged(client, 41, address="192.0.2.1"):
        pass
    assert refused.value.problem.code == "quota_exceeded"
    period = 31 if "characters_per_month" in limits | whole | address else 1
    assert 1 <= int(refused.value.problem.headers["Retry-After"]) <= period * 24 * 60 * 60 + 1
    assert (used_today(client), used_this_month(client)) == (60, 60)
    with charged(client, 40, address="192.0.2.1"):
        pass
