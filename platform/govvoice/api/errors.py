"""Translates whatever a view throws, once, into a problem and a line of evidence. Nothing leaves as 500."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from redis.exceptions import RedisError
from rest_framework import exceptions

from govvoice.api.auth import caller_of
from govvoice.api.parsers import unsupported
from govvoice.api.refusals import Refusal
from govvoice.problems import RETRY_SECONDS, Problem, problem_of, refuse

log = logging.getLogger(__name__)


def handle_exception(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """REST framework's hook."""
    request: HttpRequest = context["request"]._request
    return answer(request, error)


def answer(request: HttpRequest, error: Exception) -> HttpResponse:
    """The problem that `error` stands for, recorded with its caller."""
    problem = problem_of(error)
    if problem is None:
        log.error("%s %s failed", request.method, request.path, exc_info=error)
        problem = internal_problem()
    return refuse(request, problem, actor=caller_of(request))


def internal_problem() -> Problem:
    """A bug of ours: to the caller just a service that cannot answer now."""
    return Problem(
        503,
        "internal_error",
        _("服务内部出错，本次操作未完成；请稍后重试，并可凭请求编号联系管理员。"),
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


@problem_of.register
def _refusal(error: Refusal) -> Problem:
    return error.problem


@problem_of.register
def _valkey(error: RedisError) -> Problem:
    log.warning("Valkey did not answer: %s", error)
    detail = _("缓存服务暂时不可用，本次操作未执行。")
    return Problem(503, "cache_unavailable", detail, headers={"Retry-After": str(RETRY_SECONDS)})


@problem_of.register(Http404)
@problem_of.register(exceptions.NotFound)
def _not_found(error: Exception) -> Problem:
    return not_found_problem()


def not_found_problem() -> Problem:
    return Problem(404, "not_found", _("没有这个地址，或没有这项内容。"))


@problem_of.register
def _host(error: DisallowedHost) -> Problem:
    return Problem(400, "host_invalid", _("Host 头不是本平台的地址。"))


@problem_of.register
def _too_big(error: RequestDataTooBig) -> Problem:
    return Problem(413, "body_too_large", _("请求体过大。"))


@problem_of.register
def _too_many(error: TooManyFieldsSent) -> Problem:
    return Problem(400, "query_too_long", _("查询参数过多。"))


@problem_of.register
def _method(error: exceptions.MethodNotAllowed) -> Problem:
    return Problem(405, "method_not_allowed", _("该地址不支持这个请求方法。"))


@problem_of.register
def _accept(error: exceptions.NotAcceptable) -> Problem:
    return Problem(406, "not_acceptable", _("Accept 头所要求的类型均无法提供。"))


@problem_of.register
def _media_type(error: exceptions.UnsupportedMediaType) -> Problem:
    return unsupported().problem
