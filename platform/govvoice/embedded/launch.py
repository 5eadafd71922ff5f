"""Runs under supervisor before each program: `python -m govvoice.embedded.launch NAME COMMAND...`.

Ends what an earlier program of that name left behind (a killed granian leaves its worker on the port), ties
the process to supervisor's life, and becomes the command, so that supervisor sees the program itself.
"""

from __future__ import annotations

import os
import signal
import sys

from govvoice import connecting
from govvoice.embedded import places, processes

# Of heads; nobody but the sealer has any use for them.
SEAL_KEYS = ("GOVVOICE_SEAL_KEY", "GOVVOICE_SEAL_SM2_KEY")
SUPERVISOR = "supervisor"  # its configuration names files of the var folder, the others are of the project


def main(name: str, command: list[str]) -> None:
    processes.die_with_parent(signal.SIGTERM)
    here = places.here()
    left_behind = list(processes.of_platform(here.var, name))
    processes.end(left_behind, first=signal.SIGTERM, patience=2)
    os.environ[processes.NAME] = name
    connecting.choose_for_program(name)
    if name not in (SUPERVISOR, "sealer"):
        for key in SEAL_KEYS:
            os.environ.pop(key, None)
            os.environ.pop(f"{key}_FILE", None)
    os.chdir(here.var if name == SUPERVISOR else places.ROOT)
    os.execvp(command[0], command)  # noqa: S606 - that is its purpose


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
