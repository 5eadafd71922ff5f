"""Exports of the audit log (报表导出): asked for, waited for, taken away. Each step is itself on record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.shortcuts import render as render_part
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.middleware import origin_of
from accounts.models import Staff
from accounts.services import staff_actor
from audit.errors import ExportRefused
from audit.exports import services
from audit.exports.models import Export, ExportFile
from audit.parties import Target
from govvoice.portal.evidence.forms import EvidenceForm, OrderForm
from govvoice.portal.evidence.places import estimate
from govvoice.portal.evidence.wording import Badge, asked, badge_of, name_of, time_left
from govvoice.portal.pages import Crumb, page, staff_of, staff_page
from govvoice.portal.steps import attempt, decide
from govvoice.problems import Problem

EXPORT = "audit.export_event"
REVEAL = "audit.reveal_event"
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Row:
    """An export as it is listed."""

    export: Export
    name: str
    badge: Badge
    asked: list[tuple[str, str]]
    left: str
    files: list[ExportFile]

    @property
    def url(self) -> str:
        return reverse("admin:evidence-export-detail", args=[self.export.pk])


@staff_page(EXPORT)
@require_safe
def exports(request: HttpRequest) -> HttpResponse:
    rows = list(_rows())
    return page(
        request,
        "portal/evidence/exports.html",
        title=_("报表导出"),
        rows=rows,
        unfinished=any(row.export.is_unfinished for row in rows),
    )


@staff_page(EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Says what an export would hold, then orders it."""
    form = EvidenceForm(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('admin:evidence')}?{request.GET.urlencode()}")
    order = OrderForm(request.POST or None, initial={"format": Export.Format.XLSX})
    status = 422 if order.errors else 200
    if order.is_valid():
        ordered = _order(request, form, order)
        if isinstance(ordered, Export):
            messages.success(request, _("已开始导出，完成后可在本页下载；您可以离开此页。"))
            return redirect("admin:evidence-export-detail", ordered.pk)
        messages.error(request, ordered.detail)
        status = ordered.status
    return page(
        request,
        "portal/evidence/export.html",
        title=_("导出审计日志"),
        trail=[_crumb()],
        status=status,
        estimate=estimate(form.wanted),
        order=order,
        asked=asked(form.wanted.as_details()),
        back=urlencode(form.terms),
        may_reveal=staff_of(request).has_perm(REVEAL),
    )


@staff_page(EXPORT)
@require_safe
def detail(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """How far it is and what came of it: as a part that renews itself, as a page without scripts."""
    row = _row(get_object_or_404(Export, pk=export_id))
    if request.headers.get("X-Requested-With") == "fetch":
        return render_part(request, "portal/evidence/progress.html", {"row": row})
    return page(request, "portal/evidence/export_page.html", title=row.name, trail=[_crumb()], row=row)


@staff_page(EXPORT)
@require_POST
def cancel(request: HttpRequest, export_id: UUID) -> HttpResponse:
    export = get_object_or_404(Export, pk=export_id)
    return decide(
        request,
        lambda: services.cancel(
            export_id=export_id, actor=staff_actor(staff_of(request)), origin=origin_of(request)
        ),
        action="audit.export_cancelled",
        target=services.target_of(export),
        done=_("已取消导出。"),
        onward=reverse("admin:evidence-exports"),
        show=lambda problem: _told(request, problem.detail, export_id),
    )


@staff_page(EXPORT)
@require_GET
def file(request: HttpRequest, export_id: UUID, position: int) -> HttpResponseBase:
    found = get_object_or_404(
        ExportFile.objects.select_related("export"), export=export_id, position=position
    )
    if not _may_take(staff_of(request), found.export):
        return _told(request, _("此证据包含个人信息原文，您没有查看原文的权限。"), export_id)
    try:
        content = services.open_file(
            file=found, actor=staff_actor(staff_of(request)), origin=origin_of(request)
        )
    except ExportRefused as error:
        return _told(request, error.message, export_id)
    return FileResponse(content, as_attachment=True, filename=found.name)


def _order(request: HttpRequest, form: EvidenceForm, order: OrderForm) -> Export | Problem:
    """The export that was ordered, or why not."""
    asked_for = order.cleaned_data
    reveals = asked_for["personal"] and staff_of(request).has_perm(REVEAL)
    ordered: list[Export] = []
    problem = attempt(
        request,
        lambda: ordered.append(
            services.request_export(
                order=services.Order(
                    wanted=form.wanted,
                    format=asked_for["format"],
                    with_proof=asked_for["with_proof"],
                    redacted=not reveals,
                ),
                actor=staff_actor(staff_of(request)),
                origin=origin_of(request),
            )
        ),
        action="audit.export_requested",
        target=Target(type="export"),
    )
    return problem or ordered[0]


def _may_take(staff: Staff, export: Export) -> bool:
    return export.redacted or staff.has_perm(REVEAL)


def _rows() -> Iterator[Row]:
    return map(_row, Export.objects.prefetch_related("files")[:SHOWN])


def _row(export: Export) -> Row:
    return Row(
        export=export,
        name=name_of(export),
        badge=badge_of(export),
        asked=asked(export.terms),
        left=time_left(export),
        files=list(export.files.all()) if export.state == Export.State.READY else [],
    )


def _told(request: HttpRequest, words: str, export_id: UUID) -> HttpResponse:
    messages.error(request, words)
    return redirect("admin:evidence-export-detail", export_id)


def _crumb() -> Crumb:
    return Crumb(_("报表导出"), reverse("admin:evidence-exports"))
