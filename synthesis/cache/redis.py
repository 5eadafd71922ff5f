"""L2: Valkey, shared by all processes. Also gives everyone his connection to it."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry

PREFIX = "govvoice:sound:"


class _Own(threading.local):
    """What a thread keeps: to take a connection out of a pool costs as much as the command it is for."""

    client: redis.Redis | None = None


_own = _Own()


def connection() -> redis.Redis:
    """The thread's own, made at first. Blocking reads here stay below the socket timeout (see flight).

    Raises RedisError. A connection that was lost meanwhile is made anew once, at once.
    """
    if _own.client is None:
        _own.client = redis.Redis.from_url(
            settings.REDIS_URL,
            single_connection_client=True,
            retry=Retry(NoBackoff(), 1),
            socket_connect_timeout=2,
            socket_timeout=5,
        )
    return _own.client


def forget_connection() -> None:
    """The thread's next command makes a new one."""
    _own.client = None


# A child process must not speak over its parent's connection.
os.register_at_fork(after_in_child=forget_connection)


def run_script(source: str, *, keys: Sequence[str], args: Sequence[str | int | bytes]) -> Any:
    """The answer of a Lua script, which Valkey carries out as one step. Raises RedisError.

    Straight over the thread's own wire, which saves a tenth of what the door costs a call: the client in
    between looks after pools, locks and statistics. A wire that has failed is closed, by itself or here, and
    opens again at the next command.
    """
    wire: Any = connection().connection

    def ask() -> Any:
        wire.send_command("EVALSHA", _hash(source), len(keys), *keys, *args)
        return wire.read_response()

    try:
        return wire.retry.call_with_retry(ask, lambda _error: wire.disconnect())
    except NoScriptError:  # it has not seen this one since it began
        return connection().eval(source, len(keys), *keys, *args)


@lru_cache
def _hash(source: str) -> str:
    return hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()


def get(key: str) -> bytes | None:
    value: bytes | None = connection().get(PREFIX + key)  # type: ignore[assignment]
    return value


def get_many(keys: Sequence[str]) -> list[bytes | None]:
    if not keys:
        return []
    values: list[bytes | None] = connection().mget([PREFIX + key for key in keys])  # type: ignore[assignment]
    return values


def put(key: str, value: bytes) -> None:
    connection().set(PREFIX + key, value, ex=settings.REDIS_CACHE_SECONDS)


def count(keys: Sequence[str]) -> int:
    """How many of the keys are held, each counted once."""
    if not keys:
        return 0
    return int(connection().exists(*{PREFIX + key for key in keys}))
