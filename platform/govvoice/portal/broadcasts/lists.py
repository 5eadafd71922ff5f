"""播报列表, 待审核 and 成品音频."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from govvoice.broadcasts.models import Broadcast, Channel, Revision
from govvoice.portal.broadcasts.forms import ListFilter
from govvoice.portal.broadcasts.rows import filtered, rows_of, sound_rows, with_newest
from govvoice.portal.broadcasts.scope import visible_to
from govvoice.portal.broadcasts.wording import broadcast_badge
from govvoice.portal.desk.words import words
from govvoice.portal.pages import page, staff_of, staff_page

VIEW = "broadcasts.view_broadcast"
PAGE_SIZE = 20


@staff_page(VIEW)
@require_GET
def broadcast_list(request: HttpRequest) -> HttpResponse:
    staff = staff_of(request)
    chosen = _chosen(request)
    sheet = _sheet(request, with_newest(filtered(visible_to(staff), chosen)))
    return page(
        request,
        "portal/broadcasts/list.html",
        title=_("播报列表"),
        rows=rows_of(sheet, staff),
        sheet=sheet,
        words=words(),
        chosen=chosen,
        is_filtered=any(chosen.values()),
        states=[(state.value, broadcast_badge(state)) for state in Broadcast.State],
        channels=Channel.objects.filter(is_active=True),
        may_write=staff.has_perm("broadcasts.add_broadcast"),
    )


@staff_page("broadcasts.approve_broadcast")
@require_GET
def review_queue(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, the longest waiting first."""
    staff = staff_of(request)
    waiting = visible_to(staff).filter(state=Broadcast.State.IN_REVIEW).order_by("updated_at")
    sheet = _sheet(request, with_newest(waiting))
    return page(
        request,
        "portal/broadcasts/queue.html",
        title=_("待审核"),
        rows=rows_of(sheet, staff),
        sheet=sheet,
        words=words(),
    )


@staff_page("synthesis.view_rendition")
@require_GET
def rendition_list(request: HttpRequest) -> HttpResponse:
    staff = staff_of(request)
    newer = Revision.objects.filter(broadcast=OuterRef("broadcast"), number__gt=OuterRef("number"))
    made = (
        Revision.objects.filter(broadcast__organisation=staff.organisation, rendition__isnull=False)
        .select_related("broadcast", "rendition")
        .annotate(has_newer=Exists(newer))
        .order_by("-rendition__created_at")
    )
    sheet = _sheet(request, made)
    return page(
        request,
        "portal/broadcasts/renditions.html",
        title=_("成品音频"),
        rows=sound_rows(sheet, staff),
        sheet=sheet,
        words=words(),
    )


def _chosen(request: HttpRequest) -> dict[str, Any]:
    form = ListFilter(request.GET)
    form.is_valid()
    return {name: form.cleaned_data.get(name) for name in form.fields}


def _sheet(request: HttpRequest, everything: Any) -> Page[Any]:
    return Paginator(everything, PAGE_SIZE).get_page(request.GET.get("page"))
