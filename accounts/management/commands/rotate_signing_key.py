"""Lets a new key sign access tokens; with --at-once every token that is out has to be fetched anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.signing import rotate
from audit.parties import SYSTEM


class Command(BaseCommand):
    help = "更换令牌签名密钥 / change the key that signs access tokens"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--at-once", action="store_true", help="已签发的令牌立即失效 / tokens that are out open nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        row = rotate(actor=SYSTEM, origin=None, at_once=options["at_once"])
        self.stdout.write(row.kid)
