"""How often words are met, by word, caller and day.

Counted in Valkey, where a refusal that is rolled back leaves its count all the same, and where a busy word
is no row that everybody waits for; a beat moves the counts into the database.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.db.models import Max, QuerySet, Sum
from django.utils import timezone
from redis.exceptions import RedisError

from audit.parties import Actor
from synthesis.cache.redis import connection
from synthesis.screening.models import HitCount
from synthesis.screening.verdicts import Hit

log = logging.getLogger(__name__)

_COUNTING = "govvoice:hits"
_MOVING = "govvoice:hits:moving"
_WORDS_TOLD, _CALLERS_TOLD = 50, 20
_ADD = """
INSERT INTO screening_hitcount (day, key, term, category, level, caller_kind, caller_id, caller_name, count)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (day, key, level, caller_kind, caller_id) DO UPDATE
SET count = screening_hitcount.count + EXCLUDED.count, caller_name = EXCLUDED.caller_name
"""


def count(hits: Iterable[Hit], actor: Actor) -> None:
    """Counts each word once a text. Never fails: figures are no evidence, and must not stop a request."""
    today = timezone.localdate().isoformat()
    met = {hit.rule: hit for hit in hits}
    rows = [
        (today, hit.rule, hit.term, hit.category, hit.level.value, actor.kind, actor.id, actor.name)
        for hit in met.values()
    ]
    try:
        pipe = connection().pipeline(transaction=False)
        for row in rows:
            pipe.hincrby(_COUNTING, json.dumps(row, ensure_ascii=False), 1)
        if rows:
            pipe.execute()
    except RedisError:
        log.warning("%d hits could not be counted", len(rows))


def fold() -> int:
    """Moves what was counted into the database; how many rows. Two at once do not count twice."""
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('screening.hits'))")
        # What an earlier one left behind goes first, so that nothing is overwritten.
        if not connection().exists(_MOVING) and not _rename():
            return 0
        counted: Any = connection().hgetall(_MOVING)
        for row, number in counted.items():
            cursor.execute(_ADD, [*json.loads(row), int(number)])
        connection().delete(_MOVING)
    return len(counted)


def _rename() -> bool:
    return bool(connection().exists(_COUNTING)) and bool(connection().rename(_COUNTING, _MOVING))


@dataclass(frozen=True, slots=True)
class WordHits:
    key: str
    term: str
    category: str
    level: str
    count: int


def by_word(days: int) -> list[WordHits]:
    """The words met most often in the last `days` days, today among them."""
    rows = _since(days).values("key", "term", "category", "level").annotate(total=Sum("count"))
    return [
        WordHits(row["key"], row["term"], row["category"], row["level"], row["total"])
        for row in rows.order_by("-total", "key")[:_WORDS_TOLD]
    ]


def by_caller(days: int) -> list[tuple[str, int]]:
    """Callers by their names, with how often words were met in their texts."""
    rows = _since(days).values("caller_kind", "caller_id")
    rows = rows.annotate(name=Max("caller_name"), total=Sum("count"))
    return [(row["name"], row["total"]) for row in rows.order_by("-total")[:_CALLERS_TOLD]]


def by_day(days: int) -> list[tuple[date, int]]:
    """Every one of the days, the oldest first."""
    counts = dict(_since(days).values_list("day").annotate(total=Sum("count")))
    first = timezone.localdate() - timedelta(days=days - 1)
    return [(day, counts.get(day, 0)) for day in (first + timedelta(days=n) for n in range(days))]


def _since(days: int) -> QuerySet[HitCount]:
    return HitCount.objects.filter(day__gt=timezone.localdate() - timedelta(days=days))
