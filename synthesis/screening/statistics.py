"""How often words are met, by word, caller and day.

Counted in Valkey, where a refusal that is rolled back leaves its count all the same, and where a busy word
is no row that everybody waits for; a beat moves the counts into the database.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from audit.parties import Actor
from synthesis.cache.redis import connection
from synthesis.screening.verdicts import Hit

log = logging.getLogger(__name__)

_COUNTING = "govvoice:hits"
_MOVING = "govvoice:hits:moving"
_FIELDS = ("day", "key", "term", "category", "level", "caller_kind", "caller_id", "caller_name")
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
