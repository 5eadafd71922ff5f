"""What this door itself refuses; the rooms behind it have their own families of errors."""

from __future__ import annotations

from govvoice.problems import FieldProblem, Problem


class Refusal(Exception):
    """A request that is not let in, as the problem its caller is told."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: tuple[FieldProblem, ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.problem = Problem(status, code, detail, errors, headers or {})


class FieldRefused(Exception):
    """One value breaks one rule; its serializer collects these into a Refusal and adds the field's name."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        position: int | None = None,
        limit: int | None = None,
        length: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.position = position
        self.limit = limit
        self.length = length

    def at(self, field: str) -> FieldProblem:
        return FieldProblem(field, self.code, self.message, self.position, self.limit, self.length)


def printable(text: str, *, limit: int = 64) -> str:
    """A caller's own word, fit to stand in a message: short, and without signs that act on a screen."""
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in text[:limit]
    )
