"""How often calls may come: so many in any second, and so many in any minute; see entrance for how.

A request for speech is counted and charged in one trip to Valkey, wherever that can be told from its body
without work. Whoever has called too often already must not make us work: his bodies are not read while this
process remembers him, and a body that is long, or slow to come, is waited for and looked into only after its
call has been counted.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.middleware import origin_of
from accounts.models import Client
from govvoice.api.auth import client_of
from govvoice.api.entrance import Allowance, Bill, take
from govvoice.api.limits import parties
from govvoice.api.parsers import object_of
from govvoice.api.quota import bill_for, require_covered
from govvoice.api.refusals import Refusal
from govvoice.api.repeats import is_repeatable
from govvoice.api.text_rules import plain_characters

if TYPE_CHECKING:  # REST framework loads this module while it makes APIView
    from rest_framework.views import APIView


class CallThrottle(BaseThrottle):
    def allow_request(self, request: Request, view: APIView) -> bool:
        """Raises Refusal 429; leaves the allowance on the request for the answer's headers."""
        admit(request._request)
        return True


class SpeechThrottle(BaseThrottle):
    def allow_request(self, request: Request, view: APIView) -> bool:
        """Counts the call, and charges a plain text with it: whoever fails later gives back (see bill_of).

        Raises Refusal: 429, before all that is wrong with the body; else 400, 408, 413, 415.
        """
        http, characters = request._request, 0
        if http.method != "POST" or is_repeatable(http) or insistent.holds(client_of(http)):
            admit(http)
            return True
        try:
            characters = plain_characters(object_of(request))
        finally:
            admit_once(http, characters=characters)
        return True


class _Insistent:
    """Clients that this process has refused, until calls of theirs may pass: it does not read their bodies.

    A body that is read for nothing holds a thread for as long as its caller likes.
    """

    def __init__(self) -> None:
        self._until: dict[int, float] = {}

    def holds(self, client: Client | None) -> bool:
        return client is not None and time.monotonic() < self._until.get(client.pk, 0.0)

    def note(self, client: Client | None, *, seconds: float) -> None:
        if client is not None:
            self._until[client.pk] = time.monotonic() + seconds

    def forget(self) -> None:
        self._until.clear()


insistent = _Insistent()


def admit(request: HttpRequest, *, characters: int = 0) -> None:
    """Counts the call with its client, the client's department and its address, and charges the characters.

    A call that has been counted with its address before its client was known is counted there no more.
    Raises Refusal 429.
    """
    counted = allowance_of(request)
    address = None if counted else origin_of(request).address
    everybody = parties(client_of(request), address)
    bill = bill_for(everybody, characters) if characters else None
    allowance = take(everybody, bill)
    request.allowance = allowance  # type: ignore[attr-defined]
    if not allowance.passed:
        insistent.note(client_of(request), seconds=allowance.tightest.reset)
        raise _too_often(allowance)
    if bill:
        require_covered(bill, allowance)
        request.bill = bill  # type: ignore[attr-defined]


def admit_once(request: HttpRequest, *, characters: int = 0) -> None:
    """Nothing where the call has been counted: it was, with no characters, if its body was late."""
    if allowance_of(request) is None:
        admit(request, characters=characters)


def _too_often(allowance: Allowance) -> Refusal:
    tight = allowance.tightest
    return Refusal(
        429,
        "rate_limited",
        _("调用过于频繁：%(who)s每 %(seconds)d 秒至多 %(limit)d 次。请在 %(wait)d 秒后重试。")
        % {"who": tight.party.name, "seconds": tight.seconds, "limit": tight.limit, "wait": tight.wait},
        headers={"Retry-After": str(tight.wait)},
    )


def allowance_of(request: HttpRequest) -> Allowance | None:
    return getattr(request, "allowance", None)


def bill_of(request: HttpRequest) -> Bill | None:
    """What was charged as the call came in."""
    return getattr(request, "bill", None)
