"""A step with a broadcast, an entry, a word list: taken, or refused in a sentence and kept as evidence."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.errors import StaffError
from accounts.middleware import origin_of
from accounts.services import staff_actor
from audit.errors import AuditError, AuditUnavailable, EvidenceRefused
from audit.parties import Target
from audit.services import record
from govvoice.broadcasts.errors import WorkflowError
from govvoice.portal.pages import staff_of
from govvoice.problems import FieldProblem, Problem, problem_of
from synthesis.errors import SpeechError

log = logging.getLogger(__name__)


def decide(
    request: HttpRequest,
    step: Callable[[], object],
    *,
    action: str,
    target: Target,
    done: str,
    onward: str,
    show: Callable[[Problem], HttpResponse],
) -> HttpResponse:
    """Takes the step and goes on to `onward`; a refused one is told by `show`.

    `show` looks again: whoever came second sees what the first one did.
    """
    problem = attempt(request, step, action=action, target=target)
    if problem:
        return show(problem)
    messages.success(request, done)
    return redirect(onward)


def attempt(
    request: HttpRequest, step: Callable[[], object], *, action: str, target: Target | None = None
) -> Problem | None:
    """Takes the step. None when it was taken, else why not, field by field where a field is to blame.

    Then nothing was done but to record the refusal; `target` is what the step was about.
    """
    try:
        step()
    except (
        WorkflowError,
        SpeechError,
        StaffError,
        AuditUnavailable,
        EvidenceRefused,
        DatabaseError,
        ValidationError,
    ) as error:
        problem = _by_field(error) if isinstance(error, ValidationError) else problem_of(error)
        if problem is None:
            raise
        keep_refusal(request, problem, action=action, target=target)
        return problem
    return None


def keep_refusal(
    request: HttpRequest, problem: Problem, *, action: str, target: Target | None = None
) -> None:
    """Records it. A refusal that cannot be recorded is still a refusal: nothing happened."""
    try:
        with transaction.atomic():
            record(
                action=action,
                outcome="failed" if problem.status >= 500 else "refused",
                actor=staff_actor(staff_of(request)),
                target=target,
                origin=origin_of(request),
                code=problem.code,
                status=problem.status,
            )
    except (DatabaseError, AuditError):
        log.exception("a refusal could not be recorded: %s", problem.code)


def _by_field(error: ValidationError) -> Problem:
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    errors = tuple(
        FieldProblem(field, one.code or "invalid", " ".join(one.messages))
        for field, several in by_field.items()
        for one in several
    )
    return Problem(422, errors[0].code, errors[0].message, errors)
