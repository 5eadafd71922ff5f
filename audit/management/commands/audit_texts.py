from __future__ import annotations

import getpass
import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.errors import TextsKept
from audit.models import TextKey
from audit.originals import destroy_texts
from audit.parties import SYSTEM

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


class Command(BaseCommand):
    help = "Lists the keys of the texts on record, month by month, or destroys a month's for good."

    def add_arguments(self, parser: CommandParser) -> None:
        deeds = parser.add_subparsers(dest="deed", required=True)
        deeds.add_parser("list")
        destroy = deeds.add_parser("destroy")
        destroy.add_argument("month", metavar="YYYY-MM")
        destroy.add_argument("--confirm", metavar="YYYY-MM", help="the month again, instead of asking")

    def handle(self, *args: Any, deed: str, **options: Any) -> None:
        if deed == "list":
            self._list()
        else:
            self._destroy(options["month"], options["confirm"])

    def _list(self) -> None:
        for key in TextKey.objects.all():
            state = f"destroyed {key.destroyed_at:%Y-%m-%d}" if key.destroyed_at else "kept"
            self.stdout.write(f"{key.month}  {key.algorithm}  {state}")

    def _destroy(self, month: str, confirmed: str | None) -> None:
        if not _MONTH.fullmatch(month):
            raise CommandError(f"{month!r} 不是月份，应写作 2026-05 (is no month)")
        asked = f"{month} 的全部文本将永远无法读出。再次输入该月份以确认 (type the month again): "
        if (confirmed or _answer(asked)) != month:
            raise CommandError("未确认，没有销毁 (not confirmed, nothing was destroyed)")
        try:
            texts = destroy_texts(month=month, actor=SYSTEM, by=getpass.getuser())
        except TextsKept as kept:
            raise CommandError(str(kept)) from kept
        self.stdout.write(f"{month}: {texts} texts can no longer be read")


def _answer(question: str) -> str:
    """What was typed; nothing where there is no terminal to type at."""
    try:
        return input(question)
    except EOFError:
        return ""
