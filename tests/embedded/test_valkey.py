"""Valkey out of the wheel: one socket, no port, and a queue that outlives a kill."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis

from govvoice.embedded.places import Places
from govvoice.embedded.valkey import Valkey
from tests.embedded.launching import ACCOUNTS, launch, launched, log_of, open_folder, places_for


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made


def client(here: Places) -> redis.Redis:
    return redis.Redis.from_url(Valkey(here).url)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_it_answers_on_a_closed_socket_and_on_no_port(folder: Path, account: str) -> None:
    here = places_for(account, folder)
    with launched("valkey", here, account) as process:
        Valkey(here).wait(30, process)
        assert client(here).ping()
        assert not psutil.Process(process.pid).net_connections(kind="inet")
        assert stat.S_IMODE(Valkey(here).socket.stat().st_mode) == 0o700
        assert stat.S_IMODE(here.valkey.stat().st_mode) == 0o700


def test_what_was_queued_a_second_ago_is_there_after_kill_9(folder: Path) -> None:
    here = places_for("ourselves", folder)
    with launched("valkey", here) as process:
        Valkey(here).wait(30, process)
        client(here).rpush("queue", "phrase")
        time.sleep(1.2)  # the log goes to disk every second
    assert Valkey(here).socket.exists()
    with launched("valkey", here) as process:
        Valkey(here).wait(30, process)
        assert client(here).lrange("queue", 0, -1) == [b"phrase"]


def test_a_full_memory_drops_cached_phrases_and_never_the_queue(folder: Path) -> None:
    here = places_for("ourselves", folder)
    with launched("valkey", here) as process:
        Valkey(here).wait(30, process)
        cache = client(here)
        cache.config_set("maxmemory", 8 * 2**20)
        cache.rpush("queue", "phrase")
        for number in range(400):
            cache.set(f"phrase:{number}", b"x" * 100_000, ex=3600)
        assert cache.llen("queue") == 1
        assert cache.exists("phrase:399")
        assert not cache.exists("phrase:0")


def test_a_second_server_on_the_same_socket_gives_way(folder: Path) -> None:
    here = places_for("ourselves", folder)
    with launched("valkey", here) as process:
        Valkey(here).wait(30, process)
        assert launch("valkey", here).wait(timeout=30) != 0
        assert str(Valkey(here).socket) in log_of("valkey", here)
        assert client(here).info("server")["process_id"] == process.pid
