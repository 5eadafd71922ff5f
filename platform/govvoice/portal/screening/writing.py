"""A new list, and the draft of a list's next version: its settings, words, allowances and rules."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import origin_of
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.screening.forms import AllowedForm, RuleForm, SettingsForm, WordsForm
from govvoice.portal.screening.rules import rule_from
from govvoice.portal.screening.scope import (
    CHANGE,
    find_list,
    find_version,
    lists_crumb,
    main_version,
    version_crumb,
    version_url,
)
from govvoice.portal.screening.showing import show
from govvoice.portal.steps import attempt, decide
from govvoice.problems import Problem
from synthesis.screening import lists
from synthesis.screening.models import ListVersion


@staff_page(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _settings_page(request, SettingsForm())
    form = SettingsForm(request.POST)
    made: list[ListVersion] = []

    def create() -> None:
        made.append(
            lists.create(
                fields=form.values,
                confidential=form.cleaned_data["confidential"],
                staff=staff_of(request),
                origin=origin_of(request),
            )
        )

    problem = attempt(request, create, action="wordlist.created") if form.is_valid() else None
    if not made:
        return _settings_page(request, form, problem=problem)
    messages.success(request, _("已新建词库草稿，请添加敏感词后提交审核。"))
    return redirect(version_url(made[0]))


@staff_page(CHANGE)
@require_POST
def draft(request: HttpRequest, number: int) -> HttpResponse:
    """Opens the next version of the list for writing."""
    word_list = find_list(number)
    version = main_version(word_list)
    made: list[ListVersion] = []

    def open_draft() -> None:
        made.append(lists.open_draft(word_list=word_list, staff=staff_of(request), origin=origin_of(request)))

    problem = attempt(request, open_draft, action="wordlist.drafted", target=lists.target_of(version))
    return show(request, version, problem=problem) if problem else redirect(version_url(made[0]))


@staff_page(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, number: int, version: int) -> HttpResponse:
    row = find_version(number, version)
    if request.method != "POST":
        return _settings_page(request, SettingsForm(instance=row), version=row)
    form = SettingsForm(request.POST, instance=find_version(number, version))
    if not form.is_valid():
        return _settings_page(request, form, version=row)
    problem = attempt(
        request,
        lambda: lists.write_settings(
            version=row, fields=form.values, staff=staff_of(request), origin=origin_of(request)
        ),
        action="wordlist.changed",
        target=lists.target_of(row),
    )
    if problem:
        return _settings_page(request, form, version=row, problem=problem)
    messages.success(request, _("已保存设置。"))
    return redirect(version_url(row))


@staff_page(CHANGE)
@require_POST
def words(request: HttpRequest, number: int, version: int) -> HttpResponse:
    row, form = find_version(number, version), WordsForm(request.POST)
    if not form.is_valid():
        return show(request, row, words_form=form)
    return _write(
        request,
        row,
        lambda: lists.put_words(
            version=row, words=form.made(), staff=staff_of(request), origin=origin_of(request)
        ),
        show=lambda problem: show(request, row, problem=problem, words_form=form),
    )


@staff_page(CHANGE)
@require_POST
def drop_words(request: HttpRequest, number: int, version: int) -> HttpResponse:
    row = find_version(number, version)
    return _write(
        request,
        row,
        lambda: lists.drop_words(
            version=row,
            texts=request.POST.getlist("word"),
            staff=staff_of(request),
            origin=origin_of(request),
        ),
    )


@staff_page(CHANGE)
@require_POST
def allowed(request: HttpRequest, number: int, version: int) -> HttpResponse:
    row, form = find_version(number, version), AllowedForm(request.POST)
    if not form.is_valid():
        return show(request, row, allowed_form=form)
    return _write(
        request,
        row,
        lambda: lists.set_allowed(
            version=row, texts=form.made(), staff=staff_of(request), origin=origin_of(request)
        ),
        show=lambda problem: show(request, row, problem=problem, allowed_form=form),
    )


@staff_page(CHANGE)
@require_POST
def rule(request: HttpRequest, number: int, version: int) -> HttpResponse:
    row, form = find_version(number, version), RuleForm(request.POST)
    if not form.is_valid():
        return show(request, row, rule_form=form)
    return _write(
        request,
        row,
        lambda: lists.put_rule(
            version=row,
            rule=rule_from(form.cleaned_data),
            staff=staff_of(request),
            origin=origin_of(request),
        ),
        show=lambda problem: show(request, row, problem=problem, rule_form=form),
    )


@staff_page(CHANGE)
@require_POST
def drop_rule(request: HttpRequest, number: int, version: int) -> HttpResponse:
    row = find_version(number, version)
    return _write(
        request,
        row,
        lambda: lists.drop_rule(
            version=row,
            key=request.POST.get("key", ""),
            staff=staff_of(request),
            origin=origin_of(request),
        ),
    )


def _write(
    request: HttpRequest,
    version: ListVersion,
    step: Callable[[], object],
    *,
    show: Callable[[Problem], HttpResponse] | None = None,
) -> HttpResponse:
    """Writes into the draft; a refused step is shown with what was typed."""
    return decide(
        request,
        step,
        action="wordlist.changed",
        target=lists.target_of(version),
        done=_("已保存到草稿，批准后才生效。"),
        onward=version_url(version),
        show=show or (lambda problem: _again(request, version, problem)),
    )


def _again(request: HttpRequest, version: ListVersion, problem: Problem) -> HttpResponse:
    return show(request, find_version(version.word_list_id, version.number), problem=problem)


def _settings_page(
    request: HttpRequest,
    form: SettingsForm,
    *,
    version: ListVersion | None = None,
    problem: Problem | None = None,
) -> HttpResponse:
    for error in problem.errors if problem else ():
        name = {"scope": "place", "scope_key": "place", "options": "folds"}.get(error.field, error.field)
        form.add_error(name if name in form.fields else None, error.message)
    trail = [lists_crumb(), *([version_crumb(version)] if version else [])]
    return page(
        request,
        "portal/screening/settings.html",
        title=_("词库设置") if version else _("新建词库"),
        trail=trail,
        status=problem.status if problem else 422 if form.errors else 200,
        form=form,
        list_version=version,
        problem=problem,
        back=trail[-1].url,
    )
