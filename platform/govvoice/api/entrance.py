"""The one step in Valkey that lets a call in: it is counted with its parties, and its characters are charged.

The times of the last minute's calls stand in one sorted set for each party, the characters of its day and
month in one hash. One script decides and notes in a single step: however many processes ask at once, exactly
as many pass as may. A call that is refused for coming too often is noted with nobody, so that a caller who
keeps knocking is let in again when his minute is over, and is charged nothing. One whose characters are
refused has called all the same.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from govvoice.api.limits import Party
from synthesis.cache.redis import run_script

SECOND, MINUTE = 1, 60
_MICRO = 1_000_000

# ARGV: id of the call, how many of the keys count calls (they come first, the others count characters),
# characters, day, month, and for each key two limits: of calls in a second and in a minute, of which 0 is
# none; of characters in a day and in a month, of which -1 is none. Calls go by Valkey's clock, so that all
# processes count alike. A hash of characters, {day, used, month, used_in_month}, has no life span: a full
# Valkey drops keys that have one, and dropping this one would give a client his whole day back.
# Answers {passed, number of the key that has no characters left or 0, 1 for its day or 2 for its month,
# characters used there, and for each key of calls: calls in this second, calls in this minute, microseconds
# until a call leaves the second, and the minute}.
_SCRIPT = """
local calls, wanted = tonumber(ARGV[2]), tonumber(ARGV[3])
local function limits(i)
  return tonumber(ARGV[2 * i + 4]), tonumber(ARGV[2 * i + 5])
end
local answer = {1, 0, 0, 0}

if calls > 0 then
  local now = redis.call('time')
  now = now[1] * 1000000 + now[2]
  local second_ago = string.format('(%.0f', now - 1000000)
  local minute_ago = string.format('%.0f', now - 60000000)
  local function time_of(key, rank)
    return redis.call('zrange', key, rank, rank, 'withscores')[2] or now
  end
  for i = 1, calls do
    local key, most_second, most_minute = KEYS[i], limits(i)
    redis.call('zremrangebyscore', key, '-inf', minute_ago)
    local minute = redis.call('zcard', key)
    local second = redis.call('zcount', key, second_ago, '+inf')
    if (most_second > 0 and second >= most_second) or (most_minute > 0 and minute >= most_minute) then
      answer[1] = 0
    end
    table.insert(answer, second)
    table.insert(answer, minute)
    table.insert(answer, time_of(key, minute - second) + 1000000 - now)
    table.insert(answer, time_of(key, 0) + 60000000 - now)
  end
  if answer[1] == 0 then
    return answer
  end
  for i = 1, calls do
    redis.call('zadd', KEYS[i], string.format('%.0f', now), ARGV[1])
    redis.call('pexpire', KEYS[i], 61000)
    answer[4 * i + 1] = answer[4 * i + 1] + 1
    answer[4 * i + 2] = answer[4 * i + 2] + 1
  end
end

local used = {}
for i = calls + 1, #KEYS do
  local found = redis.call('hmget', KEYS[i], 'day', 'used', 'month', 'used_in_month')
  local day = found[1] == ARGV[4] and tonumber(found[2]) or 0
  local month = found[3] == ARGV[5] and tonumber(found[4]) or 0
  local most_day, most_month = limits(i)
  if most_month >= 0 and month + wanted > most_month then
    answer[2], answer[3], answer[4] = i, 2, month
    return answer
  end
  if most_day >= 0 and day + wanted > most_day then
    answer[2], answer[3], answer[4] = i, 1, day
    return answer
  end
  used[i] = {day + wanted, month + wanted}
end
for i = calls + 1, #KEYS do
  local day, month = used[i][1], used[i][2]
  redis.call('hset', KEYS[i], 'day', ARGV[4], 'used', day, 'month', ARGV[5], 'used_in_month', month)
end
return answer
"""


@dataclass(frozen=True, slots=True)
class Bill:
    """Characters, and who is charged for them on the day and in the month of `at` (local time)."""

    payers: tuple[Party, ...]
    characters: int
    at: datetime

    @property
    def keys(self) -> list[str]:
        return [f"govvoice:characters:{party.key}" for party in self.payers]

    @property
    def terms(self) -> tuple[int, str, str]:
        """The characters, the day, the month: as they stand in Valkey."""
        return self.characters, day_of(self.at), month_of(self.at)


@dataclass(frozen=True, slots=True)
class Overdraft:
    """Why a bill was not charged: what its party has used already of the day, or of the month."""

    party: Party
    by_month: bool
    used: int


@dataclass(frozen=True, slots=True)
class Window:
    """One limit of one party: `reset` is the seconds until the oldest call in it no longer counts."""

    party: Party
    seconds: int
    limit: int
    used: int
    reset: float

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def wait(self) -> int:
        """`reset` in whole seconds, and never none."""
        return max(1, math.ceil(self.reset))


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left after this call; without windows nothing limits it.

    With an `overdraft` the call has passed and is counted, and its bill has not been charged.
    """

    passed: bool
    windows: tuple[Window, ...]
    overdraft: Overdraft | None = None

    @property
    def tightest(self) -> Window:
        """The window that is nearest to its end; of several that are empty, the one that stays so longest."""
        return min(self.windows, key=lambda window: (window.remaining, -window.reset))

    def headers(self) -> dict[str, str]:
        if not self.windows:
            return {}
        tight = self.tightest
        policies = dict.fromkeys(f"{window.limit};w={window.seconds}" for window in self.windows)
        return {
            "RateLimit-Limit": str(tight.limit),
            "RateLimit-Remaining": str(tight.remaining),
            "RateLimit-Reset": str(tight.wait),
            "RateLimit-Policy": ", ".join(policies),
        }


def take(callers: Sequence[Party], bill: Bill | None = None) -> Allowance:
    """Counts one call with all callers if it is within the limits of each, and then charges the bill.

    Without callers the bill alone is charged. Raises RedisError.
    """
    counted = [party for party in callers if party.counts_calls]
    payers = bill.payers if bill else ()
    if not counted and not payers:
        return Allowance(passed=True, windows=())
    limits = [(party.calls_per_second or 0, party.calls_per_minute or 0) for party in counted]
    limits += [(_limit(party.characters_per_day), _limit(party.characters_per_month)) for party in payers]
    terms = bill.terms if bill else (0, "", "")
    answer: Any = run_script(
        _SCRIPT,
        keys=[*(f"govvoice:calls:{party.key}" for party in counted), *(bill.keys if bill else ())],
        args=[uuid.uuid4().hex, len(counted), *terms, *chain.from_iterable(limits)],
    )
    passed, place, period, used, *numbers = answer
    windows = chain.from_iterable(
        _windows(party, numbers[4 * number : 4 * number + 4]) for number, party in enumerate(counted)
    )
    overdraft = Overdraft(payers[place - 1 - len(counted)], period == 2, used) if place else None
    return Allowance(bool(passed), tuple(windows), overdraft)


def _windows(party: Party, numbers: Sequence[int]) -> Iterator[Window]:
    second, minute, second_left, minute_left = numbers
    if party.calls_per_second:
        yield Window(party, SECOND, party.calls_per_second, second, second_left / _MICRO)
    if party.calls_per_minute:
        yield Window(party, MINUTE, party.calls_per_minute, minute, minute_left / _MICRO)


def day_of(at: datetime) -> str:
    return f"{at:%Y%m%d}"


def month_of(at: datetime) -> str:
    return f"{at:%Y%m}"


def _limit(characters: int | None) -> int:
    return -1 if characters is None else characters
