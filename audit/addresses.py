"""Addresses as the log keeps them: IPv4 never wrapped in IPv6, no zone."""

from __future__ import annotations

import ipaddress
from functools import lru_cache


@lru_cache(maxsize=4096)  # a few hotlines and proxies make nearly all of the calls
def plain_address(text: str) -> str | None:
    """The address in its shortest form; None for what is no address."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def plain_network(text: str) -> str:
    """The network around an address or a network; host bits may be set. Raises ValueError."""
    host, slash, _ = text.partition("/")
    if slash and "%" not in host:
        return str(ipaddress.ip_network(text, strict=False))
    if slash or (address := plain_address(host)) is None:
        raise ValueError(f"{text!r} is no address or network")
    return str(ipaddress.ip_network(address))
