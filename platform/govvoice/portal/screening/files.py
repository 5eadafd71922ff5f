"""A word list as a file: brought into a draft whole or not at all, and given out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.middleware import origin_of
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.screening.forms import ImportForm
from govvoice.portal.screening.scope import (
    CHANGE,
    VIEW,
    find_version,
    lists_crumb,
    version_crumb,
    version_url,
)
from govvoice.portal.steps import attempt
from govvoice.problems import Problem
from synthesis.screening import lists
from synthesis.screening.exchange import HEADINGS, MAX_BYTES, Report, export_table, import_table
from synthesis.screening.models import ListVersion

FAULTS_SHOWN = 200


@staff_page(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def bring_in(request: HttpRequest, number: int, version: int) -> HttpResponse:
    row = find_version(number, version)
    if request.method != "POST":
        return _show(request, row, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, row, form)
    reports: list[Report] = []
    problem = attempt(
        request,
        lambda: reports.append(_import(request, row, form.cleaned_data)),
        action="wordlist.imported",
        target=lists.target_of(row),
    )
    difference = reports[0].difference if reports else None
    if difference is None:
        return _show(request, row, form, problem=problem, report=reports[0] if reports else None)
    told = _(
        "已导入 %(rows)d 行：新增 %(added)d 个词，修改 %(changed)d 个，删除 %(removed)d 个；批准后生效。"
    )
    counts = {name: len(getattr(difference, name)) for name in ("added", "changed", "removed")}
    messages.success(request, told % {"rows": reports[0].rows, **counts})
    return redirect(version_url(row))


@staff_page(VIEW)
@require_GET
def export(request: HttpRequest, number: int, version: int) -> HttpResponse:
    kind = request.GET.get("format", "xlsx")
    if kind not in {"csv", "xlsx"}:
        raise Http404
    made = export_table(
        version=find_version(number, version), kind=kind, staff=staff_of(request), origin=origin_of(request)
    )
    response = HttpResponse(made.content, content_type=made.media_type)
    response["Content-Disposition"] = f'attachment; filename="{made.file_name}"'
    return response


def _import(request: HttpRequest, version: ListVersion, posted: dict[str, Any]) -> Report:
    file = posted["file"]
    return import_table(
        version=version,
        # One byte more than allowed is enough to know: a file of any size is not read into memory.
        data=file.read(MAX_BYTES + 1),
        name=(file.name or "")[:100],
        replacing=posted["replacing"],
        staff=staff_of(request),
        origin=origin_of(request),
    )


def _show(
    request: HttpRequest,
    version: ListVersion,
    form: ImportForm,
    *,
    problem: Problem | None = None,
    report: Report | None = None,
) -> HttpResponse:
    wrong = problem.status if problem else 422 if form.errors or report else 200
    return page(
        request,
        "portal/screening/import.html",
        title=_("导入敏感词"),
        trail=[lists_crumb(), version_crumb(version)],
        status=wrong,
        form=form,
        list_version=version,
        problem=problem,
        report=report,
        faults=report.faults[:FAULTS_SHOWN] if report else (),
        hidden=max(0, len(report.faults) - FAULTS_SHOWN) if report else 0,
        headings=HEADINGS.values(),
        megabytes=MAX_BYTES // 1024 // 1024,
        back=version_url(version),
    )
