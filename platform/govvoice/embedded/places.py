"""Where the embedded servers keep their files, below one var folder."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

# A Unix socket's path takes at most 107 bytes; the longest name put into the folder is
# "/postgres/.s.PGSQL.5432.lock" or "/supervisor.sock.<pid>", and clients add nothing to it.
LONGEST_SOCKET_FOLDER = 107 - len("/postgres/.s.PGSQL.5432.lock")
SERVER_ACCOUNT = "nobody"
ROOT = Path(__file__).resolve().parents[3]


class UnsafeFolderError(Exception):
    """Somebody else's folder stands where ours should be."""


@dataclass(frozen=True, slots=True)
class Places:
    """All paths of one var folder. `var` is absolute and resolved."""

    var: Path

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def first_run(self) -> Path:
        return self.var / "first-run.json"

    @property
    def postgres(self) -> Path:
        """Data and, for root, the copied binaries; a link to /var/lib when `nobody` cannot get into var."""
        return self.var / "postgres"

    @property
    def valkey(self) -> Path:
        return self.var / "valkey"

    @property
    def static(self) -> Path:
        """Collected style sheets and scripts; a trial leaves it empty, but its absence is warned of."""
        return self.var / "static"

    @property
    def sockets(self) -> Path:
        """A short path, or a link to one, that holds the sockets. Made by `prepare`."""
        return self.run / "sockets"

    def prepare(self) -> None:
        """Makes the folders; safe to repeat. Raises UnsafeFolderError, OSError."""
        for folder in (self.var, self.run, self.log, self.valkey, self.static):
            folder.mkdir(parents=True, exist_ok=True)
        # What callers sent can stand in both.
        self.valkey.chmod(0o700)
        self.log.chmod(0o700)
        self._prepare_sockets()
        self._prepare_postgres()

    def _prepare_sockets(self) -> None:
        if self._can_hold_sockets():
            if self.sockets.is_symlink():
                self.sockets.unlink()
            self.sockets.mkdir(exist_ok=True)
        else:
            short = own_folder(_short_base() / f"govvoice-{os.geteuid()}-{self._digest}")
            if self.sockets.is_dir() and not self.sockets.is_symlink():
                shutil.rmtree(self.sockets)  # var was moved deeper
            _link(self.sockets, short)
        # Root's Postgres runs as nobody, who must be let through; the folders inside are closed.
        self.sockets.chmod(0o711 if os.geteuid() == 0 else 0o700)

    def _can_hold_sockets(self) -> bool:
        return len(os.fsencode(self.sockets)) <= LONGEST_SOCKET_FOLDER and server_can_reach(self.run)

    def _prepare_postgres(self) -> None:
        if self.postgres.exists() or server_can_reach(self.var):
            self.postgres.mkdir(exist_ok=True)
        else:
            home = Path("/var/lib/govvoice") / self._digest
            home.mkdir(parents=True, exist_ok=True)
            _link(self.postgres, home)
        if os.geteuid() == 0:
            self.postgres.chmod(0o711)

    @property
    def _digest(self) -> str:
        return hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]

    @property
    def socket_folder(self) -> Path:
        """Where the sockets really are: short enough for the kernel."""
        return self.sockets.resolve()


def here() -> Places:
    """The places of this process: GOVVOICE_VAR, or var/ in the project."""
    return Places(Path(os.environ.get("GOVVOICE_VAR") or ROOT / "var").resolve())


def server_account() -> pwd.struct_passwd | None:
    """Whom Postgres runs as when we are root, because it refuses root; None: ourselves."""
    return pwd.getpwnam(SERVER_ACCOUNT) if os.geteuid() == 0 else None


def server_can_reach(folder: Path) -> bool:
    """Whether the server's account may pass through `folder` and all above it."""
    if os.geteuid() != 0:
        return True
    return all(part.stat().st_mode & stat.S_IXOTH for part in (folder, *folder.parents))


def _short_base() -> Path:
    """The temp folder, unless it is itself too deep or closed to the server's account."""
    asked = Path(tempfile.gettempdir())
    fits = len(os.fsencode(asked)) <= LONGEST_SOCKET_FOLDER - len("/govvoice-4294967295-0123456789ab")
    return asked if fits and server_can_reach(asked) else Path("/tmp")  # noqa: S108 - own_folder guards it


def own_folder(path: Path) -> Path:
    """Makes `path` in a folder open to everybody, or makes sure that the one found there is ours."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise UnsafeFolderError(f"{path} 属于他人，不能使用 (belongs to somebody else)") from None
    return path


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    fresh = link.with_name(f"{link.name}.{os.getpid()}")
    fresh.symlink_to(target)
    fresh.replace(link)
