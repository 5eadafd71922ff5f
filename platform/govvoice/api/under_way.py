"""How many requests for sound may be under way at once, see limits for whose.

Each holds a place in Valkey, one sorted set for each party, for as long as it makes or streams sound; what is
found in the cache takes none. A place is a lease: what a killed process held is free again when it runs out,
so whoever takes longer says so.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from accounts.models import Client
from govvoice.api.limits import Party, parties
from govvoice.api.refusals import Refusal
from synthesis.cache.redis import run_script

log = logging.getLogger(__name__)

LEASE_SECONDS = 30  # longer than any answer takes that is not streamed (SPEECH_DEADLINE)
RETRY_SECONDS = 1

# By Valkey's clock. A place's score is the microsecond at which it is free again. Answers 0, or the number of
# the key that has no place left.
_TAKE = """
local now = redis.call('time')
now = now[1] * 1000000 + now[2]
for i, key in ipairs(KEYS) do
  redis.call('zremrangebyscore', key, '-inf', string.format('%.0f', now))
  if redis.call('zcard', key) >= tonumber(ARGV[i + 2]) then
    return i
  end
end
for _, key in ipairs(KEYS) do
  redis.call('zadd', key, string.format('%.0f', now + ARGV[2] * 1000000), ARGV[1])
  redis.call('expire', key, ARGV[2])
end
return 0
"""
# A place that has run out is not taken again: somebody else may hold it.
_KEEP = """
local now = redis.call('time')
now = now[1] * 1000000 + now[2]
for _, key in ipairs(KEYS) do
  redis.call('zadd', key, 'XX', string.format('%.0f', now + ARGV[2] * 1000000), ARGV[1])
  redis.call('expire', key, ARGV[2])
end
"""
_LEAVE = """
for _, key in ipairs(KEYS) do
  redis.call('zrem', key, ARGV[1])
end
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A request under way, counted with `keys`."""

    keys: Sequence[str]
    number: str

    def keep(self) -> None:
        """Holds the place for another LEASE_SECONDS; a stream says so as it goes. Raises RedisError."""
        if self.keys:
            run_script(_KEEP, keys=self.keys, args=[self.number, LEASE_SECONDS])

    def leave(self) -> None:
        if not self.keys:
            return
        try:
            run_script(_LEAVE, keys=self.keys, args=[self.number])
        except RedisError:  # the answer is made; the lease runs out by itself
            log.warning("a place under way could not be given back: %s", self.keys[0])


@contextmanager
def under_way(client: Client, *, address: str | None) -> Iterator[Place]:
    """Runs the body as one request under way of the client, its department and its address.

    Raises Refusal 429 when any of them has as many as it may, and RedisError.
    """
    place = _take([party for party in parties(client, address) if party.calls_at_once])
    try:
        yield place
    finally:
        place.leave()


def _take(counted: Sequence[Party]) -> Place:
    place = Place([f"govvoice:underway:{party.key}" for party in counted], uuid.uuid4().hex)
    if not counted:
        return place
    limits = [party.calls_at_once or 0 for party in counted]
    full = run_script(_TAKE, keys=place.keys, args=[place.number, LEASE_SECONDS, *limits])
    if full:
        raise _refused(counted[full - 1])
    return place


def _refused(party: Party) -> Refusal:
    detail = _("%(who)s同时进行的合成至多 %(limit)d 个，请在其中一个结束后重试。")
    return Refusal(
        429,
        "too_many_at_once",
        detail % {"who": party.name, "limit": party.calls_at_once},
        headers={"Retry-After": str(RETRY_SECONDS)},
    )
