"""新建词条 and 修改: written, heard, and handed to a second person."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.middleware import origin_of
from govvoice.portal.desk.voices import voice_cards
from govvoice.portal.desk.words import words
from govvoice.portal.lexicon.forms import BY_SOUND, BY_TEXT, EntryForm
from govvoice.portal.lexicon.scope import ADD, find, list_crumb
from govvoice.portal.pages import Crumb, page, staff_of, staff_page
from govvoice.portal.steps import attempt
from govvoice.problems import Problem
from synthesis.lexicon import services
from synthesis.lexicon.models import Entry

PREFILLED = ("word", "reading", "replacement", "examples")


@staff_page(ADD)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(
            request, EntryForm(initial=_prefilled(request), staff=staff_of(request)), title=_("新建词条")
        )
    form = EntryForm(request.POST, staff=staff_of(request))
    made: list[Entry] = []

    def propose() -> None:
        made.append(services.propose(fields=form.values, staff=staff_of(request), origin=origin_of(request)))

    problem = attempt(request, propose, action="lexicon.proposed") if form.is_valid() else None
    if not made:
        return _show(request, form, problem, title=_("新建词条"))
    messages.success(request, _("已提交，另一位同事批准后生效。"))
    return redirect("admin:lexicon-entry", made[0].pk)


@staff_page(ADD)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, number: int) -> HttpResponse:
    entry = find(staff_of(request), number)
    if request.method != "POST":
        return _show(
            request, EntryForm(instance=entry, staff=staff_of(request)), entry=entry, title=_("修改词条")
        )
    form = EntryForm(request.POST, instance=find(staff_of(request), number), staff=staff_of(request))
    made: list[Entry] = []

    def succeed() -> None:
        made.append(
            services.change(
                entry=entry, fields=form.values, staff=staff_of(request), origin=origin_of(request)
            )
        )

    target = services.target_of(entry)
    problem = attempt(request, succeed, action="lexicon.changed", target=target) if form.is_valid() else None
    if not made:
        return _show(request, form, problem, entry=entry, title=_("修改词条"))
    messages.success(request, _("已提交修改；批准之前，仍按原来的读音朗读。"))
    return redirect("admin:lexicon-entry", made[0].pk)


def _prefilled(request: HttpRequest) -> dict[str, str]:
    """What another page knows of the word already."""
    given = {name: request.GET.get(name, "")[:500] for name in PREFILLED}
    way = BY_TEXT if given["replacement"] and not given["reading"] else BY_SOUND
    return {**given, "way": way}


def _show(
    request: HttpRequest,
    form: EntryForm,
    problem: Problem | None = None,
    *,
    title: str,
    entry: Entry | None = None,
) -> HttpResponse:
    trail = [list_crumb()]
    if entry:
        trail.append(Crumb(entry.word, reverse("admin:lexicon-entry", args=[entry.pk])))
    for error in problem.errors if problem else ():
        form.add_error(_field_of(form, error.field), error.message)
    status = problem.status if problem else 422 if form.errors else 200
    return page(
        request,
        "portal/lexicon/form.html",
        title=title,
        trail=trail,
        status=status,
        form=form,
        entry=entry,
        problem=problem,
        back=trail[-1].url,
        voices=voice_cards(),
        words=words(),
        word_help=_("要规定读音的字、词或简称，例如：单县、六安、e政通。"),
        reading_help=_("每个字一个拼音音节，末尾加声调数字 1–5（5 为轻声），用空格隔开，例如：lu4 an1。"),
        replacement_help=_("遇到这个词时改读这段文字，例如把“e政通”读作“亿政通”。"),
        place_help=_("范围小的词条优先。"),
        until_help=_("留空表示长期有效。"),
        examples_help=_("每行一句，最多 5 句，用来试听和供审批人判断。"),
        note_help=_("写明依据，例如：地名办文件、本人确认。"),
    )


def _field_of(form: EntryForm, name: str) -> str | None:
    """The form's field that the service's objection is about; none for the whole."""
    name = {"scope": "place", "scope_key": "place"}.get(name, name)
    return name if name in form.fields else None
