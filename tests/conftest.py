"""Real servers for every test session: an own Postgres and Valkey, and on demand the whole platform."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import django
import pytest

from govvoice.embedded.places import ROOT, Places
from govvoice.embedded.postgres import Postgres
from govvoice.embedded.valkey import Valkey
from tests.embedded.running import Platform

SESSION = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Names the session's own servers before pytest-django loads the settings, which it does after this."""
    if _only_hands_out(config):
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)  # importing govvoice has set it
        return
    folder = Path(tempfile.mkdtemp(prefix="gv-"))
    folder.chmod(0o711)  # root's Postgres runs as nobody and must get through
    config.stash[SESSION] = folder
    here = Places(folder.resolve() / "var")
    here.prepare()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "govvoice.settings",
        "GOVVOICE_ENV": "test",
        "GOVVOICE_VAR": str(here.var),
        "GOVVOICE_VOICES": str(_embedded_voice_alone(folder / "voices")),
        "GOVVOICE_SECRET_KEY": secrets.token_urlsafe(50),
        "GOVVOICE_KEY_PEPPER": secrets.token_urlsafe(32),
        "DATABASE_URL": Postgres(here).url,
        "REDIS_URL": Valkey(here).url,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "platform"), str(ROOT)]),
    }
    # pytest-django sets Django up only if it is imported by now, and guards the database from then on.
    django.setup()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _only_hands_out(config):
        shutil.rmtree(config.stash[SESSION], ignore_errors=True)


def _only_hands_out(config: pytest.Config) -> bool:
    """Whether this process gives tests to others (`-n 2`), which name servers of their own and inherit its
    environment: settings named there would be loaded before the servers are."""
    return bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")


def _embedded_voice_alone(folder: Path) -> Path:
    """A folder of voices that holds the same everywhere, whatever else was set up on this machine."""
    there = Path(os.environ.get("GOVVOICE_VOICES") or ROOT / "var" / "voices").resolve()
    folder.mkdir()
    (folder / "fastspeech2").symlink_to(there / "fastspeech2")
    return folder


@pytest.fixture(scope="session", autouse=True)
def servers(pytestconfig: pytest.Config) -> Iterator[None]:
    """Postgres (no fsync) and Valkey for the session; they end with it, also when it is killed."""
    here = Places(pytestconfig.stash[SESSION].resolve() / "var")
    with (here.log / "servers.log").open("ab") as log:
        running = [_server("postgres", "--no-fsync", log=log), _server("valkey", log=log)]
    try:
        Postgres(here).wait(60, running[0])
        Postgres(here).ensure_database()
        Valkey(here).wait(60, running[1])
        yield
    finally:
        for server in running:
            # SIGINT is the fast shutdown of both.
            server.send_signal(2)
        for server in running:
            server.wait(timeout=60)


@pytest.fixture(autouse=True)
def no_heads_of_other_tests() -> None:
    """Their database is gone: what they left in the head file would contradict this test's."""
    Path(os.environ["GOVVOICE_VAR"], "audit", "heads.jsonl").unlink(missing_ok=True)


def _server(name: str, *options: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"govvoice.embedded.{name}", *options]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """The whole platform, started by the real runner in a var folder and on a port of its own."""
    running = Platform.in_new_folder()
    try:
        running.start()
        yield running
    finally:
        running.stop()
        running.remove()
