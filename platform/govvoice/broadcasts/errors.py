"""Why a step of the workflow is refused."""

from __future__ import annotations

from django.utils.functional import Promise


class WorkflowError(Exception):
    """The broadcast's state, or the person, does not allow this step."""

    status = 409
    code = "workflow_refused"

    def __init__(self, message: Promise | str, *, code: str | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.status = status or self.status
