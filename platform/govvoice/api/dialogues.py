"""The `session` of a caller: one telephone call, say, that goes on in the voice and emotion it began with.

Kept for half an hour after the last request, for each client apart. What a request says itself goes before it
and is what is kept from then on.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import redis.exceptions
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Client
from synthesis import uses
from synthesis.cache.redis import connection
from synthesis.casting import find_voice
from synthesis.errors import SpeechUnavailable, VoiceUnknown
from synthesis.models import Voice
from synthesis.pipeline import Plan
from synthesis.uses import Handover, Room, Use

KEPT_SECONDS: Final = 30 * 60
_PREFIX: Final = "govvoice:session:"


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


def register_room() -> None:
    """Called once, when the app is ready: sessions name voices too."""
    uses.register("session", Room(gettext_lazy("通话会话"), _find, _replace, "accounts.view_client"))


def _find(voice: Voice) -> Iterator[Use]:
    """The clients with sessions in this voice, and how many each has."""
    counts = Counter(int(key.split(b":")[2]) for key, _kept in _naming(voice))
    for client in Client.objects.filter(pk__in=counts).select_related("organisation"):
        note = _("%(count)d 个会话") % {"count": counts[client.pk]}
        yield Use(client.name, note=note, organisation=client.organisation.code, is_handed_on=False)


def _replace(handover: Handover) -> None:
    """After the commit: a session is no record; one that is missed goes on in the client's usual voice."""
    transaction.on_commit(lambda: _go_on(handover), robust=True)


def _go_on(handover: Handover) -> None:
    for key, kept in _naming(handover.old):
        told = json.dumps({**kept, "voice": handover.new.code})
        connection().set(key, told, xx=True, keepttl=True)


def _naming(voice: Voice) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """The sessions that go on in this voice; none while Valkey is away."""
    with suppress(redis.exceptions.RedisError):
        for key in connection().scan_iter(f"{_PREFIX}*", count=1000):
            value: Any = connection().get(key)
            kept = json.loads(value) if value else {}
            if kept.get("voice") == voice.code:
                yield key, kept


def _is_there(code: str, client: Client) -> bool:
    try:
        find_voice(code, among=client.voices)
    except VoiceUnknown:
        return False
    return True


def _key(client: Client, session: str) -> str:
    """Hashed: a caller's number may be in it, and nobody needs to read that here."""
    return f"{_PREFIX}{client.pk}:{hashlib.sha256(session.encode()).hexdigest()}"
