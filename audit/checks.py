"""Names deployments in which evidence is worth less than it could be: `manage.py check --deploy`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register


@register(Tags.security, deploy=True)
def the_application_does_not_own_the_evidence(**kwargs: Any) -> list[CheckMessage]:
    if settings.DATABASE_SEPARATE:
        return []
    return [
        checks.Warning(
            "应用账号即迁移账号，能更改审计表 (the application's database account owns the audit tables).",
            hint="DATABASE_URL, GOVVOICE_SEALER_DATABASE_URL, GOVVOICE_MIGRATION_DATABASE_URL",
            id="audit.W001",
        )
    ]
