"""How many characters may be spoken on one day and in one month (Beijing time), see limits for whose.

Charged in one step with everybody before anything is spoken, given back when nothing was: of many requests at
once, those that fit pass, and a failed one costs nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from accounts.models import Client
from govvoice.api.limits import Party, parties
from govvoice.api.refusals import Refusal
from synthesis.cache.redis import connection, run_script

log = logging.getLogger(__name__)

# One hash a party, {day, used, month, used_in_month}, without a life span: a full Valkey drops keys that have
# one, and dropping this one would give a client his whole day back. For each key two limits, of which -1 is
# none. Answers {1}, or {0, number of the key, 1 for its day or 2 for its month, characters used}.
_CHARGE = """
local wanted = tonumber(ARGV[3])
local used = {}
for i, key in ipairs(KEYS) do
  local found = redis.call('hmget', key, 'day', 'used', 'month', 'used_in_month')
  local day = found[1] == ARGV[1] and tonumber(found[2]) or 0
  local month = found[3] == ARGV[2] and tonumber(found[4]) or 0
  local most_day, most_month = tonumber(ARGV[2 * i + 2]), tonumber(ARGV[2 * i + 3])
  if most_month >= 0 and month + wanted > most_month then
    return {0, i, 2, month}
  end
  if most_day >= 0 and day + wanted > most_day then
    return {0, i, 1, day}
  end
  used[i] = {day + wanted, month + wanted}
end
for i, key in ipairs(KEYS) do
  redis.call('hset', key, 'day', ARGV[1], 'used', used[i][1], 'month', ARGV[2], 'used_in_month', used[i][2])
end
return {1}
"""
_REFUND = """
for i, key in ipairs(KEYS) do
  if redis.call('hget', key, 'day') == ARGV[1] then
    redis.call('hincrby', key, 'used', -tonumber(ARGV[3]))
  end
  if redis.call('hget', key, 'month') == ARGV[2] then
    redis.call('hincrby', key, 'used_in_month', -tonumber(ARGV[3]))
  end
end
"""


@contextmanager
def charged(client: Client, characters: int, *, address: str | None = None) -> Iterator[None]:
    """Runs the body with the characters charged; gives them back when it raises. Raises Refusal 429."""
    now = timezone.localtime()
    counted = [party for party in parties(client, address) if party.counts_characters]
    _charge(counted, characters, now)
    try:
        yield
    except BaseException:
        _refund(counted, characters, now)
        raise


def used_today(client: Client) -> int:
    day, used = _values(client, "day", "used")
    return used if day == _day(timezone.localtime()) else 0


def used_this_month(client: Client) -> int:
    month, used = _values(client, "month", "used_in_month")
    return used if month == _month(timezone.localtime()) else 0


def _charge(counted: Sequence[Party], characters: int, now: datetime) -> None:
    limits = [(_limit(party.characters_per_day), _limit(party.characters_per_month)) for party in counted]
    arguments: list[str | int] = [_day(now), _month(now), characters, *chain.from_iterable(limits)]
    answer: Any = run_script(_CHARGE, keys=_keys(counted), args=arguments)
    if not answer[0]:
        _passed, number, period, used = answer
        raise _exceeded(counted[number - 1], by_month=period == 2, used=used, wanted=characters, now=now)


def _exceeded(party: Party, *, by_month: bool, used: int, wanted: int, now: datetime) -> Refusal:
    said = (
        _("%(who)s本月字数限额 %(limit)d，已用 %(used)d，本次需要 %(wanted)d。")
        if by_month
        else _("%(who)s今日字数限额 %(limit)d，已用 %(used)d，本次需要 %(wanted)d。")
    )
    limit = party.characters_per_month if by_month else party.characters_per_day
    detail = said % {"who": party.name, "limit": limit or 0, "used": used, "wanted": wanted}
    wait = _until(_next_month(now) if by_month else now.date() + timedelta(days=1), now)
    return Refusal(429, "quota_exceeded", detail, headers={"Retry-After": str(wait)})


def _refund(counted: Sequence[Party], characters: int, now: datetime) -> None:
    try:
        arguments: list[str | int] = [_day(now), _month(now), characters]
        run_script(_REFUND, keys=_keys(counted), args=arguments)
    except RedisError:  # the caller must still hear why nothing was spoken
        log.warning("%d characters could not be given back to %s", characters, counted[0].key)


def _values(client: Client, period: str, sum_: str) -> tuple[str, int]:
    found: Any = connection().hmget(f"govvoice:characters:client:{client.pk}", [period, sum_])
    which, used = found
    return (which or b"").decode(), int(used or 0)


def _keys(counted: Sequence[Party]) -> list[str]:
    return [f"govvoice:characters:{party.key}" for party in counted]


def _limit(characters: int | None) -> int:
    return -1 if characters is None else characters


def _day(now: datetime) -> str:
    return f"{now:%Y%m%d}"


def _month(now: datetime) -> str:
    return f"{now:%Y%m}"


def _next_month(now: datetime) -> date:
    return (now.date().replace(day=1) + timedelta(days=31)).replace(day=1)


def _until(day: date, now: datetime) -> int:
    """Seconds to the beginning of that day, and never none."""
    return max(1, int((datetime.combine(day, time(), tzinfo=now.tzinfo) - now).total_seconds()) + 1)
