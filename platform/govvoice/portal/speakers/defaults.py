"""默认发音人: who speaks where a text names nobody, for the platform, each department and each channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.middleware import origin_of
from accounts.models import Organisation
from accounts.services import save_organisation, staff_actor
from audit.parties import Actor, Origin
from govvoice.broadcasts.channels import save_channel
from govvoice.broadcasts.models import Channel
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.speakers.forms import DefaultForm
from govvoice.portal.speakers.scope import CHANGE_VOICE, in_service, list_crumb
from synthesis.catalogue import set_default
from synthesis.models import Voice

_Save = Callable[[str, Actor, Origin], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere with a default of its own. `save` keeps the code of another one, and records it."""

    kind: str
    name: str
    form: DefaultForm
    save: _Save

    @property
    def is_changed(self) -> bool:
        return self.form.has_changed()


@staff_page(CHANGE_VOICE)
@require_http_methods(["GET", "HEAD", "POST"])
def defaults(request: HttpRequest) -> HttpResponse:
    places = list(_places(request))
    if request.method == "POST" and all(place.form.is_valid() for place in places):
        _keep(request, [place for place in places if place.is_changed])
        return redirect("admin:speaker-defaults")
    wrong = any(place.form.errors for place in places)
    return page(
        request,
        "portal/speakers/defaults.html",
        title=_("默认发音人"),
        trail=[list_crumb()],
        status=422 if wrong else 200,
        places=places,
        wrong=wrong,
    )


@transaction.atomic
def _keep(request: HttpRequest, places: list[Place]) -> None:
    actor, origin = staff_actor(staff_of(request)), origin_of(request)
    for place in places:
        place.save(place.form.cleaned_data["voice"], actor, origin)
    messages.success(request, _("默认发音人已保存，立即生效。") if places else _("没有改动。"))


def _places(request: HttpRequest) -> Iterator[Place]:
    voices = in_service()
    posted = request.POST if request.method == "POST" else None
    current = next((voice.code for voice in voices if voice.is_default), "")
    form = DefaultForm(posted, prefix="platform", initial={"voice": current}, voices=voices, is_required=True)
    yield Place(_("平台"), _("全平台"), form, _save_platform)
    for organisation in Organisation.objects.filter(is_active=True):
        initial = {"voice": organisation.default_voice}
        form = DefaultForm(posted, prefix=f"organisation-{organisation.code}", initial=initial, voices=voices)
        yield Place(_("部门"), organisation.name, form, _saver_of_organisation(organisation))
    for channel in Channel.objects.filter(is_active=True):
        initial = {"voice": channel.default_voice}
        form = DefaultForm(posted, prefix=f"channel-{channel.code}", initial=initial, voices=voices)
        yield Place(_("渠道"), channel.name, form, _saver_of_channel(channel))


def _save_platform(code: str, actor: Actor, origin: Origin) -> None:
    set_default(voice=Voice.objects.get(code=code), actor=actor, origin=origin)


def _saver_of_organisation(row: Organisation) -> _Save:
    def save(code: str, actor: Actor, origin: Origin) -> None:
        changed = {"default_voice": [row.default_voice, code]}
        row.default_voice = code
        save_organisation(organisation=row, changed=changed, actor=actor, origin=origin)

    return save


def _saver_of_channel(row: Channel) -> _Save:
    def save(code: str, actor: Actor, origin: Origin) -> None:
        changed = {"default_voice": [row.default_voice, code]}
        row.default_voice = code
        save_channel(channel=row, changed=changed, actor=actor, origin=origin)

    return save
