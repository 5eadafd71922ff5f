"""The lexicon as a file: brought in whole or not at all, and given out."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.middleware import origin_of
from govvoice.portal.lexicon.forms import ImportForm
from govvoice.portal.lexicon.lists import chosen_of, filtered
from govvoice.portal.lexicon.scope import ADD, VIEW, list_crumb, visible_to
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.steps import attempt
from govvoice.problems import Problem
from synthesis.lexicon.exchange import HEADINGS, Report, export_table, import_table
from synthesis.lexicon.models import Entry
from synthesis.tables import MAX_BYTES

FAULTS_SHOWN = 200


@staff_page(ADD)
@require_http_methods(["GET", "HEAD", "POST"])
def bring_in(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(request, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, form)
    reports: list[Report] = []
    problem = attempt(
        request,
        lambda: reports.append(_import(request, form.cleaned_data["file"])),
        action="lexicon.imported",
    )
    if problem or not reports[0].is_taken:
        return _show(request, form, problem=problem, report=reports[0] if reports else None)
    told = _(
        "已导入 %(rows)d 条：新词条 %(new)d 条，修改 %(changed)d 条，没有变化 %(unchanged)d 条；批准后生效。"
    )
    report = reports[0]
    numbers = {name: getattr(report, name) for name in ("rows", "new", "changed", "unchanged")}
    messages.success(request, told % numbers)
    return redirect("admin:lexicon-list")


@staff_page(VIEW)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """What the list shows when it is filtered, else all that is in force."""
    kind = request.GET.get("format", "xlsx")
    if kind not in {"csv", "xlsx"}:
        raise Http404
    chosen, staff = chosen_of(request), staff_of(request)
    in_force = visible_to(staff).filter(state=Entry.State.ACTIVE)
    made = export_table(
        kind=kind,
        staff=staff,
        origin=origin_of(request),
        entries=filtered(staff, chosen) if any(chosen.values()) else in_force,
    )
    response = HttpResponse(made.content, content_type=made.media_type)
    response["Content-Disposition"] = f'attachment; filename="{made.file_name}"'
    return response


def _import(request: HttpRequest, file: UploadedFile[bytes]) -> Report:
    # One byte more than allowed is enough to know: a file of any size is not read into memory.
    data = file.read(MAX_BYTES + 1)
    return import_table(
        data=data, name=(file.name or "")[:100], staff=staff_of(request), origin=origin_of(request)
    )


def _show(
    request: HttpRequest, form: ImportForm, *, problem: Problem | None = None, report: Report | None = None
) -> HttpResponse:
    wrong = problem.status if problem else 422 if form.errors or report else 200
    return page(
        request,
        "portal/lexicon/import.html",
        title=_("导入词条"),
        trail=[list_crumb()],
        status=wrong,
        form=form,
        problem=problem,
        report=report,
        faults=report.faults[:FAULTS_SHOWN] if report else (),
        hidden=max(0, len(report.faults) - FAULTS_SHOWN) if report else 0,
        headings=HEADINGS.values(),
        megabytes=MAX_BYTES // 1024 // 1024,
    )
