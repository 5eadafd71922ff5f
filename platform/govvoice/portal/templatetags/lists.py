"""The cells of an admin list, each with its column's name, so that a row can stand as a card on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import template
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db.models import ForeignKey, Model
from unfold.utils import display_for_field, display_for_value

register = template.Library()

NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Cell:
    label: str
    value: Any
    url: str = ""


@register.simple_tag
def result_rows(changes: ChangeList) -> Iterator[list[Cell]]:
    """The rows of the current page. `list_display_links` None means that no cell leads to a page."""
    labels = [str(label_for_field(name, changes.model, changes.model_admin)) for name in changes.list_display]
    links = changes.list_display_links or ()
    for row in changes.result_list:
        yield [
            Cell(label, _value(changes, row, name), changes.url_for_result(row) if name in links else "")
            for label, name in zip(labels, changes.list_display, strict=True)
        ]


@register.simple_tag
def page_url(changes: ChangeList, step: int) -> str:
    """The address of the page `step` further in a list."""
    return changes.get_query_string({PAGE_VAR: changes.page_num + step})


def _value(changes: ChangeList, row: Model, name: Any) -> Any:
    field, attribute, value = lookup_field(name, row, changes.model_admin)
    if field is None:
        return display_for_value(value, NOTHING, getattr(attribute, "boolean", False))
    if isinstance(field, ForeignKey):
        return getattr(row, field.name) or NOTHING
    return display_for_field(value, field, NOTHING)
