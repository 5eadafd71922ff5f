"""A step with an entry that is not allowed: told in a sentence, kept as evidence."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from govvoice.portal.broadcasts.refusals import attempt, keep_refusal
from govvoice.portal.pages import Crumb
from govvoice.problems import FieldProblem, Problem
from synthesis.lexicon.models import Entry
from synthesis.lexicon.services import target_of

VIEW = "lexicon.view_entry"
ADD = "lexicon.add_entry"
APPROVE = "lexicon.approve_entry"


def find(number: int) -> Entry:
    """Raises Http404."""
    return get_object_or_404(Entry.objects.select_related("supersedes"), pk=number)


def list_crumb() -> Crumb:
    return Crumb(_("读音词典"), reverse("admin:lexicon-list"))


def take(
    request: HttpRequest, step: Callable[[], object], *, action: str, entry: Entry | None = None
) -> Problem | None:
    """Takes the step. None when it was taken, else why not, field by field where a field is to blame."""
    target = target_of(entry) if entry else None
    try:
        return attempt(request, step, action=action, target=target)
    except ValidationError as error:
        problem = _problem(error)
        keep_refusal(request, problem, action=action, target=target)
        return problem


def _problem(error: ValidationError) -> Problem:
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    errors = tuple(
        FieldProblem(field, one.code or "invalid", " ".join(one.messages))
        for field, several in by_field.items()
        for one in several
    )
    return Problem(422, errors[0].code, errors[0].message, errors)
