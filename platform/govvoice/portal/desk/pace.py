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


def check_pace(request: HttpRequest) -> None:
    """Counts this request. Raises RequestRefused (429), or SpeechUnavailable when nothing can be counted."""
    try:
        usage = get_usage(request, group="portal.desk", key=_key, rate=RATE, increment=True)
    except (redis.exceptions.RedisError, ConnectionInterrupted) as error:
        raise SpeechUnavailable from error
    if usage and usage["should_limit"]:
        seconds = max(1, usage["time_left"])
        message = _("试听过于频繁，请在 %(seconds)d 秒后再试。") % {"seconds": seconds}
        raise RequestRefused(Problem(429, "too_often", message, headers={"Retry-After": str(seconds)}))


def _key(_group: str, request: HttpRequest) -> str:
    return str(staff_of(request).pk)
