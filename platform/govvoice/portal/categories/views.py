"""播报类别: which emotions each kind of announcement may be spoken with, and which it begins with."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.middleware import origin_of
from accounts.services import staff_actor
from audit.parties import Target
from govvoice.portal.categories.forms import CategoryForm
from govvoice.portal.desk.voices import emotion_names
from govvoice.portal.pages import Crumb, page, staff_of, staff_page
from govvoice.portal.steps import attempt
from govvoice.problems import Problem
from synthesis.categories import save_category
from synthesis.models import Category

VIEW, CHANGE = "synthesis.view_category", "synthesis.change_category"


@staff_page(VIEW)
@require_safe
def category_list(request: HttpRequest) -> HttpResponse:
    names = emotion_names()
    rows = [
        (category, names.get(category.default_emotion), [names.get(code, code) for code in category.emotions])
        for category in Category.objects.all()
    ]
    return page(
        request,
        "portal/categories/list.html",
        title=_("播报类别"),
        rows=rows,
        may_change=staff_of(request).has_perm(CHANGE),
    )


@staff_page(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    return _write(request, Category(), title=_("新建播报类别"), action="category.created")


@staff_page(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, category: str) -> HttpResponse:
    found = get_object_or_404(Category, code=category)
    return _write(request, found, title=found.local_name, action="category.changed")


def _write(request: HttpRequest, category: Category, *, title: str, action: str) -> HttpResponse:
    form = CategoryForm(request.POST if request.method == "POST" else None, instance=category)
    if request.method != "POST" or not form.is_valid():
        return _show(request, form, title)
    problem = attempt(
        request,
        lambda: save_category(
            category=form.instance, actor=staff_actor(staff_of(request)), origin=origin_of(request)
        ),
        action=action,
        target=Target(type="category", id=category.code, name=category.name),
    )
    if problem:
        return _show(request, form, title, problem)
    messages.success(request, _("已保存；正在播出的播报不受影响，之后的每一步都按新规则检查。"))
    return redirect("admin:category-list")


def _show(
    request: HttpRequest, form: CategoryForm, title: str, problem: Problem | None = None
) -> HttpResponse:
    crumb = Crumb(_("播报类别"), reverse("admin:category-list"))
    status = problem.status if problem else 422 if form.errors else 200
    return page(
        request,
        "portal/categories/form.html",
        title=title,
        trail=[crumb],
        status=status,
        form=form,
        problem=problem,
        back=crumb.url,
    )
