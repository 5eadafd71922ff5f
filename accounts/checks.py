"""Names deployments that must not go into service: `manage.py check --deploy`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

SHORTEST_KEY = 32


@register(Tags.security, deploy=True)
def two_factors_are_required(**kwargs: Any) -> list[CheckMessage]:
    if settings.SECOND_FACTOR_REQUIRED:
        return []
    return [
        Error(
            "门户登录未强制双因素 (staff may log in with a password alone).",
            hint="GOVVOICE_SECOND_FACTOR=required",
            id="accounts.E001",
        )
    ]


@register(Tags.security, deploy=True)
def stored_secrets_have_a_key_of_their_own(**kwargs: Any) -> list[CheckMessage]:
    keys = settings.DATA_KEYS
    if keys and settings.SECRET_KEY not in keys and all(len(key) >= SHORTEST_KEY for key in keys):
        return []
    return [
        Error(
            "缺少数据密钥或密钥过短 (GOVVOICE_DATA_KEYS: one or more, of 32 characters or more each).",
            hint='python -c "import secrets; print(secrets.token_urlsafe(50))"',
            id="accounts.E002",
        )
    ]


@register(Tags.security, deploy=True)
def certificates_come_from_our_proxies(**kwargs: Any) -> list[CheckMessage]:
    if settings.TRUSTED_PROXIES or not settings.CLIENT_CERTIFICATE_HEADER:
        return []
    return [
        Error(
            "客户端证书请求头无人可信 (a header for client certificates is named, but no proxy is trusted).",
            hint="GOVVOICE_TRUSTED_PROXIES=10.0.0.1/32",
            id="accounts.E004",
        )
    ]


@register(Tags.security, deploy=True)
def notices_are_encrypted(**kwargs: Any) -> list[CheckMessage]:
    if not settings.WEBHOOK_HTTP:
        return []
    return [
        Error(
            "通知地址允许明文 HTTP (webhooks may be called without TLS).",
            hint="GOVVOICE_WEBHOOK_HTTP=refuse",
            id="accounts.E003",
        )
    ]
