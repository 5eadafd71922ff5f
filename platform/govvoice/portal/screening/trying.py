"""试运行: what a version would meet that the one in force does not, before anybody puts it in force."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Staff
from govvoice.broadcasts.screening_impact import DAYS, TEXTS_MOST, Tried, try_version
from govvoice.portal.broadcasts.scope import visible_to
from govvoice.portal.broadcasts.wording import Badge, broadcast_badge
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.screening.marking import Piece, excerpt
from govvoice.portal.screening.scope import VIEW, find_version, lists_crumb, version_crumb
from govvoice.portal.screening.wording import level_badge

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A broadcast that would be met newly."""

    code: str
    title: str
    url: str
    badge: Badge
    level: Badge
    pieces: tuple[Piece, ...]


@staff_page(VIEW)
@require_GET
def trial(request: HttpRequest, number: int, version: int) -> HttpResponse:
    row = find_version(number, version)
    tried = try_version(row)
    shown, elsewhere = _rows(tried.met, staff_of(request))
    return page(
        request,
        "portal/screening/trial.html",
        title=_("试运行"),
        trail=[lists_crumb(), version_crumb(row)],
        list_version=row,
        tried=tried,
        rows=shown[:SHOWN],
        hidden=max(0, len(shown) - SHOWN),
        elsewhere=elsewhere,
        days=DAYS,
        most=TEXTS_MOST,
    )


def _rows(met: tuple[Tried, ...], staff: Staff) -> tuple[list[Row], int]:
    """The own department's broadcasts by name, for those who may see broadcasts; the others as a number."""
    of_broadcasts = [tried for tried in met if tried.broadcast is not None]
    if not staff.has_perm("broadcasts.view_broadcast"):
        return [], len(of_broadcasts)
    own = set(visible_to(staff).values_list("pk", flat=True))
    rows = [_row(tried) for tried in of_broadcasts if tried.broadcast and tried.broadcast.pk in own]
    return rows, len(of_broadcasts) - len(rows)


def _row(tried: Tried) -> Row:
    broadcast = tried.broadcast
    assert broadcast is not None  # noqa: S101  (_rows has chosen these)
    return Row(
        code=broadcast.code,
        title=broadcast.title,
        url=reverse("admin:broadcast-review", args=[broadcast.code]),
        badge=broadcast_badge(broadcast.state),
        level=level_badge(tried.hits[0].level),
        pieces=excerpt(tried.text, [(hit.start, hit.end) for hit in tried.hits]),
    )
