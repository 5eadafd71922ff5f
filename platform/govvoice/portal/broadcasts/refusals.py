"""A step that is not allowed, told in a sentence and kept as evidence."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import DatabaseError, transaction
from django.http import HttpRequest

from accounts.middleware import origin_of
from accounts.services import staff_actor
from audit.errors import AuditError, AuditUnavailable
from audit.parties import Target
from audit.services import record
from govvoice.broadcasts.errors import WorkflowError
from govvoice.broadcasts.models import Broadcast
from govvoice.broadcasts.services import broadcast_target
from govvoice.portal.pages import staff_of
from govvoice.problems import Problem, problem_of
from synthesis.errors import SpeechError

log = logging.getLogger(__name__)


def attempt(
    request: HttpRequest,
    step: Callable[[], object],
    *,
    action: str,
    broadcast: Broadcast | None = None,
    target: Target | None = None,
) -> Problem | None:
    """Takes the step. None when it was taken, else why not; then nothing was done but to record that.

    `target` is what the step was about, where that is no broadcast.
    """
    try:
        step()
    except (WorkflowError, SpeechError, AuditUnavailable, DatabaseError) as error:
        problem = problem_of(error)
        if problem is None:
            raise
        keep_refusal(request, problem, action=action, broadcast=broadcast, target=target)
        return problem
    return None


def keep_refusal(
    request: HttpRequest,
    problem: Problem,
    *,
    action: str,
    broadcast: Broadcast | None = None,
    target: Target | None = None,
) -> None:
    """Records it. A refusal that cannot be recorded is still a refusal: nothing happened."""
    try:
        with transaction.atomic():
            record(
                action=action,
                outcome="failed" if problem.status >= 500 else "refused",
                actor=staff_actor(staff_of(request)),
                target=broadcast_target(broadcast) if broadcast else target,
                origin=origin_of(request),
                code=problem.code,
                status=problem.status,
            )
    except (DatabaseError, AuditError):
        log.exception("a refusal could not be recorded: %s", problem.code)
