"""A whole platform for tests, started the way `make run` starts it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from govvoice.connecting import CHOICE, URLS
from govvoice.embedded import processes
from govvoice.embedded.places import ROOT, Places
from govvoice.embedded.postgres import Postgres
from govvoice.embedded.supervision import Supervisor

# What a test session sets for itself and a platform must find out for itself.
SESSION_ONLY = (
    *URLS.values(),
    CHOICE,
    "REDIS_URL",
    "GOVVOICE_ENV",
    "GOVVOICE_SECRET_KEY",
    "GOVVOICE_KEY_PEPPER",
)
READY = "平台已就绪"


@dataclass
class Platform:
    """`base_url` has no slash at its end; `accounts`: role -> {"name", "password"}."""

    folder: Path
    port: int
    extra: dict[str, str] = field(default_factory=dict)
    runner: subprocess.Popen[bytes] | None = None

    @classmethod
    def in_new_folder(cls, **extra: str) -> Platform:
        folder = Path(tempfile.mkdtemp(prefix="gv-"))
        folder.chmod(0o711)  # root's Postgres runs as nobody and must get through
        return cls(folder.resolve(), free_port(), extra)

    @property
    def var(self) -> Path:
        return self.folder / "var"

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def first_run(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.var / "first-run.json").read_text(encoding="utf-8"))
        return found

    @property
    def api_key(self) -> str:
        return str(self.first_run["api_key"])

    @property
    def accounts(self) -> dict[str, dict[str, str]]:
        return dict(self.first_run["accounts"])

    @property
    def pids(self) -> dict[str, int]:
        """Program -> pid as supervisor sees it now: postgres, valkey, web, worker, beat, sealer."""
        return {name: pid for name, (_, pid) in Supervisor(Places(self.var)).states().items() if pid}

    @property
    def output(self) -> str:
        """All that the runner has said so far."""
        return (self.folder / "runner.out").read_text(encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in SESSION_ONLY}
        own = {"GOVVOICE_VAR": str(self.var), "GOVVOICE_PORT": str(self.port)}
        own["PYTHONPATH"] = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
        own.setdefault("GOVVOICE_VOICES", kept.get("GOVVOICE_VOICES") or str(ROOT / "var" / "voices"))
        return kept | own | self.extra

    def post(self, text: str, *, seconds: float = 60) -> httpx.Response:
        """Asks for speech as the demo client."""
        return self.client(seconds).post("/api/v1/speech", json={"text": text})

    def client(self, seconds: float = 60) -> httpx.Client:
        """Speaks as the demo client, through no proxy."""
        headers = {"Authorization": f"Bearer {self.api_key}"}
        return httpx.Client(base_url=self.base_url, headers=headers, timeout=seconds, trust_env=False)

    def lift_limits(self) -> None:
        """The demo client's limits are for trying out; under load they would be all that is seen."""
        lift = (
            "from accounts.models import Client;"
            "Client.objects.update(calls_per_second=10000, calls_per_minute=1000000, calls_at_once=1000,"
            " characters_per_day=1000000000)"
        )
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", lift]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True)

    def is_ready(self) -> bool:
        try:
            return self.client(10).get("/ready").status_code == 200
        except httpx.HTTPError:
            return False

    def wait_until_ready(self, seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while not self.is_ready():
            assert time.monotonic() < end, "the platform did not become ready again"
            time.sleep(0.2)

    def begin(self) -> subprocess.Popen[bytes]:
        """Starts a runner and does not wait for it."""
        self.runner = self.another("runner.out")
        return self.runner

    def another(self, output: str) -> subprocess.Popen[bytes]:
        """A runner of the same var folder; `output` names the file for its words."""
        with (self.folder / output).open("wb") as words:
            return subprocess.Popen(
                [sys.executable, "-m", "govvoice.embedded.runner"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
            )

    def start(self) -> None:
        """Returns when the platform is ready. Raises AssertionError with the runner's words when it fails."""
        runner = self.begin()
        end = time.monotonic() + 180
        while READY not in self.output:
            assert runner.poll() is None, f"the runner ended: {self.output}"
            assert time.monotonic() < end, f"not ready in time: {self.output}"
            time.sleep(0.1)

    def stop(self) -> int:
        """Ends the platform as Ctrl-C does; its exit status. Safe to repeat."""
        if self.runner is None:
            return 0
        if self.runner.poll() is None:
            self.runner.send_signal(signal.SIGINT)
        try:
            return self.runner.wait(timeout=120)
        finally:
            self.kill()

    def left(self) -> list[str]:
        """The command lines of all processes of this platform that still run."""
        found = [*processes.of_platform(self.var), *processes.of_database(Postgres(Places(self.var)).data)]
        names = []
        for process in found:
            with suppress(psutil.Error):  # it has just ended
                names.append(" ".join(process.cmdline()))
        return names

    def kill(self) -> None:
        """Ends everything at once by force, the runner first."""
        if self.runner is not None and self.runner.poll() is None:
            self.runner.kill()
            self.runner.wait()
        found = [*processes.of_platform(self.var), *processes.of_database(Postgres(Places(self.var)).data)]
        processes.end(found, first=signal.SIGKILL, patience=10)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    """A port that nobody uses, and neither the next one, which is the stream's."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
