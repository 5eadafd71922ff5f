"""新建播报 and 编辑: four steps on one page, with the buttons that save and go on at its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.middleware import origin_of
from govvoice.broadcasts import services
from govvoice.broadcasts.channels import default_voice
from govvoice.broadcasts.lexicon_impact import is_outdated
from govvoice.broadcasts.models import Broadcast, Channel
from govvoice.portal.broadcasts.forms import BroadcastForm, written
from govvoice.portal.broadcasts.scope import find, list_crumb
from govvoice.portal.broadcasts.sound import told
from govvoice.portal.broadcasts.way import way_of
from govvoice.portal.broadcasts.wording import broadcast_badge
from govvoice.portal.desk.editor import editor_context
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.steps import attempt
from govvoice.problems import Problem
from synthesis.categories import GENERAL
from synthesis.models import Category, Rendition

Step = Callable[[HttpRequest, Broadcast], Problem | None]


@staff_page("broadcasts.add_broadcast")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _show(request, None, BroadcastForm())
    form = BroadcastForm(request.POST)
    if not form.is_valid():
        return _show(request, None, form, status=422)
    made: list[Broadcast] = []
    problem = attempt(request, lambda: made.append(_create(request, form)), action="broadcast.created")
    if problem:
        return _show(request, None, form, problem=problem, status=problem.status)
    return _go_on(request, made[0])


@staff_page("broadcasts.change_broadcast")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    broadcast = find(staff_of(request), code)
    if request.method == "GET":
        if broadcast.state not in services.EDITABLE:
            return redirect("admin:broadcast-review", code)
        return _show(request, broadcast, BroadcastForm(initial=written(broadcast, broadcast.latest)))
    form = BroadcastForm(request.POST)
    if not form.is_valid():
        return _show(request, broadcast, form, status=422)
    problem = attempt(
        request,
        lambda: _save(request, broadcast, form),
        action="broadcast.edited",
        target=services.broadcast_target(broadcast),
    )
    if problem:
        return _show(request, broadcast, form, problem=problem, status=problem.status)
    return _go_on(request, broadcast)


def _create(request: HttpRequest, form: BroadcastForm) -> Broadcast:
    return services.create(
        content=form.content(),
        channels=form.cleaned_data["channels"],
        staff=staff_of(request),
        origin=origin_of(request),
    )


def _save(request: HttpRequest, broadcast: Broadcast, form: BroadcastForm) -> None:
    """Writes only what differs: going on with an unchanged text is no edit, and keeps its audio."""
    unchanged = broadcast.state == Broadcast.State.DRAFT and _is_written(broadcast, form)
    if unchanged:
        return
    services.edit(
        broadcast=broadcast,
        content=form.content(),
        channels=form.cleaned_data["channels"],
        staff=staff_of(request),
        origin=origin_of(request),
    )


def _is_written(broadcast: Broadcast, form: BroadcastForm) -> bool:
    before = written(broadcast, broadcast.latest)
    channels = {channel.code for channel in form.cleaned_data["channels"]}
    return {**before, "channels": set(before["channels"])} == {**form.cleaned_data, "channels": channels}


def _go_on(request: HttpRequest, broadcast: Broadcast) -> HttpResponse:
    """After saving, the step that the pressed button names; without one the draft just stays saved."""
    step = _STEPS.get(request.POST.get("step", ""))
    problem = step(request, broadcast) if step else None
    if problem:
        form = _with_problem(BroadcastForm(request.POST), problem)
        return _show(request, broadcast, form, problem=problem, status=problem.status)
    if step is None:
        messages.success(request, _("草稿已保存。"))
    return redirect("admin:broadcast-review" if step is _submit else "admin:broadcast-edit", broadcast.code)


def _with_problem(form: BroadcastForm, problem: Problem) -> BroadcastForm:
    """The form as it was posted, with what is wrong beside its field."""
    if form.is_valid():
        for error in problem.errors:
            form.add_error(error.field, error.message)
    return form


def _make_audio(request: HttpRequest, broadcast: Broadcast) -> Problem | None:
    # What was made before a reading was decided on is there, and has to be made all the same.
    make = services.speak_anew if is_outdated(broadcast) else services.make_audio
    return attempt(
        request,
        lambda: make(broadcast=broadcast, staff=staff_of(request), origin=origin_of(request)),
        action="rendition.made",
        target=services.broadcast_target(broadcast),
    )


def _submit(request: HttpRequest, broadcast: Broadcast) -> Problem | None:
    problem = attempt(
        request,
        lambda: services.submit(broadcast=broadcast, staff=staff_of(request), origin=origin_of(request)),
        action="broadcast.submitted",
        target=services.broadcast_target(broadcast),
    )
    if problem is None:
        messages.success(request, _("已提交审核，审核结果会显示在播报列表中。"))
    return problem


# While the audio is in one of these there is nothing to make, until the text changes.
_MADE_OR_COMING = (Rendition.State.QUEUED, Rendition.State.MAKING, Rendition.State.READY)
_STEPS: dict[str, Step] = {"audio": _make_audio, "submit": _submit}


def _show(
    request: HttpRequest,
    broadcast: Broadcast | None,
    form: BroadcastForm,
    *,
    problem: Problem | None = None,
    status: int = 200,
) -> HttpResponse:
    if broadcast is not None:
        broadcast = find(staff_of(request), broadcast.code)  # its state may have moved on
    revision = broadcast.latest if broadcast else None
    categories = list(Category.objects.all())
    chosen = {name: value for name in form.fields if (value := form[name].value()) is not None}
    return page(
        request,
        "portal/broadcasts/compose.html",
        title=_("编辑播报") if broadcast else _("新建播报"),
        trail=[list_crumb()],
        status=status,
        broadcast=broadcast,
        badge=broadcast_badge(broadcast.state) if broadcast else None,
        form=form,
        problem=problem,
        position=_position(problem),
        channels=Channel.objects.filter(is_active=True),
        way=way_of(broadcast, revision, staff_of(request)),
        sound=told(revision) if revision else None,
        busy=_MADE_OR_COMING,
        may_propose=staff_of(request).has_perm("lexicon.add_entry"),
        categories=categories,
        **editor_context(
            {"category": GENERAL, **chosen},
            form,
            categories={row.code: _rule(row) for row in categories},
            default_voice=default_voice(staff_of(request).organisation, chosen.get("channels") or ()),
            status=_status_url(broadcast),
        ),
    )


def _rule(category: Category) -> dict[str, Any]:
    """What the editor's script needs to offer only what the category allows."""
    default = {"emotion": category.default_emotion, "intensity": category.default_intensity}
    return {"emotions": category.emotions, "default": default, "note": category.description}


def _position(problem: Problem | None) -> int | None:
    """Where in the text the problem is, for the editor to underline."""
    errors = problem.errors if problem else ()
    return next((error.position for error in errors if error.field == "text"), None)


def _status_url(broadcast: Broadcast | None) -> str:
    return reverse("admin:broadcast-status", args=[broadcast.code]) if broadcast else ""
