"""Requests for sound under way at once: exactly so many of a client, its department and an address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Client, Organisation
from accounts.services import change_client
from audit.parties import SYSTEM
from govvoice.api import under_way as room
from govvoice.api.quota import used_today
from govvoice.api.refusals import Refusal
from govvoice.api.under_way import Place, under_way
from synthesis.cache.redis import connection
from tests.api.cast import Hotline, assert_refused, open_hotline
from tests.api.test_limits_hold import at_once, limited

pytestmark = pytest.mark.django_db


@contextmanager
def busy(client: Client, count: int, *, address: str | None = None) -> Iterator[list[Place]]:
    with ExitStack() as stack:
        yield [stack.enter_context(under_way(client, address=address)) for _ in range(count)]


def passes(client: Client, *, address: str | None = None) -> bool:
    try:
        with under_way(client, address=address):
            return True
    except Refusal:
        return False


@pytest.mark.parametrize("whose", ["client", "organisation"])
def test_of_fifty_at_once_exactly_ten_are_under_way(whose: str) -> None:
    client = limited(calls_at_once=1_000)
    (client if whose == "client" else client.organisation).calls_at_once = 10
    tried, done = threading.Barrier(50), threading.Event()

    def speak() -> bool:
        try:
            with under_way(client, address=None):
                if tried.wait(30) == 0:
                    done.set()
                return done.wait(30)
        except Refusal:
            if tried.wait(30) == 0:
                done.set()
            return False

    assert at_once(50, speak).count(True) == 10
    assert passes(client), "all places are free again"


def test_an_address_has_a_limit_of_its_own(settings: Any) -> None:
    settings.ADDRESS_LIMITS = {"calls_at_once": 2}
    one, other = limited(), limited()
    other.pk = 4713
    with busy(one, 2, address="192.0.2.1"):
        assert not passes(other, address="192.0.2.1")
        assert passes(other, address="192.0.2.2")


def test_no_place_is_taken_by_who_is_refused() -> None:
    client = limited(calls_at_once=5)
    client.organisation.calls_at_once = 1
    with busy(client, 1):
        assert [passes(client) for _ in range(5)] == [False] * 5
        assert connection().zcard("govvoice:underway:client:4711") == 1


def test_what_fails_gives_its_place_back() -> None:
    client = limited(calls_at_once=1)
    with pytest.raises(RuntimeError), under_way(client, address=None):
        raise RuntimeError
    assert passes(client)


def test_a_killed_process_holds_its_place_until_the_lease_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LEASE_SECONDS", 1)
    client = limited(calls_at_once=2)
    killed = under_way(client, address=None)
    killed.__enter__()
    with under_way(client, address=None) as stream:
        assert not passes(client)
        for _ in range(6):
            threading.Event().wait(0.25)
            stream.keep()
        assert passes(client), "the killed one's place is free"
        with busy(client, 1):
            assert not passes(client), "the stream that says that it goes on keeps its own"


def test_one_request_too_many_is_told_to_come_again(voice: Any) -> None:
    hotline = open_hotline(calls_at_once=1)
    with busy(hotline.row, 1):
        response = hotline.say()
        assert_refused(response, 429, "too_many_at_once")
        assert response["Retry-After"] == "1"
        assert used_today(hotline.row) == 0
        assert hotline.get("/api/v1/voices").status_code == 200, "only sound is counted"


@pytest.mark.usefixtures("worker")
def test_a_request_is_under_way_only_until_it_is_answered(voice: Any) -> None:
    hotline = open_hotline(calls_at_once=1)
    assert [hotline.say().status_code for _ in range(3)] == [200] * 3
    assert hotline.say("。。。").status_code == 422
    assert hotline.say().status_code == 200


def test_nobody_may_have_none(hotline: Hotline) -> None:
    with pytest.raises(ValidationError):
        change_client(
            client=hotline.row, fields={"calls_at_once": 0}, networks=None, actor=SYSTEM, origin=None
        )
    whole = Organisation.objects.get(code="test")
    whole.calls_at_once = 0
    with pytest.raises(ValidationError):
        whole.full_clean()


@pytest.mark.usefixtures("worker")
def test_what_is_found_in_the_cache_takes_no_place(voice: Any) -> None:
    hotline = open_hotline(calls_at_once=1)
    assert hotline.say().status_code == 200
    with busy(hotline.row, 1):
        assert hotline.say()["X-Cache"] == "hit-l1"
