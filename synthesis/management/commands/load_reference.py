"""Brings the data that we ship into the database: roles, emotions, voices, channels, starter word list."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.module_loading import module_has_submodule


class Command(BaseCommand):
    help = "载入随平台提供的基础数据（可重复执行） / load the shipped reference data"

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        for config in apps.get_app_configs():
            if module_has_submodule(config.module, "reference"):
                import_module(f"{config.name}.reference").load()
                self.stdout.write(f"{config.verbose_name}: 基础数据已就绪")
