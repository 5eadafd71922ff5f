"""Import and export."""

from __future__ import annotations
from django.http import HttpRequest, HttpResponse
from govvoice.portal.lexicon.steps import ADD, VIEW
from govvoice.portal.pages import staff_page


@staff_page(ADD)
def bring_in(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


@staff_page(VIEW)
def export(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError
