"""Opens the account that creates the three administrators, and prints its password once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import bootstrap
from accounts.errors import BootstrapRefused


class Command(BaseCommand):
    help = "开放用于创建三员的初始化账号 / open the account that creates the three administrators"

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            created = bootstrap.open_account()
        except BootstrapRefused as refused:
            raise CommandError(str(refused.message)) from None
        self.stdout.write(f"登录名：{created.staff.username}")
        self.stdout.write(f"初始密码（24 小时内有效，只显示一次）：{created.password}")
