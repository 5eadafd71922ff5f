"""One event without its masks and with its text, for whom may see it; the look is an event itself."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.middleware import origin_of
from accounts.services import staff_actor
from audit.models import Event
from audit.originals import reveal
from govvoice.portal.pages import Crumb, page, staff_of, staff_page

REVEAL = "audit.reveal_event"


@staff_page(REVEAL)
@require_POST
def original(request: HttpRequest, number: int) -> HttpResponse:
    """Answers the POST itself: what is shown has no address that a browser could keep or open again."""
    found = Event.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    shown = reveal(event=found, actor=staff_actor(staff_of(request)), origin=origin_of(request))
    response = page(
        request,
        "portal/evidence/original.html",
        title=_("审计记录 %(number)d 的原文") % {"number": number},
        trail=[
            Crumb(_("审计日志"), reverse("admin:evidence")),
            Crumb(
                _("审计记录 %(number)d") % {"number": number}, reverse("admin:evidence-event", args=[number])
            ),
        ],
        original=shown,
    )
    response["Cache-Control"] = "no-store"
    return response
