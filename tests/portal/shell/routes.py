"""Every route of the platform, as Django resolves it, with a path to try it by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

SAMPLES = {
    "int": "1", "slug": "none", "uuid": "00000000-0000-4000-8000-000000000000", "path": "1",
    "broadcast": "BC20260101-0001", "str": "none",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """`name` is what `reverse` knows it by, without its namespace."""

    pattern: str
    path: str
    name: str

    @property
    def section(self) -> str:
        return self.pattern.removeprefix("portal/").split("/")[0]


def all_routes() -> list[Route]:
    found = {
        pattern: Route(pattern, "/" + _filled(pattern), name) for pattern, name in _walk(get_resolver(), "")
    }
    return list(found.values())


def _walk(resolver: URLResolver, before: str) -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _walk(entry, before + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield before + str(entry.pattern), entry.name or ""


def _filled(pattern: str) -> str:
    plain = re.sub(r"\(\?P<\w+>([a-z]*)[^)]*\)|[\^$]", lambda found: found[1] or "", pattern)
    return re.sub(r"<(\w+):\w+>", lambda found: SAMPLES[found[1]], plain)
