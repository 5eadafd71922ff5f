"""Finds and ends the processes of one var folder, and nobody else's."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

# Set for everything the runner starts. The environment of a process cannot be changed from outside, so it
# tells ours from others more surely than a pid file, whose number may belong to somebody else by now.
MARK = "GOVVOICE_PLATFORM"
NAME = "GOVVOICE_PROCESS"
_PR_SET_PDEATHSIG = 1


def die_with_parent(number: signal.Signals) -> None:
    """Asks the kernel to send this process `number` when its parent goes, even by kill -9."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number))
    if os.getppid() != parent:  # it went before we asked
        os.kill(os.getpid(), number)


def of_platform(var: Path, name: str | None = None) -> Iterator[psutil.Process]:
    """Processes started by a runner for `var`, all or those called `name`; never this one."""
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        with suppress(psutil.Error, OSError):
            environment = process.environ()
            if environment.get(MARK) == str(var) and name in (None, environment.get(NAME)):
                yield process


def of_database(data: Path) -> Iterator[psutil.Process]:
    """The Postgres processes of one data folder: they stand in it, and overwrite their environment."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.name() == "postgres" and Path(process.cwd()) == data:
                yield process


def end(processes: list[psutil.Process], *, first: signal.Signals, patience: float) -> list[psutil.Process]:
    """Sends `first`, waits `patience` seconds, then kills. Returns those that had to be killed."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(first)
    _, alive = psutil.wait_procs(processes, timeout=patience)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=5)
    return alive
