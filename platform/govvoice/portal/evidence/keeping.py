"""归档与保全: where each month of evidence is, and what keeps it from leaving the database."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.middleware import origin_of
from accounts.services import staff_actor
from audit.errors import MonthUnknown
from audit.parties import Target
from audit.retention import Month, hold, lift, month_of, months
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.steps import decide
from govvoice.problems import Problem

VIEW = "audit.view_event"
HOLD = "audit.set_hold"


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=300,
        help_text=gettext_lazy("写明依据，如案号、来函文号；将记入审计日志。"),
        error_messages={"required": gettext_lazy("请写明理由")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@staff_page(VIEW)
@require_safe
def keeping(request: HttpRequest) -> HttpResponse:
    return page(
        request,
        "portal/evidence/keeping.html",
        title=_("归档与保全"),
        months=months(),
        days=settings.AUDIT_ONLINE_DAYS,
        may_hold=staff_of(request).has_perm(HOLD),
    )


@staff_page(HOLD)
@require_safe
def holding(request: HttpRequest, code: str) -> HttpResponse:
    """Asks for the reason."""
    return _ask(request, _month(code), ReasonForm())


@staff_page(HOLD)
@require_POST
def held(request: HttpRequest, code: str) -> HttpResponse:
    """Holds the month, or lifts its hold."""
    month, form = _month(code), ReasonForm(request.POST)
    if not form.is_valid():
        return _ask(request, month, form, status=422)
    said: dict[str, Any] = {
        "code": code,
        "reason": form.cleaned_data["reason"],
        "actor": staff_actor(staff_of(request)),
        "origin": origin_of(request),
    }
    lifting = request.POST.get("act") == "lift"
    return decide(
        request,
        lambda: lift(**said) if lifting else hold(**said),
        action="audit.hold_lifted" if lifting else "audit.held",
        target=Target(type="audit_month", id=code, name=code),
        done=_("%(month)s 已解除保全") % {"month": code}
        if lifting
        else _("%(month)s 已保全") % {"month": code},
        onward=reverse("admin:evidence-keeping"),
        show=lambda problem: _ask(request, _month(code), form, problem=problem, status=problem.status),
    )


def _ask(
    request: HttpRequest, month: Month, form: ReasonForm, *, problem: Problem | None = None, status: int = 200
) -> HttpResponse:
    return page(
        request,
        "portal/evidence/holding.html",
        title=_("解除 %(month)s 的保全") % {"month": month.code}
        if month.is_held
        else _("保全 %(month)s") % {"month": month.code},
        month=month,
        form=form,
        problem=problem,
        status=status,
    )


def _month(code: str) -> Month:
    try:
        return month_of(code)
    except MonthUnknown as unknown:
        raise Http404 from unknown
