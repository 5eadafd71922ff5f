"""Two web processes have the same limits, and who is turned out of one is out of both."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from govvoice.api.auth import REMEMBER_SECONDS
from govvoice.embedded.places import ROOT, Places
from govvoice.embedded.postgres import Postgres
from tests.embedded.more_web import webs
from tests.embedded.running import Platform

pytestmark = pytest.mark.platform

VOICES, SPEECH = "/api/v1/voices", "/api/v1/speech"
PLAIN: dict[str, Any] = {"trust_env": False, "timeout": 60}


@pytest.fixture(scope="module")
def both(platform: Platform) -> Iterator[list[str]]:
    with webs(platform, 2) as addresses:
        yield addresses


@pytest.fixture(scope="module")
def cast(platform: Platform) -> dict[str, str]:
    """Keys of clients that are there for these tests."""
    code = "from tests.api.forging import pair_cast; print(pair_cast())"
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
    made = subprocess.run(command, cwd=ROOT, env=platform.environment, check=True, capture_output=True)
    found: dict[str, str] = json.loads(made.stdout)
    return found


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def statuses(addresses: list[str], key: str) -> list[int]:
    """What each process answers to the key."""
    return [
        httpx.get(f"{address}{VOICES}", headers=bearer(key), **PLAIN).status_code for address in addresses
    ]


def at_once(count: int, act: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    barrier = threading.Barrier(count)

    def run(number: int) -> httpx.Response:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.abuse(81)
def test_of_fifty_requests_at_once_exactly_ten_pass(both: list[str], cast: dict[str, str]) -> None:
    answers = at_once(
        50, lambda number: httpx.get(f"{both[number % 2]}{VOICES}", headers=bearer(cast["ten"]), **PLAIN)
    )
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(429)) == (10, 40)
    assert {bool(answer.headers.get("Retry-After")) for answer in answers if answer.status_code == 429} == {
        True
    }


@pytest.mark.abuse(83)
def test_of_fifty_of_the_same_request_one_is_carried_out(both: list[str], cast: dict[str, str]) -> None:
    headers = bearer(cast["pair"]) | {"Idempotency-Key": "once"}
    answers = at_once(
        50,
        lambda number: httpx.post(
            f"{both[number % 2]}{SPEECH}", headers=headers, json={"text": "请稍候。"}, **PLAIN
        ),
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.headers["X-Speech-Id"] for answer in answers}) == 1
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.abuse(80)
def test_a_revoked_token_is_out_of_both_within_a_second(both: list[str], cast: dict[str, str]) -> None:
    asked = {"client_id": "pair", "client_secret": cast["secret"]}
    token = httpx.post(f"{both[0]}/api/v1/auth/token", json=asked, **PLAIN).json()["access_token"]
    assert statuses(both, token) == [200, 200]
    gone = httpx.post(
        f"{both[0]}/api/v1/auth/revoke", json={"token": token}, headers=bearer(cast["pair"]), **PLAIN
    )
    assert gone.status_code == 204
    time.sleep(REMEMBER_SECONDS)
    assert statuses(both, token) == [401, 401]


@pytest.mark.abuse(80)
def test_a_revoked_key_is_out_of_both_within_a_second(
    platform: Platform, both: list[str], cast: dict[str, str]
) -> None:
    assert statuses(both, cast["gone soon"]) == [200, 200]
    with psycopg.connect(Postgres(Places(platform.var)).url, autocommit=True) as database:
        prefix = cast["gone soon"].split("_")[1]
        database.execute("UPDATE accounts_apikey SET revoked_at = now() WHERE prefix = %s", [prefix])
    time.sleep(REMEMBER_SECONDS)
    assert statuses(both, cast["gone soon"]) == [401, 401]


def test_a_changed_network_shuts_both_within_a_second(
    platform: Platform, both: list[str], cast: dict[str, str]
) -> None:
    assert statuses(both, cast["moved"]) == [200, 200]
    with psycopg.connect(Postgres(Places(platform.var)).url, autocommit=True) as database:
        database.execute(
            "UPDATE accounts_clientnetwork SET network = '10.0.0.0/8' WHERE network = '127.0.0.1/32'"
            " AND client_id = (SELECT id FROM accounts_client WHERE code = 'moved')"
        )
    time.sleep(REMEMBER_SECONDS)
    assert statuses(both, cast["moved"]) == [403, 403]
