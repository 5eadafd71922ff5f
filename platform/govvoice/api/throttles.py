"""How often a client may call: so many times in any second, and so many in any minute.

The times of the last minute's calls stand in Valkey, one sorted set a client, and one script decides and
notes in a single step: however many processes ask at once, exactly as many calls pass as the client may make.
A refused call is not noted, so that a caller who keeps knocking is let in again when his minute is over.
"""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import Client
from govvoice.api.auth import client_of
from govvoice.api.refusals import Refusal
from synthesis.cache.redis import connection

if TYPE_CHECKING:  # REST framework loads this module while it makes APIView
    from rest_framework.views import APIView

SECOND, MINUTE = 1, 60
_MICRO = 1_000_000

# By Valkey's clock, so that all processes count alike. Answers {passed, calls in this second, calls in this
# minute, microseconds until a call leaves the second, and the minute}; this call is counted if it passed.
_SCRIPT = """
local now = redis.call('time')
now = now[1] * 1000000 + now[2]
local function oldest_in(from)
  local entry = redis.call('zrange', KEYS[1], '(' .. string.format('%.0f', from), '+inf',
    'byscore', 'limit', 0, 1, 'withscores')
  return entry[2] and tonumber(entry[2]) or now
end
redis.call('zremrangebyscore', KEYS[1], '-inf', string.format('%.0f', now - 60000000))
local minute = redis.call('zcard', KEYS[1])
local second = redis.call('zcount', KEYS[1], '(' .. string.format('%.0f', now - 1000000), '+inf')
local passed = 0
if second < tonumber(ARGV[1]) and minute < tonumber(ARGV[2]) then
  redis.call('zadd', KEYS[1], string.format('%.0f', now), ARGV[3])
  redis.call('pexpire', KEYS[1], 61000)
  passed, second, minute = 1, second + 1, minute + 1
end
return {passed, second, minute,
  oldest_in(now - 1000000) + 1000000 - now, oldest_in(now - 60000000) + 60000000 - now}
"""


@dataclass(frozen=True, slots=True)
class Window:
    """One of the two limits: `reset` is the seconds until the oldest call in it no longer counts."""

    seconds: int
    limit: int
    used: int
    reset: float

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the client has left after this call."""

    passed: bool
    windows: tuple[Window, Window]

    @property
    def tightest(self) -> Window:
        """The window that is nearest to its end; of two that are empty, the one that stays so longer."""
        return min(self.windows, key=lambda window: (window.remaining, -window.reset))

    def headers(self) -> dict[str, str]:
        tight = self.tightest
        return {
            "RateLimit-Limit": str(tight.limit),
            "RateLimit-Remaining": str(tight.remaining),
            "RateLimit-Reset": str(_whole(tight.reset)),
            "RateLimit-Policy": ", ".join(f"{window.limit};w={window.seconds}" for window in self.windows),
        }


class ClientThrottle(BaseThrottle):
    def allow_request(self, request: Request, view: APIView) -> bool:
        """Raises Refusal 429; leaves the allowance on the request for the answer's headers."""
        client = client_of(request._request)
        if client is None:
            return True
        allowance = take(client)
        request._request.allowance = allowance  # type: ignore[attr-defined]
        if not allowance.passed:
            wait = _whole(allowance.tightest.reset)
            raise Refusal(
                429,
                "rate_limited",
                _("调用过于频繁：每秒 %(second)d 次，每分钟 %(minute)d 次。请在 %(wait)d 秒后重试。")
                % {"second": client.calls_per_second, "minute": client.calls_per_minute, "wait": wait},
                headers={"Retry-After": str(wait)},
            )
        return True


def take(client: Client) -> Allowance:
    """Counts one call if the client may make it."""
    limits = (client.calls_per_second, client.calls_per_minute)
    script = connection().register_script(_SCRIPT)
    answer: Any = script(keys=[f"govvoice:calls:{client.pk}"], args=[*limits, uuid.uuid4().hex])
    passed, second, minute, second_left, minute_left = answer
    return Allowance(
        passed=bool(passed),
        windows=(
            Window(SECOND, limits[0], second, second_left / _MICRO),
            Window(MINUTE, limits[1], minute, minute_left / _MICRO),
        ),
    )


def allowance_of(request: HttpRequest) -> Allowance | None:
    return getattr(request, "allowance", None)


def _whole(seconds: float) -> int:
    return max(1, math.ceil(seconds))
