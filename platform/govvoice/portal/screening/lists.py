"""敏感词库: every list with what is in force of it and what is under way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from govvoice.portal.broadcasts.wording import Badge
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.screening.scope import CHANGE, VIEW, version_url
from govvoice.portal.screening.wording import (
    category_name,
    effective_of,
    level_badge,
    scope_of,
    version_badge,
)
from synthesis.screening import statistics
from synthesis.screening.models import HitCount, ListVersion

State = ListVersion.State
HITS_DAYS = 7


@dataclass(frozen=True, slots=True)
class Row:
    """A list: `version` is what counts, `next` what waits to take its place."""

    version: ListVersion
    url: str
    badge: Badge
    level: Badge
    category: str
    scope: str
    effective: str
    hits: int
    next: ListVersion | None
    next_url: str
    next_badge: Badge | None


@staff_page(VIEW)
@require_GET
def word_lists(request: HttpRequest) -> HttpResponse:
    return page(
        request,
        "portal/screening/lists.html",
        title=_("敏感词库"),
        rows=sorted(_rows(), key=lambda row: (row.next is None, row.version.name)),
        may_change=staff_of(request).has_perm(CHANGE),
        days=HITS_DAYS,
    )


def _rows() -> Iterator[Row]:
    statistics.fold()
    hits = _hits()
    by_list: dict[int, list[ListVersion]] = {}
    for version in ListVersion.objects.defer("content").select_related("word_list"):
        by_list.setdefault(version.word_list_id, []).append(version)
    for number, versions in by_list.items():
        under_way = next((one for one in versions if one.state in {State.DRAFT, State.PENDING}), None)
        shown = next((one for one in versions if one.state == State.ACTIVE), versions[0])
        yield _row(shown, None if under_way is shown else under_way, hits.get(str(number), 0))


def _row(version: ListVersion, coming: ListVersion | None, hits: int) -> Row:
    return Row(
        version=version,
        url=version_url(version),
        badge=version_badge(version),
        level=level_badge(version.level),
        category=category_name(version.category),
        scope=scope_of(version),
        effective=effective_of(version),
        hits=hits,
        next=coming,
        next_url=version_url(coming) if coming else "",
        next_badge=version_badge(coming) if coming else None,
    )


def _hits() -> dict[str, int]:
    """Hits of the last days by the number of the list, which keys begin with."""
    since = timezone.localdate() - timedelta(days=HITS_DAYS - 1)
    counts: dict[str, int] = {}
    for key, total in HitCount.objects.filter(day__gte=since).values_list("key").annotate(total=Sum("count")):
        number = key.partition(":")[0]
        counts[number] = counts.get(number, 0) + total
    return counts
