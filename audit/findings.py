"""What a verification says: what it looked at, and what is not as it was sealed, with its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_MOST_FINDINGS = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was sealed. `seq` is a place in the tree, `event` the id of an event."""

    code: str
    message: str
    seq: int | None = None
    event: int | None = None

    def as_details(self) -> dict[str, Any]:
        places = {"seq": self.seq, "event": self.event}
        known = {name: value for name, value in places.items() if value is not None}
        return {"code": self.code, "message": self.message, **known}


@dataclass(slots=True)
class Outcome:
    """What a verification looked at, and what it found."""

    leaves: int = 0
    events: int = 0
    heads: int = 0
    published: int = 0
    waiting: int = 0
    steps: int = 0  # of the clock
    head: int | None = None
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    bad: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, code: str, message: str, *, seq: int | None = None, event: int | None = None) -> None:
        self.bad += 1
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(Finding(code, message, seq, event))

    @property
    def holds(self) -> bool:
        return not self.bad

    @property
    def first_bad(self) -> Finding | None:
        """The lowest place that is named exactly; else any."""
        placed = [finding for finding in self.findings if finding.seq is not None]
        exact = [finding for finding in placed if finding.code != "wrong_root"] or placed
        return min(exact or self.findings, key=lambda one: one.seq or 0, default=None)

    def as_details(self) -> dict[str, Any]:
        counts = {"leaves": self.leaves, "events": self.events, "heads": self.heads}
        counts |= {"published": self.published, "waiting": self.waiting, "clock_steps": self.steps}
        counts["findings"] = self.bad
        first = [finding.as_details() for finding in self.findings[:10]]
        return {**counts, "head": self.head, "seconds": round(self.seconds, 1), "first": first}
