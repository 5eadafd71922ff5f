"""The same request sent twice is carried out once: `Idempotency-Key`, see docs/api.md.

What was answered is kept for a day under the client's own key. Whoever sends the key again meanwhile, or at
the same moment, gets that answer, and nothing is charged or recorded a second time. Only what succeeded is
kept: a refused request has done nothing, and may be sent again. A process that dies before it has answered
gives the key back after LEASE_SECONDS.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from accounts.models import Client
from govvoice.api.refusals import Refusal
from synthesis.cache.redis import run_script

log = logging.getLogger(__name__)

HEADER = "Idempotency-Key"
_META = "HTTP_IDEMPOTENCY_KEY"
REPEATED = "Idempotent-Replayed"
LONGEST = 128
KEPT_SECONDS = 24 * 60 * 60
LEASE_SECONDS = 30  # longer than any answer takes (SPEECH_DEADLINE)
RETRY_SECONDS = 2
# Visible ASCII. A comma would come of two headers that a server has joined.
PATTERN = rf"[!-+\--~]{{1,{LONGEST}}}"
_KEY = re.compile(PATTERN)
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.2  # seconds between two questions

# A hash: whose request (digest), who carries it out, and the answer once it is there.
# Answers {"other"}, {"kept", answer}, {"waits"} or {"ours"}.
_CLAIM = """
local found = redis.call('hmget', KEYS[1], 'request', 'answer')
if found[1] and found[1] ~= ARGV[1] then
  return {'other'}
end
if found[2] then
  return {'kept', found[2]}
end
if found[1] then
  return {'waits'}
end
redis.call('hset', KEYS[1], 'request', ARGV[1], 'by', ARGV[2])
redis.call('expire', KEYS[1], ARGV[3])
return {'ours'}
"""
# Whose lease has run out keeps nothing: somebody else may be at it.
_KEEP = """
if redis.call('hget', KEYS[1], 'by') == ARGV[1] then
  redis.call('hset', KEYS[1], 'answer', ARGV[2])
  redis.call('expire', KEYS[1], ARGV[3])
end
"""
_RELEASE = """
if redis.call('hget', KEYS[1], 'by') == ARGV[1] then
  redis.call('del', KEYS[1])
end
"""


def once(
    request: HttpRequest,
    client: Client,
    *,
    said: Mapping[str, Any],
    make: Callable[[], HttpResponse],
    again: Callable[[], None],
) -> HttpResponse:
    """The answer of `make`, or the one that it gave when the key came first.

    `said` is the request's body: under one key it is always the same. `again` is asked before an answer goes
    out once more, and may raise. Raises Refusal 400 (the key), 409 (another body, or still under way),
    RedisError, and whatever `make` raises.
    """
    key = _key_of(request)
    if key is None:
        return make()
    turn = _Turn(_name(client, key), _digest([request.path, said]))
    kept = turn.wait()
    if kept is not None:
        again()
        return _unpack(kept)
    try:
        response = make()
    except BaseException:
        turn.release()
        raise
    turn.keep(_pack(response))
    return response


@dataclass(frozen=True, slots=True)
class _Turn:
    """One attempt to carry a request out: `name` is its key in Valkey, `request` a digest of what it says."""

    name: str
    request: str
    number: str = field(default_factory=lambda: uuid.uuid4().hex)

    def wait(self) -> bytes | None:
        """What was answered before; None when it is ours to answer. Raises Refusal 409, RedisError."""
        end, pause = time.monotonic() + settings.SPEECH_DEADLINE, FIRST_PAUSE
        while (kept := self._claim()) == [b"waits"]:
            if time.monotonic() >= end:
                raise _conflict("idempotency_under_way", _("同一个请求仍在处理，请稍后重试。"))
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        if kept == [b"other"]:
            raise _conflict(
                "idempotency_conflict", _("这个 Idempotency-Key 已用于内容不同的请求，请换一个。")
            )
        return kept[1] if kept[0] == b"kept" else None

    def _claim(self) -> list[bytes]:
        answer: list[bytes] = run_script(
            _CLAIM, keys=[self.name], args=[self.request, self.number, LEASE_SECONDS]
        )
        return answer

    def keep(self, answer: bytes) -> None:
        try:
            run_script(_KEEP, keys=[self.name], args=[self.number, answer, KEPT_SECONDS])
        except RedisError:  # the caller must still get what was made and charged
            log.warning("an answer could not be kept for its repetition")

    def release(self) -> None:
        try:
            run_script(_RELEASE, keys=[self.name], args=[self.number])
        except RedisError:  # the caller must still hear why nothing was done; the lease runs out by itself
            log.warning("the key of a failed request could not be given back")


def is_repeatable(request: HttpRequest) -> bool:
    """Whether it may have been carried out already: nothing is charged before that is known."""
    return _META in request.META


def _key_of(request: HttpRequest) -> str | None:
    """Raises Refusal 400."""
    key: str | None = request.META.get(_META)
    if key is None or _KEY.fullmatch(key):
        return key
    message = _("%(header)s 应为 1 到 %(longest)d 个可见的 ASCII 字符，不含空格和逗号。")
    raise Refusal(400, "idempotency_key_invalid", message % {"header": HEADER, "longest": LONGEST})


def _name(client: Client, key: str) -> str:
    return f"govvoice:repeat:{client.pk}:{_digest(key)}"


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _conflict(code: str, detail: str) -> Refusal:
    return Refusal(409, code, detail, headers={"Retry-After": str(RETRY_SECONDS)})


def _pack(response: HttpResponse) -> bytes:
    """A line of JSON, then the body."""
    head = {"status": response.status_code, "headers": dict(response.items())}
    return json.dumps(head).encode() + b"\n" + response.content


def _unpack(kept: bytes) -> HttpResponse:
    head, _newline, body = kept.partition(b"\n")
    told = json.loads(head)
    return HttpResponse(body, status=told["status"], headers={**told["headers"], REPEATED: "true"})
