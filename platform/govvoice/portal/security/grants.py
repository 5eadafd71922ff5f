"""账号授权: who has which role, and help for who is locked out; never for oneself."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import factors, lockout, passwords, staffing
from accounts.middleware import origin_of
from accounts.models import Role, Staff
from accounts.services import staff_target
from govvoice.portal.pages import Crumb, page, staff_of, staff_page
from govvoice.portal.steps import attempt, decide, keep_refusal
from govvoice.problems import Problem

GRANT = "accounts.grant_role"
RESET = "accounts.reset_password"


class RoleForm(forms.Form):
    role = forms.ModelChoiceField(
        label=gettext_lazy("角色"),
        queryset=Role.objects.exclude(code="bootstrap"),
        to_field_name="code",
        empty_label=gettext_lazy("请选择"),
        error_messages={
            "required": gettext_lazy("请选择角色。"),
            "invalid_choice": gettext_lazy("没有此角色。"),
        },
    )


@staff_page(GRANT)
@require_safe
def staff_list(request: HttpRequest) -> HttpResponse:
    people = Staff.objects.select_related("role", "organisation").exclude(role__code="bootstrap")
    rows = [(staff, lockout.is_locked(staff), factors.has_factor(staff)) for staff in people]
    return page(request, "portal/security/list.html", title=_("账号授权"), rows=rows)


@staff_page(GRANT)
@require_safe
def detail(request: HttpRequest, number: int) -> HttpResponse:
    return _show(request, number)


@staff_page(GRANT)
@require_POST
def grant(request: HttpRequest, number: int) -> HttpResponse:
    staff, form = _find(number), RoleForm(request.POST)
    if not form.is_valid():
        missing = Problem(422, "role_required", form.errors.as_data()["role"][0].messages[0])
        keep_refusal(request, missing, action="role.granted", target=staff_target(staff))
        return _show(request, number, problem=missing)
    role = form.cleaned_data["role"]
    return _step(
        request,
        staff,
        lambda: staffing.grant_role(staff=staff, role=role, by=staff_of(request), origin=origin_of(request)),
        action="role.granted",
        done=_("已授予“%(name)s”角色“%(role)s”，对方须重新登录。") % {"name": staff, "role": role},
    )


@staff_page(RESET)
@require_POST
def password(request: HttpRequest, number: int) -> HttpResponse:
    """A new initial password, shown this once."""
    staff = _find(number)
    made: list[str] = []

    def reset() -> None:
        made.append(staffing.reset_password(staff=staff, by=staff_of(request), origin=origin_of(request)))

    problem = attempt(request, reset, action="staff.password_reset", target=staff_target(staff))
    if problem:
        return _show(request, number, problem=problem)
    return page(
        request,
        "portal/security/issued.html",
        title=_("密码已重置"),
        trail=[_list_crumb()],
        staff=staff,
        password=made[0],
        back=reverse("admin:grant-detail", args=[number]),
    )


@staff_page(RESET)
@require_POST
def unlock(request: HttpRequest, number: int) -> HttpResponse:
    staff = _find(number)
    return _step(
        request,
        staff,
        lambda: staffing.unlock(staff=staff, by=staff_of(request), origin=origin_of(request)),
        action="staff.unlocked",
        done=_("已解除“%(name)s”的登录锁定。") % {"name": staff},
    )


@staff_page(RESET)
@require_POST
def clear_factors(request: HttpRequest, number: int) -> HttpResponse:
    staff = _find(number)
    return _step(
        request,
        staff,
        lambda: factors.reset(staff=staff, by=staff_of(request), origin=origin_of(request)),
        action="factor.reset",
        done=_("已清除“%(name)s”的第二因素，对方下次登录后须重新添加。") % {"name": staff},
    )


def _find(number: int) -> Staff:
    return get_object_or_404(
        Staff.objects.select_related("role", "organisation").exclude(role__code="bootstrap"), pk=number
    )


def _step(
    request: HttpRequest, staff: Staff, step: Callable[[], None], *, action: str, done: str
) -> HttpResponse:
    return decide(
        request,
        step,
        action=action,
        target=staff_target(staff),
        done=done,
        onward=reverse("admin:grant-detail", args=[staff.pk]),
        show=lambda problem: _show(request, staff.pk, problem=problem),
    )


def _show(request: HttpRequest, number: int, *, problem: Problem | None = None) -> HttpResponse:
    staff = _find(number)
    return page(
        request,
        "portal/security/detail.html",
        title=str(staff),
        trail=[_list_crumb()],
        status=problem.status if problem else 200,
        problem=problem,
        staff=staff,
        form=RoleForm(initial={"role": staff.role.code}),
        is_own=staff.pk == staff_of(request).pk,
        is_locked=lockout.is_locked(staff),
        has_factor=factors.has_factor(staff),
        password_ends=passwords.expires_at(staff),
    )


def _list_crumb() -> Crumb:
    return Crumb(_("账号授权"), reverse("admin:grant-list"))
