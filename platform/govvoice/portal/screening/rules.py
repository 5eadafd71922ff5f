"""A rule as staff write it into the form, turned into what lists hold."""

from __future__ import annotations

from typing import Any

from synthesis.screening.documents import Pattern


def rule_from(posted: dict[str, Any]) -> Pattern:
    return Pattern(posted["kind"], {}, posted["level"], posted["reason"])
