"""命中统计: which words are met, by whom, on which days."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from govvoice.portal.broadcasts.wording import Badge
from govvoice.portal.pages import page, staff_page
from govvoice.portal.screening.met import entry_of
from govvoice.portal.screening.scope import VIEW
from govvoice.portal.screening.wording import category_name, level_badge
from synthesis.screening import labels, statistics

PERIODS = (7, 30, 90)


@staff_page(VIEW)
@require_GET
def hits(request: HttpRequest) -> HttpResponse:
    days = _days(request)
    statistics.fold()
    words = statistics.by_word(days)
    told = labels.labels(one.key for one in words)
    by_day = statistics.by_day(days)
    return page(
        request,
        "portal/screening/hits.html",
        title=_("命中统计"),
        days=days,
        periods=PERIODS,
        words=[_row(one, told.get(one.key)) for one in words],
        callers=statistics.by_caller(days),
        by_day=by_day,
        most=max((count for _day, count in by_day), default=0),
        total=sum(count for _day, count in by_day),
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A word with how often it was met."""

    entry: str
    list_name: str
    category: str
    level: Badge
    count: int


def _row(word: statistics.WordHits, label: labels.Label | None) -> Row:
    return Row(
        entry=word.term or entry_of(label),
        list_name=label.list_name if label else "",
        category=category_name(word.category),
        level=level_badge(word.level),
        count=word.count,
    )


def _days(request: HttpRequest) -> int:
    """What cannot be understood shows the shortest period."""
    wanted = request.GET.get("days", "")
    return int(wanted) if wanted.isascii() and wanted.isdigit() and int(wanted) in PERIODS else PERIODS[0]
