"""What the lists say of a text, with each list's own word on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from govvoice.portal.broadcasts.wording import Badge
from govvoice.portal.screening.wording import category_name, level_badge, rule_name
from synthesis.screening.documents import Pattern
from synthesis.screening.labels import Label, labels


@dataclass(frozen=True, slots=True)
class Met:
    """One hit as staff read it; `note` joins reason and legal basis."""

    text: str
    category: str
    level: Badge
    list_name: str
    entry: str
    note: str


def met_in(text: str, hits: Sequence[dict[str, Any]]) -> list[Met]:
    """Of hits as synthesis.screening.review keeps them, at their places in the text."""
    told = labels(hit["key"] for hit in hits)
    return [_met(text, hit, told.get(hit["key"])) for hit in hits]


def entry_of(label: Label | None) -> str:
    """The word or the rule by its name; nothing for the words of a confidential list."""
    if label is None:
        return ""
    return rule_name(label.entry) if isinstance(label.entry, Pattern) else label.entry


def _met(text: str, hit: dict[str, Any], label: Label | None) -> Met:
    told = (label.reason, label.basis) if label else ()
    return Met(
        text=text[hit["start"] : hit["end"]],
        category=category_name(hit["category"]),
        level=level_badge(hit["level"]),
        list_name=label.list_name if label else _("（已不在词库中）"),
        entry=entry_of(label),
        note=" · ".join(word for word in told if word),
    )
