"""Brings the database in step: `python -m govvoice.embedded.database`; one process, Django loads slowly."""

from __future__ import annotations

import os
import sys

import django
import psycopg
from django.core.management import CommandError, call_command

from govvoice import connecting

# Any constant of our own: two runners on one outside database must not migrate it at once.
MIGRATION_LOCK = 7_236_201_811


def prepare(*, trial: bool) -> None:
    """Migrates and loads the shipped data, alone among all who try. Raises CommandError, psycopg.Error."""
    url = connecting.url_of("migrator")
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_reference")
        if trial:
            call_command("bootstrap_trial")
    if not trial:
        call_command("collectstatic", interactive=False, verbosity=0)


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "govvoice.settings")
    os.environ[connecting.CHOICE] = "migrator"
    django.setup()
    try:
        prepare(trial=os.environ.get("GOVVOICE_ENV", "trial") == "trial")
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
