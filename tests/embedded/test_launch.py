"""What a supervised program is told, and what it is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("name", "told"),
    [("web", set()), ("worker", set()), ("sealer", {"GOVVOICE_SEAL_KEY", "GOVVOICE_SEAL_SM2_KEY_FILE"})],
)
def test_the_keys_of_heads_are_the_sealer_s(name: str, told: set[str], tmp_path: Path) -> None:
    keys = {"GOVVOICE_SEAL_KEY": "secret", "GOVVOICE_SEAL_SM2_KEY_FILE": "/run/secrets/sm2"}
    shown = "import os; print(*(name for name in os.environ if 'SEAL_' in name))"
    done = subprocess.run(
        [sys.executable, "-m", "govvoice.embedded.launch", name, sys.executable, "-c", shown],
        env={**os.environ, **keys, "GOVVOICE_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.split()) == told
