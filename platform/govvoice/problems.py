"""Every refusal in one shape: RFC 9457 application/problem+json, with one line of evidence behind it."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, field
from functools import singledispatch
from typing import Any

from django.db import Error as DatabaseFailure
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import AccessError, StaffError
from accounts.middleware import origin_of
from audit.errors import AuditError, AuditUnavailable, EvidenceRefused
from audit.parties import Actor
from audit.services import record
from govvoice.broadcasts.errors import WorkflowError
from synthesis.errors import SpeechError, SpeechUnavailable

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 2

TITLES = {
    400: gettext_lazy("请求无法解析"),
    401: gettext_lazy("身份未确认"),
    403: gettext_lazy("无权操作"),
    404: gettext_lazy("没有找到"),
    405: gettext_lazy("不支持的方法"),
    406: gettext_lazy("无法提供所要求的类型"),
    408: gettext_lazy("请求超时"),
    409: gettext_lazy("状态冲突"),
    413: gettext_lazy("请求体过大"),
    415: gettext_lazy("内容类型不受支持"),
    416: gettext_lazy("无法提供所要求的范围"),
    422: gettext_lazy("内容不符合要求"),
    429: gettext_lazy("请求过于频繁"),
    503: gettext_lazy("服务暂时不可用"),
}


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field; `position` counts code points of its value from 0.

    `limit` and `length` say how much there may be, and how much there is; `review` is the number under which
    a person decides on the text.
    """

    field: str
    code: str
    message: str
    position: int | None = None
    limit: int | None = None
    length: int | None = None
    review: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    code: str
    detail: str
    errors: tuple[FieldProblem, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)


@singledispatch
def problem_of(error: Exception) -> Problem | None:
    """The problem that an exception of ours stands for; None for one that is a bug."""
    return None


@problem_of.register
def _speech(error: SpeechError) -> Problem:
    message = str(error.message)
    if isinstance(error, SpeechUnavailable):
        return _later(error.code, message, error.retry_after)
    at = FieldProblem(error.field or "", error.code, message, error.position, review=error.review)
    errors = (at,) if error.field else ()
    return Problem(error.status, error.code, message, errors)


@problem_of.register
def _access(error: AccessError) -> Problem:
    headers = {"WWW-Authenticate": 'Bearer realm="govvoice"'} if error.status == 401 else {}
    return Problem(error.status, error.code, str(error.message), headers=headers)


@problem_of.register
def _staff(error: StaffError) -> Problem:
    return Problem(error.status, error.code, str(error.message))


@problem_of.register
def _workflow(error: WorkflowError) -> Problem:
    if error.status == 503:
        return _later(error.code, str(error.message), RETRY_SECONDS)
    return Problem(error.status, error.code, str(error.message))


@problem_of.register
def _audit(error: AuditUnavailable) -> Problem:
    return _later(error.code, _("审计日志暂时无法写入，本次操作未执行。"), RETRY_SECONDS)


@problem_of.register
def _evidence(error: EvidenceRefused) -> Problem:
    return Problem(error.status, error.code, error.message)


@problem_of.register
def _database(error: DatabaseFailure) -> Problem:
    log.warning("the database did not answer: %s", error)
    return _later("database_unavailable", _("数据库暂时不可用，本次操作未执行。"), RETRY_SECONDS)


def _later(code: str, detail: str, seconds: int) -> Problem:
    return Problem(503, code, detail, headers={"Retry-After": str(seconds)})


def refuse(
    request: HttpRequest, problem: Problem, *, actor: Actor, action: str = "api.refused"
) -> JsonResponse:
    """Records the refusal and answers with it.

    A refusal that cannot be recorded is still a refusal: the act did not happen, so it goes out all the same.
    """
    origin = origin_of(request)
    try:
        with transaction.atomic():
            record(
                action=action,
                outcome="failed" if problem.status >= 500 else "refused",
                actor=actor,
                origin=origin,
                code=problem.code,
                status=problem.status,
                details={"method": request.method or "", "path": request.path[:200]},
            )
    except (DatabaseFailure, AuditError):
        log.exception("a refusal could not be recorded: %s", problem.code)
    return _response(problem, origin.request_id)


def _response(problem: Problem, request_id: str) -> JsonResponse:
    body = {
        "type": f"urn:govvoice:problem:{problem.code}",
        "title": str(TITLES.get(problem.status, "")),
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "request_id": request_id,
        "errors": [error.as_dict() for error in problem.errors],
    }
    return JsonResponse(
        body,
        status=problem.status,
        content_type=CONTENT_TYPE,
        headers=problem.headers,
        json_dumps_params={"ensure_ascii": False},
    )
