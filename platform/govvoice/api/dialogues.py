"""The `session` of a caller: one telephone call, say, that goes on in the voice and emotion it began with.

Kept for half an hour after the last request, for each client apart. What a request says itself goes before it
and is what is kept from then on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

import redis.exceptions

from accounts.models import Client
from synthesis.cache.redis import connection
from synthesis.casting import find_voice
from synthesis.errors import SpeechUnavailable, VoiceUnknown
from synthesis.pipeline import Plan

KEPT_SECONDS: Final = 30 * 60


def recall(*, client: Client, session: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Voice, emotion and intensity as the session has them; what is `given` is left out.

    A voice that was switched off, or taken from the client, meanwhile is not kept: the client's usual one
    goes on, and X-Voice says so. Raises SpeechUnavailable.
    """
    try:
        kept: Any = connection().getex(_key(client, session), ex=KEPT_SECONDS)
    except redis.exceptions.RedisError as error:
        raise SpeechUnavailable from error
    found: dict[str, Any] = json.loads(kept) if kept else {}
    if "emotion" in given:
        found.pop("intensity", None)  # the strength belongs to the emotion it was asked for with
    if "voice" in found and "voice" not in given and not _is_there(found["voice"], client):
        del found["voice"]
    return found


def keep(*, client: Client, session: str, plan: Plan) -> None:
    """What the request asked for, its voice by name: the default one may change. Raises SpeechUnavailable."""
    spec = plan.spec
    told = {"voice": plan.asked.code, "emotion": spec.emotion, "intensity": spec.intensity}
    try:
        connection().set(_key(client, session), json.dumps(told), ex=KEPT_SECONDS)
    except redis.exceptions.RedisError as error:
        raise SpeechUnavailable from error


def _is_there(code: str, client: Client) -> bool:
    try:
        find_voice(code, among=client.voices)
    except VoiceUnknown:
        return False
    return True


def _key(client: Client, session: str) -> str:
    """Hashed: a caller's number may be in it, and nobody needs to read that here."""
    return f"govvoice:session:{client.pk}:{hashlib.sha256(session.encode()).hexdigest()}"
