"""Addresses under which the sound of an answered request can be had for ten minutes, without a key.

The address is signed (HMAC-SHA256 under the deployment's secret): nobody can make one up, or make one hold
longer. Whoever calls it has to call from the client's networks all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from synthesis.models import Speech

LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    expires_at: datetime


def link_to(speech: Speech, *, request: HttpRequest) -> Link:
    """An address on the host that the request was sent to."""
    token = _signer().sign(speech.pk.hex)
    path = reverse("api:speech-audio", args=[token])
    return Link(request.build_absolute_uri(path), timezone.now() + LIFETIME)


def speech_behind(token: str) -> Speech:
    """The request whose sound the address stands for. Raises Http404 for one that is forged or too old."""
    try:
        number = UUID(_signer().unsign(token, max_age=LIFETIME))
    except (BadSignature, ValueError):
        raise Http404 from None
    speech = Speech.objects.filter(pk=number, caller_kind="client").first()
    if speech is None:
        raise Http404
    return speech


def _signer() -> TimestampSigner:
    return TimestampSigner(sep="~", salt="govvoice.api.links")
