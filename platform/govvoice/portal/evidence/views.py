"""The audit log (审计日志): found, looked into, exported. Every look is itself on record."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_part
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.middleware import origin_of
from accounts.services import staff_actor
from audit.errors import ExportTooLarge
from audit.exports import MAX_ROWS, CsvExport, export_csv
from audit.models import Event
from audit.selectors import object_timeline, request_timeline, with_seal
from audit.selectors import page as page_of
from audit.services import record
from govvoice.portal.evidence.forms import EvidenceForm, ranges
from govvoice.portal.evidence.places import estimate, read_place, write_place
from govvoice.portal.pages import Crumb, page, staff_of, staff_page

VIEW = "audit.view_event"
EXPORT = "audit.export_event"
ROWS = 50
TIMELINE = 50


@staff_page(VIEW)
@require_safe
def evidence(request: HttpRequest) -> HttpResponse:
    form = EvidenceForm(request.GET)
    rows: list[Event] = []
    below = None
    if form.is_valid():
        _record(request, "audit.searched", form.wanted.as_details())
        events = with_seal(form.wanted.queryset())
        rows, below = page_of(events, size=ROWS, below=read_place(request.GET.get("below", "")))
    return page(
        request,
        "portal/evidence/list.html",
        title=_("审计日志"),
        status=200 if form.is_valid() else 422,
        form=form,
        ranges=[(label, urlencode(terms), _is_asked(request, terms)) for label, terms in ranges()],
        rows=rows,
        is_first="below" not in request.GET,
        first=urlencode(form.terms),
        more=urlencode({**form.terms, "below": write_place(below)}) if below else "",
        may_export=staff_of(request).has_perm(EXPORT),
    )


@staff_page(VIEW)
@require_safe
def event(request: HttpRequest, number: int) -> HttpResponse:
    """One event whole: as a part for the side panel, as a page of its own without scripts."""
    found = with_seal(Event.objects.filter(pk=number)).first()
    if found is None:
        raise Http404
    context: dict[str, Any] = {"event": found, "timelines": _timelines(found)}
    if request.headers.get("X-Requested-With") == "fetch":
        return render_part(request, "portal/evidence/event.html", context)
    return page(
        request,
        "portal/evidence/event_page.html",
        title=_("审计记录 %(number)d") % {"number": number},
        trail=[_list_crumb()],
        **context,
    )


@staff_page(EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """Says what the file would hold, then sends it."""
    form = EvidenceForm(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('admin:evidence')}?{request.GET.urlencode()}")
    if request.method == "POST":
        try:
            return _send(request, export_csv(form.wanted), form.wanted.as_details())
        except ExportTooLarge as error:
            messages.error(request, _too_large(error.rows))
    return page(
        request,
        "portal/evidence/export.html",
        title=_("导出审计日志"),
        trail=[_list_crumb()],
        estimate=estimate(form.wanted),
        limit=MAX_ROWS,
        asked=_asked(form),
        back=urlencode(form.terms),
    )


def _send(request: HttpRequest, made: CsvExport, terms: dict[str, str]) -> StreamingHttpResponse:
    details = {**terms, "file": made.file_name, "rows": made.rows, "bytes": made.size, "sha256": made.sha256}
    _record(request, "audit.exported", details)
    return StreamingHttpResponse(
        made,
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{made.file_name}"',
            "Content-Length": str(made.size),
        },
    )


def _record(request: HttpRequest, action: str, details: dict[str, Any]) -> None:
    with transaction.atomic():
        record(
            action=action,
            actor=staff_actor(staff_of(request)),
            origin=origin_of(request),
            status=200,
            details=details,
        )


def _timelines(found: Event) -> list[tuple[str, list[Event]]]:
    """What else the same request did, and what else happened to the same object."""
    timelines = []
    if found.request_id:
        timelines.append((_("同一请求"), list(request_timeline(found.request_id)[:TIMELINE])))
    if found.object_id:
        of_object = object_timeline(object_type=found.object_type, object_id=found.object_id)
        timelines.append((_("同一对象"), list(of_object[:TIMELINE])))
    return timelines


def _is_asked(request: HttpRequest, terms: dict[str, str]) -> bool:
    return all(request.GET.get(name) == value for name, value in terms.items())


def _asked(form: EvidenceForm) -> list[tuple[str, str]]:
    """The filters as people read them: label and value."""
    shown = []
    for name, value in form.terms.items():
        offers = dict(getattr(form.fields[name].widget, "choices", ()))
        shown.append((str(form.fields[name].label), str(offers.get(value, value))))
    return shown


def _too_large(rows: int) -> str:
    words = _("符合条件的记录有 %(rows)s 条，一次最多导出 %(limit)s 条，请缩小时间范围后再导出。")
    return words % {"rows": f"{rows:,}", "limit": f"{MAX_ROWS:,}"}


def _list_crumb() -> Crumb:
    return Crumb(_("审计日志"), reverse("admin:evidence"))
