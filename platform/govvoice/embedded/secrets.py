"""The secrets of one trial installation: made at the first run, kept in var/first-run.json, never shipped."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from accounts.keys import random_key

# The trial accounts: role -> login name. One person a role, so that the second pair of eyes can be tried out.
ACCOUNTS = {
    "system_admin": "sysadmin",
    "security_admin": "secadmin",
    "auditor": "auditor",
    "editor": "editor",
    "reviewer": "reviewer",
    "publisher": "publisher",
    "duty_officer": "duty",
}
# Letters and digits that nobody mistakes for one another when reading them off a screen.
ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class FirstRunError(Exception):
    """first-run.json is there and cannot be used; making new secrets would lock everybody out."""


@dataclass(frozen=True, slots=True)
class FirstRun:
    """`accounts`: role -> {"name", "password"}; `api_key`: the demo client's."""

    api_key: str
    accounts: dict[str, dict[str, str]]
    secret_key: str
    key_pepper: str


def first_run(path: Path) -> FirstRun:
    """Reads `path`, or makes it, mode 0600. Raises FirstRunError, OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two processes starting at once must agree on one set.
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _write(path, make())
        return read(path)


def read(path: Path) -> FirstRun:
    """Raises FirstRunError, OSError."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return FirstRun(**{name: found[name] for name in FirstRun.__dataclass_fields__})
    except (ValueError, KeyError, TypeError) as error:
        raise FirstRunError(f"{path} 已损坏，请从备份恢复 (is damaged: {error})") from None


def make() -> FirstRun:
    """Fresh secrets, kept nowhere."""
    return FirstRun(
        api_key=random_key(),
        accounts={role: {"name": name, "password": _password()} for role, name in ACCOUNTS.items()},
        secret_key=secrets.token_urlsafe(50),
        key_pepper=secrets.token_urlsafe(32),
    )


def _password() -> str:
    """16 characters of 57: 93 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(16))


def _write(path: Path, made: FirstRun) -> None:
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    # The mode is there from the first byte on; the rename makes it whole or not at all.
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(made), file, ensure_ascii=False, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
