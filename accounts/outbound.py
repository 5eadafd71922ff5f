"""One POST to an address that a client named, sent nowhere that the platform's own machines can be reached.

Whoever may set such an address could otherwise make the platform call what only the platform can reach: its
own loopback, the cloud's metadata (169.254.169.254), other machines of the computer room. So the name is
resolved once, every address that it has is judged, and the connection goes to a judged address, not to the
name again: an answer that changes meanwhile (DNS rebinding) changes nothing. No proxy, no redirect.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Network
from urllib.parse import SplitResult, urlsplit

from accounts.networks import Address, contains, parse_address

PORTS = {"https": 443, "http": 80}
_PATIENCE = 2.0  # seconds for a name server while somebody waits for a page
# RFC 6052 and RFC 4291 2.5.5.1: an IPv4 address stands in the last 32 bits.
_HOLDS_IPV4 = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))


class NotSent(Exception):
    """`code` says why, for the evidence."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def post(
    url: str, *, body: bytes, headers: Mapping[str, str], networks: Iterable[str], seconds: float
) -> int:
    """Sends the body and returns the status of the answer, which is not read further.

    `networks` lists the private ones that may be reached. All together takes `seconds` at most, but for the
    resolver, which has limits of its own. Raises NotSent.
    """
    parts = urlsplit(url)
    until = time.monotonic() + seconds
    try:
        addresses = _resolve(parts, tuple(networks))
        with _ending(_connect(addresses, parts, until), parts, until) as connected:
            status = _exchange(connected, parts, body, headers)
        if time.monotonic() >= until:
            raise TimeoutError  # what was torn down may look like an answer that came to its end
        return status
    except (OSError, HTTPException) as error:
        raise NotSent(_reason(error, late=time.monotonic() >= until)) from error


def is_receivers_port(port: int | None) -> bool:
    """Whether a receiver may listen there: on no other service's own port (22, 25, 389 ...)."""
    return port is None or port in PORTS.values() or port >= 1024


def leads_astray(host: str, networks: Iterable[str]) -> bool:
    """Whether a host is known by now to lead where nothing may be sent; `post` asks again at each call.

    A name that nobody knows yet, or no server tells of in time, may still come to be one.
    """
    found: list[str] = []
    asking = threading.Thread(target=_look_up, args=(host, found), daemon=True)
    asking.start()
    asking.join(_PATIENCE)
    addresses = [parse_address(text) for text in found]
    return not all(address and may_reach(address, networks) for address in addresses)


def _look_up(host: str, found: list[str]) -> None:
    with suppress(OSError, UnicodeError):
        found += _addresses(host, None)


def _addresses(host: str | None, port: int | None) -> list[str]:
    """Each once, in the order in which they are to be tried. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def may_reach(address: Address, networks: Iterable[str]) -> bool:
    """Whether an address is everybody's, or in a private network on the list.

    What is link-local, multicast, reserved or no address at all is on no list.
    """
    networks = tuple(networks)
    return all(_may_reach(one, networks) for one in _meant(address))


def _may_reach(address: Address, networks: tuple[str, ...]) -> bool:
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if contains(networks, address):
        return True
    return address.is_global and not address.is_reserved


def _meant(address: Address) -> Iterator[Address]:
    """The address, and the IPv4 ones that it carries packets to (mapped, 6to4, Teredo, NAT64, compatible)."""
    if isinstance(address, IPv4Address):
        yield address
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
        return
    yield address
    yield from (one for one in (address.sixtofour, *(address.teredo or ())) if one is not None)
    if int(address) > 1 and any(address in network for network in _HOLDS_IPV4):
        yield IPv4Address(int(address) & 0xFFFFFFFF)


def _resolve(parts: SplitResult, networks: tuple[str, ...]) -> list[str]:
    """The addresses of the host, each of them judged. Raises NotSent, OSError."""
    port = parts.port or PORTS[parts.scheme]
    if not is_receivers_port(port):
        raise NotSent("address_refused")
    addresses = _addresses(parts.hostname, port)
    for text in addresses:
        address = parse_address(text)
        if address is None or not may_reach(address, networks):
            raise NotSent("address_refused")
    return addresses


def _connect(addresses: Iterable[str], parts: SplitResult, until: float) -> socket.socket:
    """A connection to the first address that takes one."""
    failure: OSError = TimeoutError()
    for address in addresses:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        try:
            return socket.create_connection((address, parts.port or PORTS[parts.scheme]), timeout=left)
        except OSError as error:
            failure = error
    raise failure


@contextmanager
def _ending(connected: socket.socket, parts: SplitResult, until: float) -> Iterator[socket.socket]:
    """The connection, encrypted where that is asked for; torn down when the time is over.

    A socket's own timeout begins anew with each byte: who sends one a second would keep a worker for good.
    """
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connected = context.wrap_socket(
            connected, server_hostname=parts.hostname, do_handshake_on_connect=False
        )
    timer = threading.Timer(max(0.0, until - time.monotonic()), _tear_down, (connected,))
    timer.daemon = True
    timer.start()
    try:
        if isinstance(connected, ssl.SSLSocket):
            connected.do_handshake()
        yield connected
    finally:
        timer.cancel()
        connected.close()


def _tear_down(connected: socket.socket) -> None:
    try:
        # Not SSLSocket's own shutdown, which would take the session out of the reading thread's hands.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself


def _exchange(connected: socket.socket, parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> int:
    connection = HTTPConnection(parts.hostname or "")
    connection.sock = connected
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("POST", path, body, {"Host": parts.netloc, "Connection": "close", **headers})
    return connection.getresponse().status


def _reason(error: Exception, *, late: bool) -> str:
    if late or isinstance(error, TimeoutError):
        return "timed_out"
    if isinstance(error, socket.gaierror):
        return "name_unknown"
    if isinstance(error, ssl.SSLError):
        return "tls_failed"
    return "answer_invalid" if isinstance(error, HTTPException) else "connection_failed"
