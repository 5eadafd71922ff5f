"""Content negotiation by what a view produces, which is mostly sound and not something to be rendered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

_REFUSED = re.compile(r"q *= *0(\.0*)?")
JSON_TYPES = ("application/json", "application/problem+json")
# What callers name a WAV, besides those who just want bytes.
SOUND_TYPES = (
    "audio/wav",
    "audio/x-wav",
    "audio/wave",
    "audio/vnd.wave",
    "audio/pcm",
    "application/octet-stream",
)


class ProducedTypes(BaseContentNegotiation):
    """Passes a request whose Accept names, or covers, one of `types`; the view decides which it is."""

    types: Sequence[str] = JSON_TYPES

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """The door has one parser, and that one judges the Content-Type itself."""
        return next(iter(parsers), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Raises NotAcceptable."""
        accept = request.META.get("HTTP_ACCEPT", "").strip() or "*/*"
        if not any(_covers(wanted, offered) for wanted in _ranges(accept) for offered in self.types):
            raise NotAcceptable
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


class SoundOrJSON(ProducedTypes):
    types = (*SOUND_TYPES, *JSON_TYPES)


def _ranges(accept: str) -> Iterator[str]:
    """The media ranges of an Accept header, those with q=0 left out."""
    for part in accept.lower().split(","):
        media_range, *parameters = (piece.strip() for piece in part.split(";"))
        if media_range and not any(_REFUSED.fullmatch(parameter) for parameter in parameters):
            yield media_range


def _covers(wanted: str, offered: str) -> bool:
    kind = offered.partition("/")[0]
    return wanted in {"*/*", f"{kind}/*", offered}
