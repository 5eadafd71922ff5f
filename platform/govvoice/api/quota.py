"""How many characters may be spoken on one day and in one month (Beijing time), see limits for whose.

Charged in one step with everybody before anything is spoken (see entrance), given back when nothing was: of
many requests at once, those that fit pass, and a failed one costs nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from accounts.models import Client
from govvoice.api.entrance import Allowance, Bill, Overdraft, day_of, month_of, take
from govvoice.api.limits import Party, parties
from govvoice.api.refusals import Refusal
from synthesis.cache.redis import connection, run_script

log = logging.getLogger(__name__)

_REFUND = """
for i, key in ipairs(KEYS) do
  if redis.call('hget', key, 'day') == ARGV[2] then
    redis.call('hincrby', key, 'used', -tonumber(ARGV[1]))
  end
  if redis.call('hget', key, 'month') == ARGV[3] then
    redis.call('hincrby', key, 'used_in_month', -tonumber(ARGV[1]))
  end
end
"""


@contextmanager
def charged(client: Client, characters: int, *, address: str | None = None) -> Iterator[None]:
    """Runs the body with the characters charged; gives them back when it raises. Raises Refusal 429."""
    bill = bill_for(parties(client, address), characters)
    require_covered(bill, take((), bill))
    try:
        yield
    except BaseException:
        give_back(bill)
        raise


def bill_for(everybody: Sequence[Party], characters: int) -> Bill:
    payers = tuple(party for party in everybody if party.counts_characters)
    return Bill(payers, characters, timezone.localtime())


def require_covered(bill: Bill, allowance: Allowance) -> None:
    """Raises Refusal 429 where the bill was not charged."""
    if allowance.overdraft:
        raise _exceeded(bill, allowance.overdraft)


def give_back(bill: Bill) -> None:
    """Nothing was spoken: it costs nothing."""
    try:
        run_script(_REFUND, keys=bill.keys, args=bill.terms)
    except RedisError:  # the caller must still hear why nothing was spoken
        log.warning("%d characters could not be given back to %s", bill.characters, bill.payers[0].key)


def used_today(client: Client) -> int:
    day, used = _values(client, "day", "used")
    return used if day == day_of(timezone.localtime()) else 0


def used_this_month(client: Client) -> int:
    month, used = _values(client, "month", "used_in_month")
    return used if month == month_of(timezone.localtime()) else 0


def _exceeded(bill: Bill, overdraft: Overdraft) -> Refusal:
    party, now = overdraft.party, bill.at
    said = (
        _("%(who)s本月字数限额 %(limit)d，已用 %(used)d，本次需要 %(wanted)d。")
        if overdraft.by_month
        else _("%(who)s今日字数限额 %(limit)d，已用 %(used)d，本次需要 %(wanted)d。")
    )
    limit = party.characters_per_month if overdraft.by_month else party.characters_per_day
    told = {"who": party.name, "limit": limit or 0, "used": overdraft.used, "wanted": bill.characters}
    wait = _until(_next_month(now) if overdraft.by_month else now.date() + timedelta(days=1), now)
    return Refusal(429, "quota_exceeded", said % told, headers={"Retry-After": str(wait)})


def _values(client: Client, period: str, sum_: str) -> tuple[str, int]:
    found: Any = connection().hmget(f"govvoice:characters:client:{client.pk}", [period, sum_])
    which, used = found
    return (which or b"").decode(), int(used or 0)


def _next_month(now: datetime) -> date:
    return (now.date().replace(day=1) + timedelta(days=31)).replace(day=1)


def _until(day: date, now: datetime) -> int:
    """Seconds to the beginning of that day, and never none."""
    return max(1, int((datetime.combine(day, time(), tzinfo=now.tzinfo) - now).total_seconds()) + 1)
