"""Columns with rules of their own: networks, as PostgreSQL's own `cidr`, and login names, in one spelling."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.networks import parse_network
from accounts.outbound import is_receivers_port, leads_astray

# A host name, or an address; urlsplit has taken the brackets off IPv6.
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")
_VISIBLE = re.compile(r"[!-~]+")

if TYPE_CHECKING:
    _CharField = models.CharField[str, str]
else:
    _CharField = models.CharField  # Django's fields take no type arguments while running


def validate_network(value: str) -> None:
    try:
        network = parse_network(value)
    except ValueError:
        raise ValidationError(
            _("“%(value)s”不是有效的网段，应写作 10.1.0.0/16 或 2001:db8::/32，主机位须为 0。"),
            code="network_invalid",
            params={"value": value},
        ) from None
    if network.version == 6 and network.network_address.ipv4_mapped is not None:
        raise ValidationError(_("请直接填写 IPv4 网段，不要用 ::ffff: 形式。"), code="network_mapped")


def validate_webhook_url(value: str) -> None:
    """Only what can be called as it stands, and may be; a name is looked up and judged again at each call."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise _webhook_invalid(_("“%(value)s”不是有效的网址。") % {"value": value}) from None
    if parts.scheme == "http" and not settings.WEBHOOK_HTTP:
        raise _webhook_forbidden(_("通知地址须以 https:// 开头。"))
    if parts.scheme not in {"https", "http"}:
        refused = _webhook_forbidden if parts.scheme else _webhook_invalid
        raise refused(_("通知地址应写作 https://hotline.example.gov.cn/notices。"))
    if not _HOST.fullmatch(parts.hostname or ""):
        raise _webhook_invalid(_("通知地址应写作 https://hotline.example.gov.cn/notices。"))
    if not _VISIBLE.fullmatch(value) or parts.fragment or "@" in parts.netloc:
        raise _webhook_forbidden(_("通知地址不能含空格、中文、#、账号或密码。"))
    if not is_receivers_port(port):
        raise _webhook_forbidden(_("通知地址的端口只能是 443、80，或 1024 及以上。"))
    if leads_astray(parts.hostname or "", settings.WEBHOOK_NETWORKS):
        raise _webhook_forbidden(_("不能向这个地址发送通知：须是公网地址，或在系统管理员允许的内网网段中。"))


def _webhook_invalid(message: Any) -> ValidationError:
    return ValidationError(message, code="webhook_url_invalid")


def _webhook_forbidden(message: Any) -> ValidationError:
    return ValidationError(message, code="url_forbidden")


class NetworkField(_CharField):
    """An IPv4 or IPv6 network, as text in Python and `cidr` in the database."""

    default_validators = [validate_network]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 43)
        super().__init__(*args, **kwargs)

    def db_type(self, connection: Any) -> str:
        return "cidr"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else str(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return None if value in (None, "") else str(parse_network(value))


def normal_username(value: str) -> str:
    """NFKC and case-folded, so that full-width, composed or capital look-alikes of one name are one name."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold()).strip()


# No letters that look like others: a Cyrillic "а" in "аdmin" cannot be told from a Latin one.
LOGIN_NAME = RegexValidator(
    r"^[a-z0-9\u4e00-\u9fff][a-z0-9\u4e00-\u9fff._@-]*\Z",
    _("登录名只能使用英文字母、数字、汉字和 . _ - @，且以字母、数字或汉字开头。"),
    code="username_invalid",
)


class LoginNameField(_CharField):
    """A login name in the one spelling it is kept, looked up and compared in."""

    default_validators = [LOGIN_NAME]

    def to_python(self, value: Any) -> Any:
        return normal_username(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        return self.to_python(value)
