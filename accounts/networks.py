"""Whose address a request comes from, and whether a list of networks holds it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_WITH_PORT = re.compile(r"(\[[^\]]*\]|[0-9.]+):[0-9]{1,5}")
UNREADABLE = "unreadable"
# The longest IPv6 address has 45 signs. What is longer comes from a header that wants to eat memory.
REMEMBERED_LENGTH = 64


def parse_address(value: str) -> Address | None:
    """An IP address, IPv4-mapped IPv6 unmapped ("::ffff:10.0.0.1" is 10.0.0.1); None for anything else."""
    return _parse_again(value) if len(value) <= REMEMBERED_LENGTH else _parse(value)


def _parse(value: str) -> Address | None:
    try:
        address = ip_address(value.strip().strip("[]"))
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


_parse_again = lru_cache(maxsize=4096)(_parse)  # each request asks for its own several times


@lru_cache(maxsize=4096)
def parse_network(value: str) -> Network:
    """A network in CIDR form; a lone address is a network of one. Raises ValueError with the reason."""
    return ip_network(value.strip())


def contains(networks: Iterable[str], address: Address) -> bool:
    return any(address in parse_network(network) for network in networks)


def client_address(environ: Mapping[str, str], *, trusted_proxies: Iterable[str]) -> Address | None:
    """The address the request really came from.

    REMOTE_ADDR, unless that is one of our own proxies: then X-Forwarded-For is read from the right, each
    trusted hop skipped. What a client wrote himself stands further left and is never reached. None where a
    hop does not parse: a proxy's own address is not what whoever stands behind it may call from. (The server
    gives a header that is not ASCII as an empty one, and a caller can make it so.)
    """
    peer = parse_address(environ.get("REMOTE_ADDR", ""))
    proxies = tuple(trusted_proxies)
    if peer is None or not contains(proxies, peer):
        return peer
    hops = environ.get("HTTP_X_FORWARDED_FOR")
    if hops is None:
        return peer
    for hop in reversed(hops.split(",")):
        peer = _parse_hop(hop.strip())
        if peer is None or not contains(proxies, peer):
            return peer
    return peer


def told_of_hops(environ: Mapping[str, str]) -> str:
    """X-Forwarded-For for the evidence; one that holds nothing is not the same as none."""
    hops = environ.get("HTTP_X_FORWARDED_FOR")
    return "" if hops is None else hops or UNREADABLE


def _parse_hop(hop: str) -> Address | None:
    """An address, with or without the port that some proxies write."""
    with_port = _WITH_PORT.fullmatch(hop)
    return parse_address(with_port[1] if with_port else hop)
