"""Lexicon entries that somebody wants to hear before he proposes them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from govvoice.portal.desk.bodies import unfit
from govvoice.problems import FieldProblem
from synthesis import text
from synthesis.lexicon.current import as_text
from synthesis.lexicon.models import Entry

FIELDS = ("word", "reading", "replacement")
MOST = 20  # at a time; their lexicon is made anew for each request


def read_trials(value: Any) -> tuple[text.Entry, ...]:
    """What the page's script sent, ready for the pipeline. Raises RequestRefused (422)."""
    if not isinstance(value, list) or len(value) > MOST:
        raise unfit([_wrong_type()])
    return tuple(map(_read_trial, value))


def _read_trial(value: Any) -> text.Entry:
    entry = read_entry(value)
    if message := objection(entry):
        raise unfit([FieldProblem("trials", "entry_invalid", message)])
    return as_text(entry)


def read_entry(value: Any) -> Entry:
    """An entry that is nowhere kept. Raises RequestRefused (422) for what has not its form."""
    known = isinstance(value, dict) and value.keys() <= set(FIELDS)
    if not known or not all(isinstance(part, str) and len(part) <= 512 for part in value.values()):
        raise unfit([_wrong_type()])
    return Entry(**{name: value.get(name, "") for name in FIELDS})


def _wrong_type() -> FieldProblem:
    return FieldProblem("trials", "wrong_type", _("试听的词条格式不对。"))


def objection(entry: Entry) -> str:
    """Why the lexicon would not take the entry, empty when it would. Tidies its fields on the way."""
    try:
        entry.clean_fields(exclude=[field.name for field in Entry._meta.fields])
        entry.clean()
    except ValidationError as error:
        return str(error.messages[0])
    return ""
