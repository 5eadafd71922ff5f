"""对比试听: one text, several voices, side by side. Each is spoken, screened and recorded as at the desk."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from govvoice.portal.desk.editor import editor_context
from govvoice.portal.pages import page, staff_page
from govvoice.portal.speakers.scope import LISTEN, list_crumb

MOST = 4  # beside one another; each is a request of its own, and a desk may ask thirty times a minute
TEXT = "您好，您反映的问题已转交相关部门办理，预计三个工作日内答复，请保持电话畅通。"


@staff_page(LISTEN)
@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    context = editor_context({"text": TEXT}, limit_voices=MOST, speak=reverse("admin:desk-speak"))
    picked = [card.code for card in context["cards"] if card.code in request.GET.getlist("voice")]
    return page(
        request,
        "portal/speakers/compare.html",
        title=_("对比试听"),
        trail=[list_crumb()],
        most=MOST,
        picked=(picked or [card.code for card in context["cards"]][:2])[:MOST],
        **context,
    )
