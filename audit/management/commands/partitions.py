from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.errors import PartitionsBusy
from audit.partitions import MONTHS_AHEAD, make_partitions


class Command(BaseCommand):
    help = "Makes the audit log's partitions of this month and the months ahead. The sealer does it daily."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--ahead", type=int, default=MONTHS_AHEAD, metavar="MONTHS")

    def handle(self, *args: Any, ahead: int, **options: Any) -> None:
        try:
            made = make_partitions(ahead=ahead)
        except PartitionsBusy as busy:
            raise CommandError(f"the audit log is in use, {busy} was not made: try again") from busy
        self.stdout.write(f"made: {', '.join(made)}" if made else "all there")
