"""How many characters a client may have spoken on one day (Beijing time).

Charged in one step before anything is spoken, given back when nothing was: of many requests at once, those
that fit pass, and a failed one costs nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from accounts.models import Client
from govvoice.api.refusals import Refusal
from synthesis.cache.redis import connection

log = logging.getLogger(__name__)

# One hash a client, {day, used}, without a life span: a full Valkey drops keys that have one, and dropping
# this one would give a client his whole day back.
_CHARGE = """
local used = 0
if redis.call('hget', KEYS[1], 'day') == ARGV[1] then
  used = tonumber(redis.call('hget', KEYS[1], 'used'))
end
local wanted, limit = tonumber(ARGV[2]), tonumber(ARGV[3])
if used + wanted > limit then
  return {0, used}
end
redis.call('hset', KEYS[1], 'day', ARGV[1], 'used', used + wanted)
return {1, used + wanted}
"""
_REFUND = """
if redis.call('hget', KEYS[1], 'day') == ARGV[1] then
  redis.call('hincrby', KEYS[1], 'used', -tonumber(ARGV[2]))
end
"""


@contextmanager
def charged(client: Client, characters: int) -> Iterator[None]:
    """Runs the body with the characters charged; gives them back when it raises. Raises Refusal 429."""
    now = timezone.localtime()
    _charge(client, characters, now)
    try:
        yield
    except BaseException:
        _refund(client, characters, now)
        raise


def used_today(client: Client) -> int:
    day, used = _values(client)
    return used if day == _day(timezone.localtime()) else 0


def _charge(client: Client, characters: int, now: datetime) -> None:
    script = connection().register_script(_CHARGE)
    answer: Any = script(keys=[_key(client)], args=[_day(now), characters, client.characters_per_day])
    passed, used = answer
    if not passed:
        raise Refusal(
            429,
            "quota_exceeded",
            _("今日字数限额 %(limit)d，已用 %(used)d，本次需要 %(wanted)d。")
            % {"limit": client.characters_per_day, "used": used, "wanted": characters},
            headers={"Retry-After": str(_until_tomorrow(now))},
        )


def _refund(client: Client, characters: int, now: datetime) -> None:
    try:
        connection().register_script(_REFUND)(keys=[_key(client)], args=[_day(now), characters])
    except RedisError:  # the caller must still hear why nothing was spoken
        log.warning("%d characters could not be given back to %s", characters, client.code)


def _values(client: Client) -> tuple[str, int]:
    found: Any = connection().hmget(_key(client), ["day", "used"])
    day, used = found
    return (day or b"").decode(), int(used or 0)


def _key(client: Client) -> str:
    return f"govvoice:characters:{client.pk}"


def _day(now: datetime) -> str:
    return f"{now:%Y%m%d}"


def _until_tomorrow(now: datetime) -> int:
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=now.tzinfo)
    return max(1, int((midnight - now).total_seconds()))
