"""修改发音人: what is said of a speaker, and its picture."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.middleware import origin_of
from accounts.services import staff_actor
from govvoice.portal.pages import page, staff_of, staff_page
from govvoice.portal.speakers.forms import SpeakerForm
from govvoice.portal.speakers.scope import CHANGE, find, list_crumb, speaker_crumb
from synthesis.catalogue import save_speaker
from synthesis.models import Speaker


@staff_page(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, code: str) -> HttpResponse:
    speaker = find(code)
    form = SpeakerForm(request.POST or None, request.FILES or None, instance=speaker)
    if request.method == "POST" and form.is_valid() and _is_kept(request, form, speaker):
        messages.success(request, _("“%(name)s”的信息已保存。") % {"name": speaker})
        return redirect("admin:speaker", code)
    return page(
        request,
        "portal/speakers/form.html",
        title=_("修改信息"),
        trail=[list_crumb(), speaker_crumb(find(code))],
        status=422 if form.errors else 200,
        form=form,
        speaker=speaker,
        back=reverse("admin:speaker", args=[code]),
    )


def _is_kept(request: HttpRequest, form: SpeakerForm, speaker: Speaker) -> bool:
    picture = form.sent_picture
    if not form.changed and picture is None:
        return True
    try:
        save_speaker(
            speaker=speaker,
            changed=form.changed,
            picture=picture,
            actor=staff_actor(staff_of(request)),
            origin=origin_of(request),
        )
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True
