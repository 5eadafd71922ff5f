from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.errors import AuditError
from audit.sealer import run, run_once


class Command(BaseCommand):
    help = (
        "Seals audit events into the Merkle tree until it is stopped. It needs a database session of its own."
    )

    # Evidence is sealed even when a page or an address of the portal is broken.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="seal what is there, write a head, and exit")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        try:
            if once:
                sealer = run_once()
                self.stdout.write(
                    f"{sealer.trees.size} events sealed, root {sealer.trees.sha256.root().hex()}"
                )
            else:
                _run_until_stopped()
        except AuditError as error:
            raise CommandError(str(error)) from error


def _run_until_stopped() -> None:
    # An interrupt also ends a statement that is under way, so that stopping takes no longer than a moment.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run()
    except KeyboardInterrupt:
        return
