"""Addresses as the log keeps them: IPv4 never wrapped in IPv6, no zone."""

from __future__ import annotations

import ipaddress


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
    if "/" in text and "%" not in text:
        return str(ipaddress.ip_network(text, strict=False))
    if (address := plain_address(text)) is None:
        raise ValueError(f"{text!r} is no address")
    return str(ipaddress.ip_network(address))
