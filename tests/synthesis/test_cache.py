"""Sounds by name: the same name the same bytes, in two levels, made by one for all who ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.conf import settings
from redis import Redis
from redis.exceptions import ResponseError

from synthesis.cache import flight, layered, redis
from synthesis.cache.key import phrase_key, rendition_key
from synthesis.cache.memory import MemoryCache
from synthesis.cache.turns import Turns
from synthesis.engines.base import Delivery
from synthesis.text import Phrase

pytestmark = pytest.mark.usefixtures("nothing_remembered")

PHRASE = Phrase(text="你好", start=0, end=2, phones=("ni2", "hao3"), pause=0.2)


def name(phrase: Phrase = PHRASE, *, version: str = "1", **delivery: float | str) -> str:
    return phrase_key(phrase, engine="tone", version=version, delivery=Delivery(**delivery))  # type: ignore[arg-type]


def test_a_phrase_is_named_by_what_is_spoken() -> None:
    elsewhere = replace(PHRASE, text="您好", start=7, end=9, pause=0.5)
    assert name(elsewhere) == name()


@pytest.mark.parametrize(
    "other",
    [
        name(replace(PHRASE, phones=("ni3", "hao3"))),
        name(version="2"),
        name(emotion="happy"),
        name(intensity=0.5),
        name(rate=1.1),
        name(pitch=1.0),
    ],
)
def test_whatever_changes_the_sound_changes_its_name(other: str) -> None:
    assert other != name()


def test_a_rendition_is_named_also_by_its_marks_and_form() -> None:
    def whole(
        phrase: Phrase = PHRASE, format: str = "wav", rate: int = 24000, volume: int = 50, beside: int = 50
    ) -> str:
        return rendition_key([name()], [phrase], [beside], format=format, sample_rate=rate, volume=volume)

    others = {
        whole(replace(PHRASE, start=1)),
        whole(replace(PHRASE, pause=0.3)),
        whole(format="pcm"),
        whole(rate=8000),
        whole(volume=51),
        whole(beside=51),
    }
    assert len(others) == 6
    assert whole() not in others


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_memory_forgets_what_is_old() -> None:
    clock = Clock()
    cache = MemoryCache(limit=100, seconds=10, clock=clock)
    cache.put("a", b"1")
    clock.now = 9.9
    assert cache.get("a") == b"1"
    clock.now = 10.0
    assert cache.get("a") is None


def test_memory_drops_what_was_not_used_for_longest() -> None:
    cache = MemoryCache(limit=8, seconds=10)
    for key in "abcd":
        cache.put(key, b"12")
    cache.get("a")
    cache.put("e", b"12")
    assert [key for key in "abcde" if cache.get(key)] == ["a", "c", "d", "e"]


def test_memory_keeps_no_giant() -> None:
    cache = MemoryCache(limit=100, seconds=10)
    cache.put("small", b"1")
    cache.put("giant", b"1" * 26)
    assert cache.get("giant") is None
    assert cache.get("small") == b"1"


def test_memory_counts_a_replaced_value_once() -> None:
    cache = MemoryCache(limit=8, seconds=10)
    for _ in range(10):
        cache.put("a", b"12")
    cache.put("b", b"12")
    assert (cache.get("a"), cache.get("b")) == (b"12", b"12")


def test_what_valkey_held_is_at_hand_from_then_on() -> None:
    redis.put("a", b"sound")
    assert layered.get("a") == layered.Hit(b"sound", "hit-l2")
    assert layered.get("a") == layered.Hit(b"sound", "hit-l1")


def test_a_script_is_run_whatever_became_of_valkey_meanwhile() -> None:
    def ask() -> object:
        return redis.run_script("return {KEYS[1], ARGV[1], 7}", keys=["a"], args=["好"])

    answer = [b"a", "好".encode(), 7]
    assert ask() == answer
    redis.connection().script_flush()
    assert ask() == answer, "it has forgotten the script"
    own = redis.connection().client_id()
    Redis.from_url(settings.REDIS_URL).client_kill_filter(_id=str(own))
    assert ask() == answer, "it has closed the connection"


def test_a_script_that_fails_leaves_the_connection_in_order() -> None:
    with pytest.raises(ResponseError):
        redis.run_script("return redis.call('nonsense')", keys=[], args=[])
    with pytest.raises(ResponseError):
        redis.run_script("this is no Lua", keys=[], args=[])
    assert [redis.run_script("return ARGV[1]", keys=[], args=[number]) for number in (1, 2)] == [b"1", b"2"]


def test_many_are_found_in_both_levels_at_once() -> None:
    layered.put("a", b"1")
    redis.put("b", b"2")
    found = layered.get_many(["a", "b", "c", "b"])
    assert {key: hit.level for key, hit in found.items()} == {"a": "hit-l1", "b": "hit-l2"}


def test_valkey_forgets_after_a_day() -> None:
    layered.put("a", b"1")
    left = redis.connection().ttl(redis.PREFIX + "a")
    assert 24 * 3600 - 5 < int(left) <= 24 * 3600


def test_of_many_one_has_the_work_done() -> None:
    claims: list[bool] = []
    barrier = threading.Barrier(20)

    def run() -> None:
        barrier.wait()
        claims.append(flight.claim("a"))

    threads = [threading.Thread(target=run) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert claims.count(True) == 1


def test_all_who_wait_hear_the_answer() -> None:
    flight.claim("a")
    heard: list[bytes | None] = []

    def wait() -> None:
        heard.extend(landed.value for landed in wait_for("a"))

    threads = [threading.Thread(target=wait) for _ in range(5)]
    for thread in threads:
        thread.start()
    flight.land("a", b"sound")
    for thread in threads:
        thread.join(10)
    assert heard == [b"sound"] * 5


def test_a_failure_is_told_and_the_next_one_may_try() -> None:
    flight.claim("a")
    flight.fail("a", "UnknownPhone")
    assert [(landed.value, landed.failure) for landed in wait_for("a")] == [(None, "UnknownPhone")]
    assert flight.claim("a")


def test_a_new_flight_does_not_hear_the_old_answer() -> None:
    flight.claim("a")
    flight.fail("a", "EngineFailed")
    flight.claim("a")
    flight.land("a", b"sound")
    assert [landed.value for landed in wait_for("a")] == [b"sound"]


def test_an_answer_whose_sound_is_gone_is_asked_for_again() -> None:
    flight.claim("a")
    flight.land("a", b"sound")
    redis.connection().delete(redis.PREFIX + "a")
    assert [landed.value for landed in wait_for("a", start=_make_anew)] == [b"new"]


def test_waiting_ends_at_the_deadline() -> None:
    flight.claim("a")
    assert wait_for("a", seconds=0.2) == []


def _make_anew(key: str) -> None:
    flight.land(key, b"new")


def wait_for(
    key: str, *, seconds: float = 5.0, start: Callable[[str], None] = lambda key: None
) -> list[flight.Landed]:
    return list(flight.wait([key], deadline=time.monotonic() + seconds, start=start))


def test_those_who_come_for_one_key_take_turns_and_others_do_not_wait() -> None:
    turns = Turns()
    inside: list[str] = []
    seen: list[tuple[str, ...]] = []
    both = threading.Barrier(2, timeout=10)

    def work(key: str, *, meet: bool) -> None:
        with turns.of(key):
            inside.append(key)
            if meet:
                both.wait()
            seen.append(tuple(inside))
            inside.remove(key)

    meeting = [threading.Thread(target=work, args=(key,), kwargs={"meet": True}) for key in "ab"]
    waiting = [threading.Thread(target=work, args=("c",), kwargs={"meet": False}) for _ in range(8)]
    for group in (meeting, waiting):
        for thread in group:
            thread.start()
        for thread in group:
            thread.join()
    assert {"a", "b"} == set(seen[0])  # the barrier let both go on, so both were inside
    assert seen[2:] == [("c",)] * 8
    assert not turns._turns  # nothing is kept of keys that nobody works on
