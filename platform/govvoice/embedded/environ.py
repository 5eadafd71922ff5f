"""Lets a command typed by hand find the trial's own database, cache and secrets."""

from __future__ import annotations

import os

from govvoice import connecting
from govvoice.embedded import places
from govvoice.embedded.postgres import Postgres
from govvoice.embedded.secrets import FirstRun, make, read
from govvoice.embedded.valkey import Valkey


def fill() -> None:
    """Sets what is missing of the databases' addresses and the secrets, from var/. In a trial only.

    In production nothing is guessed: settings name the variable that is missing.
    """
    if os.environ.get("GOVVOICE_ENV", "trial") != "trial":
        return
    here = places.here()
    # Before the first run there is nothing to keep secret, and a command that reads a text needs no data.
    set_secrets(read(here.first_run) if here.first_run.exists() else make())
    if not os.environ.get(connecting.URLS["app"]):
        os.environ |= Postgres(here).environment
    os.environ.setdefault("REDIS_URL", Valkey(here).url)


def set_secrets(made: FirstRun) -> None:
    for name, value in (("GOVVOICE_SECRET_KEY", made.secret_key), ("GOVVOICE_KEY_PEPPER", made.key_pepper)):
        if not os.environ.get(f"{name}_FILE"):
            os.environ.setdefault(name, value)
