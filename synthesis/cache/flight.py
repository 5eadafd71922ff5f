"""Single flight: of all who want the same sound at once, one has it made and all get it.

A claim (a key that expires) says that somebody asked for the work; the answer comes through a stream of one
entry beside it. A worker that dies takes nothing with it: the claim runs out after CLAIM_SECONDS and the next
of those waiting asks again. Doing the work twice is harmless, since the same key gives the same bytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from synthesis.cache.redis import PREFIX, connection, get, get_many, run_script
from synthesis.cache.redis import put as put_sound

CLAIM_SECONDS = 5
ANSWER_SECONDS = 60
BLOCK_MILLISECONDS = 1000  # well below the connection's socket timeout

# One step, so that nobody who joins a new flight reads the answer of the one before, and nobody who looked a
# moment too early has a sound made again that has just landed.
_CLAIM = """
if redis.call('exists', KEYS[3]) == 1 then
  return 0
end
if redis.call('set', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then
  redis.call('del', KEYS[2])
  return 1
end
return 0
"""


@dataclass(frozen=True, slots=True)
class Landed:
    """The answer of one flight: the sound, or why there is none."""

    key: str
    value: bytes | None
    failure: str = ""


def claim(key: str) -> bool:
    """True for the one who must have the work done."""
    return bool(run_script(_CLAIM, keys=[_claim(key), _answer(key), PREFIX + key], args=[CLAIM_SECONDS]))


def land(key: str, value: bytes) -> None:
    """The sound is made: keep it, and tell everybody who waits."""
    put_sound(key, value)
    _tell(key, {"state": "done"})


def fail(key: str, reason: str) -> None:
    """It cannot be made: tell everybody who waits, and let the next one try."""
    _tell(key, {"state": "failed", "reason": reason})


def wait(keys: Iterable[str], *, deadline: float, start: Callable[[str], None]) -> Iterator[Landed]:
    """Answers as they come, in any order. `start(key)` is called again when a flight was lost.

    Ends early, without the rest, when `deadline` (time.monotonic()) has passed.
    """
    missing = set(keys)
    while missing and time.monotonic() < deadline:
        landed = list(_read(missing, deadline)) or list(_already_kept(missing))
        for answer in landed:
            missing.discard(answer.key)
            yield answer
        if not landed:
            for key in missing:
                if claim(key):
                    start(key)


def _already_kept(keys: set[str]) -> Iterator[Landed]:
    """Sounds that are there although nobody says so any more: the word of their landing has run out."""
    ordered = sorted(keys)
    for key, value in zip(ordered, get_many(ordered), strict=True):
        if value is not None:
            yield Landed(key, value)


def _read(keys: set[str], deadline: float) -> Iterator[Landed]:
    names = {_answer(key): key for key in keys}
    block = max(1, min(BLOCK_MILLISECONDS, int((deadline - time.monotonic()) * 1000)))
    # redis-py types its answers for all protocols and clients at once; this is what RESP2 gives.
    answers: Any = connection().xread(dict.fromkeys(names, "0"), block=block)
    for name, entries in answers:
        if landed := _landed(names[name.decode()], entries[-1][1]):
            yield landed


def _landed(key: str, fields: dict[bytes, bytes]) -> Landed | None:
    """None when the sound was made but is gone again: `wait` then has it made anew."""
    if fields[b"state"] == b"failed":
        return Landed(key, None, fields[b"reason"].decode())
    value = get(key)
    return Landed(key, value) if value is not None else None


def _tell(key: str, fields: dict[str, str]) -> None:
    with connection().pipeline(transaction=True) as pipe:
        pipe.xadd(_answer(key), fields, maxlen=1, approximate=False)  # type: ignore[arg-type]
        pipe.expire(_answer(key), ANSWER_SECONDS)
        pipe.delete(_claim(key))
        pipe.execute()


def _claim(key: str) -> str:
    return f"{PREFIX}claim:{key}"


def _answer(key: str) -> str:
    return f"{PREFIX}answer:{key}"
