"""Is the platform alive, and can it speak?"""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit.watch import is_sealing
from govvoice.celery import app
from govvoice.operations.visitors import only_from
from synthesis.cache.redis import connection as valkey
from synthesis.clearance import clear
from synthesis.spec import SpeechSpec


@only_from("HEALTH_NETWORKS")
@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})


@only_from("HEALTH_NETWORKS")
@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """200 when database, Valkey, a worker, a voice and the sealing of evidence all are there, else 503."""
    checks = run_checks()
    well = all(checks.values())
    return JsonResponse(
        {"status": "ok" if well else "unavailable", "checks": checks}, status=200 if well else 503
    )


def run_checks() -> dict[str, bool]:
    """Which parts are there, by name; a dead worker takes a second to notice."""
    return {name: _holds(check) for name, check in CHECKS.items()}


def _holds(check: Callable[[], object]) -> bool:
    # Whatever a part throws, the answer is the same: it is not there.
    try:
        return bool(check())
    except Exception:
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        row: tuple[int] = cursor.fetchone()
    return row == (1,)


def _voice() -> bool:
    """Clears a text for the default voice, so that all it takes is there before the first caller comes."""
    return bool(clear(SpeechSpec(text="您好")).plan.phrase_keys)


def _worker() -> bool:
    """One of those who serve callers; the slow lane's worker is none of them."""
    serving = app.control.inspect(timeout=1.0, limit=1, pattern="worker@*")
    return bool(serving.ping())


CHECKS: dict[str, Callable[[], object]] = {
    "database": _database,
    "valkey": lambda: valkey().ping(),
    "worker": _worker,
    "voice": _voice,
    "sealing": is_sealing,
}
