"""Whose limits a call has to keep: the client's, those of its department, and those of the address."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_network

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Client
from accounts.networks import parse_address

CLIENT = _("该接入系统")
ORGANISATION = _("所属部门的全部接入系统")
ADDRESS = _("该来源地址")


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody whose calls and characters are counted under `key`; None sets no limit.

    `calls_at_once` is how many requests for sound may be under way.
    """

    key: str
    name: Promise
    calls_per_second: int | None = None
    calls_per_minute: int | None = None
    characters_per_day: int | None = None
    characters_per_month: int | None = None
    calls_at_once: int | None = None
    is_ours: bool = True

    @property
    def counts_calls(self) -> bool:
        return bool(self.calls_per_second or self.calls_per_minute)

    @property
    def counts_characters(self) -> bool:
        """Of clients and departments also without a limit: one that is set later finds what was used."""
        return self.is_ours or self.characters_per_day is not None or self.characters_per_month is not None


def parties(client: Client | None, address: str | None) -> tuple[Party, ...]:
    """All who are counted; whose own limits come first tells first of several that are used up."""
    found = () if client is None else (_client(client), _organisation(client))
    return found if address is None else (*found, address_party(address))


def address_party(address: str) -> Party:
    limits = {name: limit or None for name, limit in settings.ADDRESS_LIMITS.items()}
    return Party(f"address:{_place(address)}", ADDRESS, **limits, is_ours=False)


@lru_cache(maxsize=4096)
def _place(address: str) -> str:
    """One IPv4 address, or the /64 that a caller with IPv6 moves about in as he likes."""
    found = parse_address(address)
    if found is None or found.version == 4:
        return address
    return str(ip_network((found, 64), strict=False))


def _client(client: Client) -> Party:
    return Party(
        f"client:{client.pk}",
        CLIENT,
        client.calls_per_second,
        client.calls_per_minute,
        client.characters_per_day,
        client.characters_per_month,
        client.calls_at_once,
    )


def _organisation(client: Client) -> Party:
    whole = client.organisation
    return Party(
        f"organisation:{whole.pk}",
        ORGANISATION,
        whole.calls_per_second,
        whole.calls_per_minute,
        whole.characters_per_day,
        whole.characters_per_month,
        whole.calls_at_once,
    )
