"""Which of the database's accounts a process uses. Each is told of its own and of none that may do more.

app: web, worker, beat and most commands. sealer: the sealing process. migrator: owns the business tables
and is needed only while they change. A deployment that names no more than DATABASE_URL uses that for all.
"""

from __future__ import annotations

import os
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from govvoice import env

URLS = {
    "app": "DATABASE_URL",
    "sealer": "GOVVOICE_SEALER_DATABASE_URL",
    "migrator": "GOVVOICE_MIGRATION_DATABASE_URL",
}
CHOICE = "GOVVOICE_DATABASE_AS"
_COMMANDS = {"migrate": "migrator", "restore_month": "migrator", "seal": "sealer", "partitions": "sealer"}
_PROGRAMS = {"web": "app", "worker": "app", "beat": "app", "forwarder": "app", "sealer": "sealer"}


class Login(NamedTuple):
    """An account of the database; without a password where the server trusts a socket or a certificate."""

    name: str
    password: str


def url_of(account: str) -> str:
    """Raises ImproperlyConfigured without DATABASE_URL, which stands in for the other two."""
    return env.text(URLS[account], "") or env.text(URLS["app"])


def login_of(account: str) -> Login:
    """As its address names it; where it has none of its own, the name that `migrate` makes."""
    migrator, own = (urlsplit(url_of(name)).username for name in ("migrator", account))
    if own is None or own == migrator:
        return Login(f"govvoice_{account}", "")
    return Login(unquote(own), unquote(urlsplit(url_of(account)).password or ""))


def is_separate(account: str) -> bool:
    """Whether the account is another than the one that migrates."""
    return urlsplit(url_of(account)).username != urlsplit(url_of("migrator")).username


def choose_for_command(arguments: list[str]) -> None:
    """For `manage.py COMMAND`, unless the environment has chosen."""
    command = arguments[1] if len(arguments) > 1 else ""
    os.environ.setdefault(CHOICE, _COMMANDS.get(command, "app"))


def choose_for_program(name: str) -> None:
    """For a supervised program, which then forgets the addresses that are not its own."""
    account = _PROGRAMS.get(name)
    if account is None:
        return
    os.environ[CHOICE] = account
    for other in {"sealer", "migrator"} - {account}:
        os.environ.pop(URLS[other], None)
        os.environ.pop(f"{URLS[other]}_FILE", None)
