"""`make fuzz`: schemathesis, with all its checks, against a platform made for this."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from govvoice.embedded.places import ROOT
from tests.embedded.running import Platform

# One worker: with more, the parser of Python 3.11 now and then fails ("recursion depth mismatch").
USUAL = ("--max-examples", "2000", "--seed", "1", "--workers", "1")


def main(options: list[str]) -> int:
    """Schemathesis' own exit status: 0 when it found nothing."""
    platform = Platform.in_new_folder()
    try:
        platform.start()
        platform.lift_limits()
        return fuzz(platform, *USUAL, *options)
    finally:
        platform.stop()
        platform.remove()


def fuzz(platform: Platform, *options: str) -> int:
    with tempfile.TemporaryDirectory(prefix="gv-fuzz-") as folder:  # it leaves its examples where it runs
        command = [
            Path(sys.executable).with_name("schemathesis"),
            *("--config-file", ROOT / "schemathesis.toml"),
            *("run", f"{platform.base_url}/api/v1/schema/"),
            *("--header", f"Authorization: Bearer {platform.api_key}"),
            *("--checks", "all", "--continue-on-failure"),
            *options,
        ]
        return subprocess.run(command, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
