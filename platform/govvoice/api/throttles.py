"""How often calls may come: so many in any second, and so many in any minute.

The times of the last minute's calls stand in Valkey, one sorted set for each party (see limits). One script
decides and notes in a single step: however many processes ask at once, exactly as many calls pass as there
may be. A refused call is noted with nobody, so that a caller who keeps knocking is let in again when his
minute is over.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.middleware import origin_of
from govvoice.api.auth import client_of
from govvoice.api.limits import Party, parties
from govvoice.api.refusals import Refusal
from synthesis.cache.redis import run_script

if TYPE_CHECKING:  # REST framework loads this module while it makes APIView
    from rest_framework.views import APIView

SECOND, MINUTE = 1, 60
_MICRO = 1_000_000

# By Valkey's clock, so that all processes count alike. For each key two limits, of which 0 is none. Answers
# {passed, and for each key: calls in this second, calls in this minute, microseconds until a call leaves the
# second, and the minute}; this call is counted with everybody if it passed.
_SCRIPT = """
local now = redis.call('time')
now = now[1] * 1000000 + now[2]
local stamp = string.format('%.0f', now)
local second_ago = string.format('(%.0f', now - 1000000)
local minute_ago = string.format('%.0f', now - 60000000)
local function time_of(key, rank)
  return redis.call('zrange', key, rank, rank, 'withscores')[2] or now
end
local answer, passed = {0}, 1
for i, key in ipairs(KEYS) do
  redis.call('zremrangebyscore', key, '-inf', minute_ago)
  local minute = redis.call('zcard', key)
  local second = redis.call('zcount', key, second_ago, '+inf')
  local most_second, most_minute = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  if (most_second > 0 and second >= most_second) or (most_minute > 0 and minute >= most_minute) then
    passed = 0
  end
  table.insert(answer, second)
  table.insert(answer, minute)
  table.insert(answer, time_of(key, minute - second) + 1000000 - now)
  table.insert(answer, time_of(key, 0) + 60000000 - now)
end
if passed == 1 then
  answer[1] = 1
  for i, key in ipairs(KEYS) do
    redis.call('zadd', key, stamp, ARGV[1])
    redis.call('pexpire', key, 61000)
    answer[4 * i - 2] = answer[4 * i - 2] + 1
    answer[4 * i - 1] = answer[4 * i - 1] + 1
  end
end
return answer
"""


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


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left after this call; without windows nothing limits it."""

    passed: bool
    windows: tuple[Window, ...]

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
            "RateLimit-Reset": str(_whole(tight.reset)),
            "RateLimit-Policy": ", ".join(policies),
        }


class CallThrottle(BaseThrottle):
    def allow_request(self, request: Request, view: APIView) -> bool:
        """Raises Refusal 429; leaves the allowance on the request for the answer's headers."""
        admit(request._request)
        return True


def admit(request: HttpRequest) -> None:
    """Counts the call with its client, the client's department and its address. Raises Refusal 429.

    A call that has been counted with its address before its client was known is counted there no more.
    """
    counted = allowance_of(request)
    address = None if counted else origin_of(request).address
    allowance = take(parties(client_of(request), address))
    request.allowance = allowance  # type: ignore[attr-defined]
    if allowance.passed:
        return
    tight = allowance.tightest
    wait = _whole(tight.reset)
    raise Refusal(
        429,
        "rate_limited",
        _("调用过于频繁：%(who)s每 %(seconds)d 秒至多 %(limit)d 次。请在 %(wait)d 秒后重试。")
        % {"who": tight.party.name, "seconds": tight.seconds, "limit": tight.limit, "wait": wait},
        headers={"Retry-After": str(wait)},
    )


def take(counted: Sequence[Party]) -> Allowance:
    """Counts one call with all parties if it is within the limits of each."""
    counted = [party for party in counted if party.counts_calls]
    if not counted:
        return Allowance(passed=True, windows=())
    limits = [(party.calls_per_second or 0, party.calls_per_minute or 0) for party in counted]
    keys = [f"govvoice:calls:{party.key}" for party in counted]
    arguments: list[str | int] = [uuid.uuid4().hex, *chain.from_iterable(limits)]
    answer: Any = run_script(_SCRIPT, keys=keys, args=arguments)
    passed, *numbers = answer
    windows = chain.from_iterable(
        _windows(party, numbers[4 * place : 4 * place + 4]) for place, party in enumerate(counted)
    )
    return Allowance(bool(passed), tuple(windows))


def _windows(party: Party, numbers: Sequence[int]) -> Iterator[Window]:
    second, minute, second_left, minute_left = numbers
    if party.calls_per_second:
        yield Window(party, SECOND, party.calls_per_second, second, second_left / _MICRO)
    if party.calls_per_minute:
        yield Window(party, MINUTE, party.calls_per_minute, minute, minute_left / _MICRO)


def allowance_of(request: HttpRequest) -> Allowance | None:
    return getattr(request, "allowance", None)


def _whole(seconds: float) -> int:
    return max(1, math.ceil(seconds))
