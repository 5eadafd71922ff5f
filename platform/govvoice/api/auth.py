"""Who calls: a client system, by its key or a token, from one of its networks."""

from __future__ import annotations

import hashlib
import math
import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.errors import KeyInvalid, KeyMissing
from accounts.keys import prefix_of
from accounts.middleware import origin_of, proven
from accounts.models import Client
from accounts.services import check_address, check_certificate, client_actor, find_client, note_call
from accounts.signing import LEEWAY
from accounts.tokens import find_token_client, looks_like_token, read_token
from audit.parties import ANONYMOUS, Actor

# A revoked key or token, a closed client or a changed network is out after this long at the latest.
REMEMBER_SECONDS = 1.0
REMEMBER_CLIENTS = 512
SCHEME = "Bearer"

_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer`, with a key or a token, or `X-Api-Key: gv_...`.

    Neither is ever read from the address.
    """

    def authenticate(self, request: Request) -> tuple[Client, None]:
        """Raises KeyMissing, KeyInvalid, TokenInvalid, TokenExpired, AddressRefused, CertificateMismatch."""
        http = request._request
        caller = remembered.find(_key_of(http))
        let_in(http, caller)
        return caller.client, None

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="govvoice"'


@dataclass(frozen=True, slots=True)
class Caller:
    """A client, and how it proved to be that: `session` is the id of its token, the prefix of its key."""

    client: Client
    method: str
    session: str


def let_in(request: HttpRequest, caller: Caller) -> None:
    """Makes it the client's request. Raises AddressRefused, CertificateMismatch."""
    # Before the check: a refusal names its client.
    request.client = caller.client  # type: ignore[attr-defined]
    proven(request, method=caller.method, session=caller.session)
    check_address(caller.client, origin_of(request))
    check_certificate(caller.client, origin_of(request))
    note_call(caller.client)


def client_of(request: HttpRequest) -> Client | None:
    """The client whose key was accepted, even if its address was not."""
    return getattr(request, "client", None)


def caller_of(request: HttpRequest) -> Actor:
    client = client_of(request)
    return client_actor(client) if client else ANONYMOUS


def _key_of(request: HttpRequest) -> str:
    authorization: str = request.META.get("HTTP_AUTHORIZATION", "").strip()
    bare: str = request.META.get("HTTP_X_API_KEY", "").strip()
    if not authorization and not bare:
        raise KeyMissing
    if not authorization:
        return bare
    bearer = _BEARER.fullmatch(authorization)
    if bearer is None or bare not in {"", bearer[1]}:
        raise KeyInvalid
    return bearer[1]


class _Remembered:
    """Found clients of this process, for a moment; keys are kept as digests only."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()

    def find(self, key: str) -> Caller:
        """Raises KeyInvalid, TokenInvalid or TokenExpired.

        Failures are not remembered: a new key works at once.
        """
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            until, caller = self._found.get(digest, (0.0, None))
        if caller is not None and time.monotonic() < until:
            return caller
        asked = time.monotonic()  # before the database answers: its answer is as old as the question
        caller, seconds = _look_up(key)
        with self._lock:
            self._found[digest] = (asked + min(seconds, REMEMBER_SECONDS), caller)
            self._found.move_to_end(digest)
            while len(self._found) > REMEMBER_CLIENTS:
                self._found.popitem(last=False)
        return caller

    def forget(self) -> None:
        with self._lock:
            self._found.clear()


def _look_up(key: str) -> tuple[Caller, float]:
    """The caller, and the seconds that a token still holds."""
    if not looks_like_token(key):
        return Caller(find_client(key=key), "api_key", prefix_of(key) or ""), math.inf
    claims = read_token(key)
    seconds = claims.expires + LEEWAY.total_seconds() - time.time()
    return Caller(find_token_client(claims), "token", claims.jti), seconds


remembered = _Remembered()
