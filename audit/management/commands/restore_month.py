from __future__ import annotations

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.errors import AuditError, MonthUnknown
from audit.parties import Actor
from audit.restoring import restore
from audit.retention import month_of


class Command(BaseCommand):
    help = (
        "把已移出的归档月份恢复到在线库并予以保全；用迁移账号运行"
        " / put an archived month back and hold it, with the migrator's account"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM")
        parser.add_argument("--reason", required=True)

    def handle(self, *args: Any, month: str, reason: str, **options: Any) -> None:
        person = Actor(kind="system", name=f"manage.py ({getpass.getuser()})")
        try:
            count = restore(month=month_of(month), reason=reason, actor=person)
        except MonthUnknown as error:
            raise CommandError(f"没有这个月份的审计记录：{month} (no such month)") from error
        except AuditError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{month}: {count} 条已恢复 (events are back)")
