"""audit-verify.py as a module, and as the command an auditor runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from audit.offline import PROGRAM, program

verifier = program()

__all__ = ["PROGRAM", "Answer", "Auditor", "verifier"]


@dataclass(frozen=True)
class Answer:
    """Exit status, and what was said in JSON."""

    status: int
    said: dict[str, Any]

    @property
    def codes(self) -> set[str]:
        return {finding["code"] for finding in self.said["findings"]}

    @property
    def place(self) -> tuple[int | None, int | None]:
        """(seq, event id) of the first bad event."""
        bad = self.said["first_bad"]
        return bad["seq"], bad["event"]


class Auditor:
    """Runs the program in this process and reads its answer."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def checks(self, path: Path, *options: str | Path) -> Answer:
        status = verifier.main([str(path), "--json", *map(str, options)])
        return Answer(status, json.loads(self._capsys.readouterr().out))
