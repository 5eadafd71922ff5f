"""Whose address a request comes from, behind proxies that we trust and headers that we do not."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from accounts import networks as room
from accounts.networks import client_address, contains, parse_address, parse_network

PROXIES = ("10.0.0.0/8", "2001:db8:ffff::/48")


def seen(peer: str, forwarded: str | None = None) -> str | None:
    header = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    address = client_address({"REMOTE_ADDR": peer, **header}, trusted_proxies=PROXIES)
    return str(address) if address else None


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "127.0.0.1", "192.0.2.1"),
        ("10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "127.0.0.1, 192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "127.0.0.1, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", None),
        ("10.0.0.1", "unknown", None),
        ("10.0.0.1", "192.0.2.1, garbage, 10.0.0.2", None),
        ("10.0.0.1", "garbage, 192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "[2001:db8::1]", "2001:db8::1"),
        ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.1", "192.0.2.1:8080", "192.0.2.1"),
        ("10.0.0.1", "192.0.2.1:8080:1", None),
        ("10.0.0.1", ",".join(["127.0.0.1"] * 1_000 + ["192.0.2.1"]), "192.0.2.1"),
        ("2001:db8:ffff::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:10.0.0.1", "::ffff:192.0.2.1", "192.0.2.1"),
        ("", "192.0.2.1", None),
        ("not an address", "192.0.2.1", None),
    ],
)
def test_the_rightmost_hop_that_is_not_ours_is_the_caller(
    peer: str, forwarded: str | None, client: str | None
) -> None:
    assert seen(peer, forwarded) == client


@pytest.mark.parametrize(
    "text", ["", " ", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "::1::", "localhost", "0x7f.1"]
)
def test_what_is_no_address_is_none(text: str) -> None:
    assert parse_address(text) is None


def test_an_ipv4_address_is_itself_also_inside_ipv6() -> None:
    assert parse_address("::ffff:10.1.2.3") == ip_address("10.1.2.3")


def test_long_values_of_headers_are_read_and_not_remembered() -> None:
    parse_address("10.1.2.3")
    before = room._parse_again.cache_info().currsize
    assert parse_address("10.1.2.3" + " " * 1_000) == ip_address("10.1.2.3")
    assert parse_address("1" * 100_000) is None
    assert room._parse_again.cache_info().currsize == before > 0


@pytest.mark.parametrize(
    ("networks", "address", "inside"),
    [
        (["10.1.0.0/16"], "10.1.255.255", True),
        (["10.1.0.0/16"], "10.2.0.0", False),
        (["10.1.2.3"], "10.1.2.3", True),
        (["2001:db8::/32"], "2001:db8:1::1", True),
        (["2001:db8::/32"], "10.1.2.3", False),
        (["192.0.2.0/24", "::1/128"], "::1", True),
        ([], "127.0.0.1", False),
    ],
)
def test_a_list_of_networks_holds_what_lies_in_one_of_them(
    networks: list[str], address: str, inside: bool
) -> None:
    assert contains(networks, ip_address(address)) is inside


@pytest.mark.parametrize("text", ["10.1.0.1/16", "10.1.0.0/33", "10.1/16", "*", ""])
def test_a_sloppy_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_network(text)
