"""A whole platform of its own for a benchmark: started by the real runner, stopped at the end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120  # seconds until it must be ready


@dataclass(frozen=True, slots=True)
class Platform:
    url: str
    api_key: str
    environment: dict[str, str]

    def manage(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, check=True)


@contextmanager
def running_platform() -> Iterator[Platform]:
    voices = os.environ.get("GOVVOICE_VOICES", str(ROOT / "var" / "voices"))
    with tempfile.TemporaryDirectory(prefix="govvoice-bench-") as var:
        port = _free_port()
        environment = {
            **os.environ,
            "GOVVOICE_VAR": var,
            "GOVVOICE_VOICES": voices,
            "GOVVOICE_PORT": str(port),
            "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}",
        }
        runner = subprocess.Popen(
            [sys.executable, "-m", "govvoice.embedded.runner"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, runner)
            secrets = json.loads((Path(var) / "first-run.json").read_text(encoding="utf-8"))
            yield Platform(url, secrets["api_key"], environment)
        finally:
            runner.send_signal(signal.SIGINT)
            runner.wait(timeout=60)


def _free_port() -> int:
    """A port whose neighbour is free too: the stream process will want it."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def _wait(url: str, runner: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if runner.poll() is not None:
            raise RuntimeError(f"the platform did not start (exit status {runner.returncode})")
        try:
            with urllib.request.urlopen(f"{url}/ready", timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError(f"the platform was not ready within {PATIENCE} s")
