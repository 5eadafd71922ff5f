"""Syslog for evidence: RFC 5424 messages over TCP (RFC 6587) or TLS (RFC 5425), framed by counting octets.

Syslog has no acknowledgement: what the kernel took may die with the connection. Whoever must lose nothing
keeps a cursor of his own, and after a new connection goes back by what he sent last: see audit.head_stream.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import socket
import ssl
import struct
import termios
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from unicodedata import category
from urllib.parse import urlsplit

from audit.canonical import instant
from audit.errors import ReceiverUnusable
from audit.lines import HIDDEN_CATEGORIES

TIMEOUT = 10.0  # seconds that connecting or one message may take
TLS_PORT = 6514
_FACILITY = 13  # log audit
# The enterprise number that RFC 5612 sets aside for documentation: we have none of our own.
_DATA_ID = "govvoice@32473"
_SEVERITIES = {"error": 3, "warning": 4, "notice": 5, "informational": 6}
_NO_NAME_SIGN = re.compile(r"[^\x21-\x7e]")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where messages go. `ca_file` vouches for the receiver's certificate; "": the system's own list."""

    host: str
    port: int
    tls: bool
    ca_file: str = ""

    @classmethod
    def parse(cls, address: str, *, ca_file: str = "") -> Receiver:
        """From tls://host:port or tcp://host:port; TLS has 6514 for a port. Raises ReceiverUnusable."""
        problem = ReceiverUnusable(f"{address!r} 应写作 tls://主机:端口 或 tcp://主机:端口 (is no receiver)")
        try:
            parts = urlsplit(address)
            port = parts.port or (TLS_PORT if parts.scheme == "tls" else None)
        except ValueError:
            raise problem from None
        extra = parts.path or parts.query or parts.fragment or parts.username
        if parts.scheme not in ("tls", "tcp") or not parts.hostname or port is None or extra:
            raise problem
        return cls(parts.hostname, port, parts.scheme == "tls", ca_file)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'tls' if self.tls else 'tcp'}://{host}:{self.port}"


class Connection:
    """One connection to a receiver. Raises OSError (of which TLS errors are a kind) when it breaks."""

    def __init__(self, receiver: Receiver) -> None:
        plain = socket.create_connection((receiver.host, receiver.port), timeout=TIMEOUT)
        try:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            self._socket = _encrypted(plain, receiver) if receiver.tls else plain
        except BaseException:
            plain.close()
            raise

    def send(self, message: bytes) -> None:
        """Sends one message of message(); for seconds at most, see TIMEOUT."""
        self._require_open()
        self._socket.sendall(b"%d %s" % (len(message), message))

    def wait_until_acknowledged(self) -> None:
        """Returns once the receiver's machine has acknowledged every byte. Raises TimeoutError."""
        deadline = time.monotonic() + TIMEOUT
        while struct.unpack("i", fcntl.ioctl(self._socket, termios.TIOCOUTQ, b"\0" * 4))[0]:
            if time.monotonic() > deadline:
                raise TimeoutError("the receiver takes nothing in")
            time.sleep(0.002)

    def close(self) -> None:
        self._socket.close()

    def _require_open(self) -> None:
        # A receiver never speaks: what can be read is its farewell, which writing would notice too late.
        readable, _, _ = select.select([self._socket], [], [], 0)
        if not readable:
            return
        self._socket.settimeout(0)
        try:
            farewell = self._socket.recv(1) == b""
        except (BlockingIOError, ssl.SSLWantReadError):  # TLS's own talk, such as session tickets
            farewell = False
        finally:
            self._socket.settimeout(TIMEOUT)
        if farewell:
            raise ConnectionResetError("the receiver closed the connection")


def message(
    *, at: datetime, severity: str, name: str, text: str, data: Mapping[str, str], data_id: str = _DATA_ID
) -> bytes:
    """An RFC 5424 message. `severity` is one of error, warning, notice, informational; `name` its MSGID.

    Nothing in `text` or `data` can begin a line of its own: what is not printable is written as \\uXXXX.
    """
    priority = 8 * _FACILITY + _SEVERITIES[severity]
    header = f"<{priority}>1 {instant(at)} {_host()} govvoice {os.getpid()} {_name(name, 32)}"
    values = "".join(f' {_name(key, 32)}="{_quoted(value)}"' for key, value in data.items())
    line = _printable(text)
    # Text outside ASCII has to say that it is UTF-8.
    mark = "" if line.isascii() else "\ufeff"
    return f"{header} [{data_id}{values}] {mark}{line}".encode()


def _encrypted(plain: socket.socket, receiver: Receiver) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=receiver.ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context.wrap_socket(plain, server_hostname=receiver.host)


def _host() -> str:
    return _name(socket.gethostname(), 255)


def _name(text: str, limit: int) -> str:
    return _NO_NAME_SIGN.sub("_", text)[:limit] or "-"


def _quoted(value: str) -> str:
    return re.sub(r'(["\\\]])', r"\\\1", _printable(value))


def _printable(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(sign) if category(sign) in HIDDEN_CATEGORIES else sign for sign in text)


def _escaped(sign: str) -> str:
    # In UTF-16 units, so that JSON with an escape in the place of the sign still says the same.
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))
