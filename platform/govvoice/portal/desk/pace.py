"""How often one member of staff may have something spoken."""

from __future__ import annotations

import redis.exceptions
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django_ratelimit.core import get_usage
from django_redis.exceptions import ConnectionInterrupted  # type: ignore[import-untyped]

from govvoice.portal.desk.errors import RequestRefused
from govvoice.portal.pages import staff_of
from govvoice.problems import Problem
from synthesis.errors import SpeechUnavailable

RATE = "30/m"
READING_RATE = "240/m"  # a text is read again whenever its typing rests


def check_pace(request: HttpRequest) -> None:
    """Counts this request. Raises RequestRefused (429), or SpeechUnavailable when nothing can be counted."""
    _check(request, "portal.desk", RATE, _("试听过于频繁，请在 %(seconds)d 秒后再试。"))


def check_reading_pace(request: HttpRequest) -> None:
    """The same for texts that are only read, which costs far less."""
    _check(request, "portal.readings", READING_RATE, _("查询读音过于频繁，请在 %(seconds)d 秒后再试。"))


def _check(request: HttpRequest, group: str, rate: str, sentence: str) -> None:
    try:
        usage = get_usage(request, group=group, key=_key, rate=rate, increment=True)
    except (redis.exceptions.RedisError, ConnectionInterrupted) as error:
        raise SpeechUnavailable from error
    if usage and usage["should_limit"]:
        seconds = max(1, usage["time_left"])
        headers = {"Retry-After": str(seconds)}
        raise RequestRefused(Problem(429, "too_often", sentence % {"seconds": seconds}, headers=headers))


def _key(_group: str, request: HttpRequest) -> str:
    return str(staff_of(request).pk)
