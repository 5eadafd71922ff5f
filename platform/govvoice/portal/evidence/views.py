"""The audit log (审计日志): found and looked into. Every look is itself on record."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render as render_part
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit import selectors
from audit.models import Event
from audit.selectors import Found, search, with_seal
from govvoice.portal.evidence.details import Teller
from govvoice.portal.evidence.exporting import EXPORT
from govvoice.portal.evidence.forms import EvidenceForm, ranges
from govvoice.portal.evidence.looks import record_look
from govvoice.portal.evidence.originals import REVEAL
from govvoice.portal.evidence.places import read_place, write_place
from govvoice.portal.evidence.timelines import short_timelines
from govvoice.portal.pages import Crumb, page, staff_of, staff_page
from govvoice.portal.steps import keep_refusal
from govvoice.problems import Problem

VIEW = "audit.view_event"
ROWS = 50


@staff_page(VIEW)
@require_safe
def evidence(request: HttpRequest) -> HttpResponse:
    form = EvidenceForm(request.GET)
    found = Found([], None, 0)
    if form.is_valid():
        record_look(request, form.wanted.as_details())
        place = read_place(request.GET.get("below", ""))
        found = search(form.wanted.queryset(), size=ROWS, below=place)
    else:
        keep_refusal(request, Problem(422, "filter_invalid", ""), action="audit.searched")
    return page(
        request,
        "portal/evidence/list.html",
        title=_("审计日志"),
        status=200 if form.is_valid() else 422,
        form=form,
        ranges=[(label, urlencode(terms), _is_asked(request, terms)) for label, terms in ranges()],
        rows=found.events,
        count=_told(found.count),
        is_first="below" not in request.GET,
        first=urlencode(form.terms),
        more=urlencode({**form.terms, "below": write_place(found.below)}) if found.below else "",
        may_export=staff_of(request).has_perm(EXPORT),
    )


@staff_page(VIEW)
@require_safe
def event(request: HttpRequest, number: int) -> HttpResponse:
    """One event whole: as a part for the side panel, as a page of its own without scripts."""
    found = with_seal(Event.objects.filter(pk=number)).first()
    if found is None:
        raise Http404
    context: dict[str, Any] = {
        "event": found,
        "facts": Teller().facts(found),
        "timelines": short_timelines(found),
        "may_reveal": staff_of(request).has_perm(REVEAL),
    }
    if request.headers.get("X-Requested-With") == "fetch":
        return render_part(request, "portal/evidence/event.html", context)
    return page(
        request,
        "portal/evidence/event_page.html",
        title=_("审计记录 %(number)d") % {"number": number},
        trail=[Crumb(_("审计日志"), reverse("admin:evidence"))],
        **context,
    )


def _is_asked(request: HttpRequest, terms: dict[str, str]) -> bool:
    return all(request.GET.get(name) == value for name, value in terms.items())


def _told(count: int | None) -> str:
    if count is None:
        return _("超过 %(count)s 条") % {"count": f"{selectors.COUNTED:,}"}
    return _("共 %(count)s 条") % {"count": f"{count:,}"}
