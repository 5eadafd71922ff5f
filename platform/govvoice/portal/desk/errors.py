"""Refusals that only the desk itself can speak."""

from __future__ import annotations

from govvoice.problems import Problem, problem_of


class RequestRefused(Exception):
    """The request is malformed or comes too often; `problem` says which and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


@problem_of.register
def _problem(error: RequestRefused) -> Problem:
    return error.problem
