"""Names deployments that cannot seal: `manage.py check`; with --deploy those that could be safer, too."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

from audit.digests import sm3
from audit.errors import AlgorithmMissing, ReceiverUnusable, SealKeyUnusable
from audit.retention import LEAST_DAYS
from audit.signers import configured_signers
from audit.syslog import Receiver


@register(Tags.security)
def evidence_can_be_hashed(**kwargs: Any) -> list[CheckMessage]:
    try:
        sm3(b"")
    except AlgorithmMissing as missing:
        return [Error(str(missing), id="audit.E001")]
    return []


@register(Tags.security)
def heads_can_be_streamed(**kwargs: Any) -> list[CheckMessage]:
    try:
        if settings.AUDIT_SYSLOG:
            Receiver.parse(settings.AUDIT_SYSLOG)
    except ReceiverUnusable as unusable:
        return [Error(f"GOVVOICE_AUDIT_SYSLOG: {unusable}", id="audit.E003")]
    return []


@register(Tags.security, deploy=True)
def heads_can_be_signed(**kwargs: Any) -> list[CheckMessage]:
    """Run it where the sealer's environment is: no other process needs the private key."""
    try:
        configured_signers()
    except SealKeyUnusable as unusable:
        return [Error(str(unusable), hint="GOVVOICE_SEAL_KEY_FILE=/run/secrets/seal.key", id="audit.E002")]
    return []


@register(Tags.security)
def evidence_stays_long_enough(**kwargs: Any) -> list[CheckMessage]:
    if settings.AUDIT_ONLINE_DAYS >= LEAST_DAYS:
        return []
    problem = (
        f"GOVVOICE_AUDIT_ONLINE_DAYS={settings.AUDIT_ONLINE_DAYS}：日志至少留存六个月（{LEAST_DAYS} 天）"
        " (evidence must stay for six months at the least)"
    )
    return [Error(problem, hint="GOVVOICE_AUDIT_ONLINE_DAYS=400", id="audit.E010")]


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
