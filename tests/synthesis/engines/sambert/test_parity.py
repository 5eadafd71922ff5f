"""The checker that came with the parity fixtures, run whole at its strict tolerances."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parents[5] / "shared" / "sambert" / "fixtures"
PARTS = ("am_*", "voc_*", "e2e_*", "frontend")
FOLDERS = sorted(folder.name for part in PARTS for folder in FIXTURES.glob(part))


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_agrees_with_the_reference_network(
    folder: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    adapter = f"{__package__}.parity_adapter"
    monkeypatch.setattr(
        sys, "argv", ["check.py", "--adapter", adapter, "--root", str(FIXTURES), "--only", folder]
    )
    monkeypatch.syspath_prepend(FIXTURES)
    checker = runpy.run_path(str(FIXTURES / "check.py"))
    status = checker["main"]()
    report = capsys.readouterr().out
    assert (status, "FAIL" in report, "skip" in report) == (0, False, False), report
