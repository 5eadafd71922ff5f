from __future__ import annotations

import getpass
import shutil
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.archiving import archive, check, fetched
from audit.errors import ArchiveRefused, AuditError, ManifestUnsigned, MonthUnknown
from audit.models import Archive
from audit.parties import Actor
from audit.retention import Month, hold, lift, month_of, months


class Command(BaseCommand):
    help = "审计归档：列出、归档、校验、法律保全 / archives of the audit log's closed months"

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="各月在何处 / where each month is")
        for name, words in (("make", "归档一个月 / archive"), ("check", "校验归档 / verify")):
            acts.add_parser(name, help=words).add_argument("month", metavar="YYYY-MM")
        fetch = acts.add_parser("fetch", help="取出归档，解开为离线校验用的 zip / unpack for audit-verify.py")
        fetch.add_argument("month", metavar="YYYY-MM")
        fetch.add_argument("target", metavar="FILE.zip")
        for name, words in (
            ("hold", "法律保全 / keep in the database"),
            ("lift", "解除保全 / lift the hold"),
        ):
            parser_of = acts.add_parser(name, help=words)
            parser_of.add_argument("month", metavar="YYYY-MM")
            parser_of.add_argument("--reason", required=True)

    def handle(
        self, *args: Any, act: str, month: str = "", reason: str = "", target: str = "", **options: Any
    ) -> None:
        try:
            said = self._list() if act == "list" else _ACTS[act](month_of(month), target or reason)
        except MonthUnknown as error:
            raise CommandError(f"没有这个月份的审计记录：{month} (no such month)") from error
        except (AuditError, ArchiveRefused, ManifestUnsigned) as error:
            raise CommandError(str(error) or type(error).__name__) from error
        self.stdout.write(said)

    def _list(self) -> str:
        return "\n".join(
            "\t".join([month.code, _place(month), "法律保全 (held)" if month.is_held else ""]).rstrip()
            for month in months()
        )


def _place(month: Month) -> str:
    online = "在线 (online)" if month.is_online else "已移出 (archive only)"
    return f"{online}，已归档 (archived)" if month.archive and month.is_online else online


def _person() -> Actor:
    return Actor(kind="system", name=f"manage.py ({getpass.getuser()})")


def _make(month: Month, _reason: str) -> str:
    kept = archive(month=month, actor=_person())
    return f"{kept.name}: {kept.rows} 条 (events)，SHA-256 {kept.sha256}"


def _check(month: Month, _reason: str) -> str:
    kept = _archive_of(month)
    judged = check(kept)
    if judged.status:
        raise ArchiveRefused("；".join(judged.findings))
    return f"{kept.name}: 校验通过 (verified)"


def _fetch(month: Month, target: str) -> str:
    with fetched(_archive_of(month)) as bundle:
        shutil.copyfile(bundle, target)
    return f"{target}: 可用 audit-verify.py 校验 (can be checked)"


def _archive_of(month: Month) -> Archive:
    if month.archive is None:
        raise ArchiveRefused(f"{month.code} 没有归档 (has no archive)")
    return month.archive


def _hold(month: Month, reason: str) -> str:
    hold(code=month.code, reason=reason, actor=_person())
    return f"{month.code} 已保全 (held)"


def _lift(month: Month, reason: str) -> str:
    lift(code=month.code, reason=reason, actor=_person())
    return f"{month.code} 已解除保全 (lifted)"


_ACTS = {"make": _make, "check": _check, "fetch": _fetch, "hold": _hold, "lift": _lift}
