"""How much each voice has spoken lately."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Sum
from django.utils import timezone

from synthesis.models import Speech

DAYS = 30


@dataclass(frozen=True, slots=True)
class Spoken:
    """Answered requests of the last 30 days that this voice began, and the seconds they last together."""

    calls: int = 0
    seconds: float = 0.0


def spoken_by(codes: Iterable[str]) -> dict[str, Spoken]:
    """By the voices' codes, in one query."""
    codes = list(codes)
    since = timezone.now() - timedelta(days=DAYS)
    rows = (
        Speech.objects.filter(voice__in=codes, created_at__gte=since)
        .order_by()
        .values("voice")
        .annotate(calls=Count("pk"), length=Sum("seconds"))
    )
    found = {row["voice"]: Spoken(row["calls"], row["length"]) for row in rows}
    return {code: found.get(code, Spoken()) for code in codes}
