"""What can go wrong when evidence is written or read."""

from __future__ import annotations

from django.utils.translation import gettext as _


class AuditError(Exception):
    """The base of this family."""


class AuditUnavailable(AuditError):
    """The event could not be written, so the act must not happen. Doors answer 503 `audit_unavailable`."""

    code = "audit_unavailable"


class OutsideTransaction(AuditError):
    """A programming error: the event has to stand or fall together with the act it tells of."""

    def __init__(self, action: str) -> None:
        super().__init__(f"record({action!r}) must run inside transaction.atomic(), with the act it records")


class UnknownAction(AuditError):
    """A programming error: the action was never registered."""

    def __init__(self, action: str) -> None:
        super().__init__(f"the action {action!r} is not registered: see audit.actions.register")


class DatabaseRolesMissing(AuditError):
    """Accounts of the database are missing or may do too much; `statements` is the SQL that mends it."""

    def __init__(self, statements: list[str]) -> None:
        lines = "\n".join(f"  {statement}" for statement in statements)
        super().__init__(
            "数据库账号不全，请由数据库管理员执行以下语句后再次运行 migrate"
            f" (run these as the database's administrator, then migrate again):\n{lines}"
        )
        self.statements = statements


class TextsKept(AuditError):
    """The texts of a month that may not be destroyed; the message says why."""


class TextUnreadable(AuditError):
    """A sealed text that does not open: another data key, or other bytes than were written."""


class InvalidFilter(AuditError):
    """Search terms that cannot be read; `problems` maps the field's name to what is wrong with it."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {problem}" for field, problem in problems.items()))
        self.problems = problems


class EvidenceRefused(AuditError):
    """What staff asked for cannot be done now; `message` tells them why and what to do."""

    def __init__(self, *, code: str, message: str, status: int = 409) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class ExportRefused(EvidenceRefused):
    """An export that is not possible, or not any more."""


class NotSealedYet(AuditError):
    """Some of the events are not covered by a signed head; within a minute they will be."""


class SealerRunning(AuditError):
    """Only one sealer may write leaves at a time."""


class PartitionsBusy(AuditError):
    """A partition could not be made now because the table is in use; a later try will do."""


class TreeBroken(AuditError):
    """What is stored of the tree contradicts itself; the sealer stops rather than build on it."""


class HeadFileContradicts(AuditError):
    """A head that was written out is not the database's: the sealer stops until somebody knows why."""


class ReceiverUnusable(AuditError):
    """The address of a syslog receiver cannot be read."""


class AlgorithmMissing(AuditError):
    """This machine has no SM3, so nothing can be sealed on it."""


class SealKeyUnusable(AuditError):
    """The sealer's private keys are missing, unreadable, or fewer than signed the last head."""


class OriginUnusable(AuditError):
    """The log's name is not one, or not the one that its heads bear."""


class ManifestUnsigned(AuditError):
    """The sealer did not sign a manifest in time, or refused to."""


class HeadsUnreadable(AuditError):
    """What was given as published heads cannot be read; says where."""


class VerificationRunning(AuditError):
    """One verification at a time: another is under way."""


class NotSealed(AuditError):
    """There is no head yet that sums up what is to be proved, or no such event or head at all."""


class MonthUnknown(AuditError):
    """No such month is in the log, or it is not written as 2026-05."""


class NotHeld(EvidenceRefused):
    """No legal hold is on the month."""

    def __init__(self, month: str) -> None:
        super().__init__(code="not_held", message=_("%(month)s 没有法律保全") % {"month": month})


class ArchiveRefused(AuditError):
    """The month cannot be archived or restored; the text says why."""
