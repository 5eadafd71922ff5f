"""Who may look at the pages for those that run the platform: by network, since probes carry no key."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from accounts.middleware import origin_of
from accounts.networks import contains, parse_address

Page = Callable[[HttpRequest], HttpResponse]


def only_from(networks: str) -> Callable[[Page], Page]:
    """The page for addresses of the setting of that name; nobody else learns that it is there."""

    def limited(page: Page) -> Page:
        @wraps(page)
        def answering(request: HttpRequest) -> HttpResponse:
            if not _is_from(request, getattr(settings, networks)):
                raise Http404
            return page(request)

        return answering

    return limited


def _is_from(request: HttpRequest, networks: list[str]) -> bool:
    origin = origin_of(request)
    # A header that no trusted proxy wrote: an untold proxy stands before us, and its address says nothing.
    address = parse_address(origin.address or "")
    if origin.forwarded_for and address == parse_address(origin.peer_address or ""):
        return False
    return address is not None and contains(networks, address)
