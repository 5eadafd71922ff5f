"""Creates the trial accounts and the demo client out of var/first-run.json. Runs as often as you like."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.fields import normal_username
from accounts.keys import prefix_of
from accounts.models import ApiKey, Client, Organisation, Role, Staff
from accounts.services import create_client, issue_key
from accounts.staffing import create_staff
from audit.parties import SYSTEM

DEMO_CLIENT = "demo"


class Command(BaseCommand):
    help = "创建试用账号和演示接入系统（可重复执行） / create the trial accounts and the demo client"

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("生产环境不创建试用账号 / no trial accounts in production")
        secrets = json.loads((settings.VAR / "first-run.json").read_text(encoding="utf-8"))
        organisation = Organisation.objects.get(code="default")
        with transaction.atomic():
            for role, account in secrets["accounts"].items():
                _ensure_staff(role, account, organisation)
            _ensure_demo_client(secrets["api_key"], organisation)


def _ensure_staff(role: str, account: dict[str, str], organisation: Organisation) -> None:
    if Staff.objects.filter(username=normal_username(account["name"])).exists():
        return
    row = Role.objects.get(code=role)
    create_staff(
        username=account["name"],
        display_name=f"试用{row.name}",
        password=account["password"],
        role=row,
        organisation=organisation,
        actor=SYSTEM,
        origin=None,
        must_change_password=False,  # printed at every start, and this machine's alone
    )


def _ensure_demo_client(key: str, organisation: Organisation) -> None:
    client = Client.objects.filter(code=DEMO_CLIENT).first() or create_client(
        fields={
            "code": DEMO_CLIENT,
            "name": "演示热线",
            "organisation": organisation,
            "contact": "试用",
            "purpose": "首次试用，只允许本机调用",
        },
        networks=["127.0.0.1/32", "::1/128"],
        actor=SYSTEM,
        origin=None,
    )
    if not ApiKey.objects.filter(prefix=prefix_of(key)).exists():
        issue_key(client=client, expires_at=None, actor=SYSTEM, origin=None, key=key)
