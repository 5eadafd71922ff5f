"""A column for networks: PostgreSQL's own `cidr`, so that the database refuses what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.networks import parse_network

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
