from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.management import CommandError
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "audit"
    label = "audit"
    verbose_name = _("审计")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import checks  # noqa: F401 - registers them

        post_migrate.connect(_set_rights, sender=self)


def _set_rights(*, using: str, plan: object = None, **kwargs: Any) -> None:
    from audit import grants
    from audit.errors import DatabaseRolesMissing

    if plan is None:
        return  # `flush` sends this signal too, and changes no table
    try:
        grants.apply(using)
    except DatabaseRolesMissing as missing:
        raise CommandError(str(missing)) from missing
