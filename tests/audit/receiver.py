"""A syslog receiver on loopback, over TLS and without."""

from __future__ import annotations

import ipaddress
import re
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from audit.syslog import Receiver

FORM = re.compile(
    r"<109>1 (?P<at>\S+) (?P<host>\S+) govvoice \d+ (?P<name>\S+) \[(?P<data>.*?[^\\])\] (?P<text>.*)",
    re.DOTALL,
)


@dataclass
class Receiving:
    """A syslog receiver on loopback, taking messages by counting octets, as RFC 6587 and 5425 say."""

    receiver: Receiver
    messages: list[bytes] = field(default_factory=list)
    open: list[socket.socket] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [FORM.fullmatch(message.decode())["text"] for message in self.messages]  # type: ignore[index]

    def hang_up(self) -> None:
        for one in self.open:
            one.shutdown(socket.SHUT_RDWR)
        self.open.clear()


@contextmanager
def receiving(*, port: int = 0, certificate: Path | None = None) -> Iterator[Receiving]:
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            here.open.append(self.request)
            try:
                talk = context.wrap_socket(self.request, server_side=True) if context else self.request
                with talk.makefile("rb") as stream:
                    while length := b"".join(iter(lambda: stream.read(1).strip(), b"")):
                        here.messages.append(stream.read(int(length)))
            except (OSError, ValueError):
                return

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

    with Server(("127.0.0.1", port), Handler) as server:
        ca_file = str(certificate) if certificate else ""
        here = Receiving(Receiver("127.0.0.1", server.server_address[1], bool(certificate), ca_file))
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield here
        finally:
            server.shutdown()
            thread.join()


def make_certificate(path: Path) -> None:
    """Key and certificate for 127.0.0.1 in one file, signed by itself."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + built.public_bytes(Encoding.PEM)
    )
