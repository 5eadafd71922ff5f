"""The one cache path: L1, then L2; what L2 held is kept in L1 from then on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from synthesis.cache import redis
from synthesis.cache.memory import MemoryCache


@dataclass(frozen=True, slots=True)
class Hit:
    value: bytes
    level: str  # "hit-l1" or "hit-l2", as X-Cache says it


@lru_cache(maxsize=1)
def memory() -> MemoryCache:
    return MemoryCache(limit=settings.MEMORY_CACHE_BYTES, seconds=settings.MEMORY_CACHE_SECONDS)


def get(key: str) -> Hit | None:
    return get_many([key]).get(key)


def get_many(keys: Sequence[str]) -> dict[str, Hit]:
    """What is there, by key; one trip to Valkey for all that this process does not hold."""
    found = {key: Hit(value, "hit-l1") for key in keys if (value := memory().get(key)) is not None}
    absent = [key for key in dict.fromkeys(keys) if key not in found]
    for key, value in zip(absent, redis.get_many(absent), strict=True):
        if value is not None:
            memory().put(key, value)
            found[key] = Hit(value, "hit-l2")
    return found


def put(key: str, value: bytes) -> None:
    redis.put(key, value)
    memory().put(key, value)
