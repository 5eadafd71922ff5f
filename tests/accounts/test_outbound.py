"""A POST goes where it may, to the address that was judged, and ends in time."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from accounts.outbound import NotSent, may_reach, post
from tests.accounts.receiver import receiving

HERE = ("127.0.0.0/8", "::1/128")


def send(url: str, *, networks: tuple[str, ...] = HERE, seconds: float = 5) -> int:
    headers = {"Content-Type": "application/json"}
    return post(url, body=b"{}", headers=headers, networks=networks, seconds=seconds)


def refusal(url: str, **options: Any) -> str:
    with pytest.raises(NotSent) as caught:
        send(url, **options)
    return caught.value.code


@pytest.mark.parametrize("address", ["8.8.8.8", "2400:3200::1", "114.114.114.114", "::ffff:8.8.8.8"])
def test_what_is_everybodys_may_be_reached(address: str) -> None:
    assert may_reach(ip_address(address), ())


NO_ADDRESS = "0.0.0.0"  # noqa: S104 - nothing is bound to it


@pytest.mark.abuse(88)
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254",
        NO_ADDRESS, "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1",
        "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1", "2001:0:0808:0808:0:0:80ff:fffe",
    ],
)  # fmt: skip
def test_what_is_not_everybodys_may_not(address: str) -> None:
    assert not may_reach(ip_address(address), ())


def test_a_listed_network_may_be_reached_and_no_other() -> None:
    assert may_reach(ip_address("10.1.2.3"), ["10.1.0.0/16"])
    assert may_reach(ip_address("::ffff:10.1.2.3"), ["10.1.0.0/16"])
    assert may_reach(ip_address("fd12::7"), ["fd12::/64"])
    assert not may_reach(ip_address("10.2.0.1"), ["10.1.0.0/16"])
    assert not may_reach(ip_address("fd12::7"), ["10.1.0.0/16"])


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", NO_ADDRESS, "224.0.0.1", "::"])
def test_no_list_opens_what_is_never_a_receiver(address: str) -> None:
    assert not may_reach(ip_address(address), ["0.0.0.0/0", "::/0"])


def test_a_post_arrives() -> None:
    with receiving() as receiver:
        assert send(receiver.url) == 204
        (sent,) = receiver.taken
    assert (sent.path, sent.body, sent.headers["Content-Type"]) == (
        "/notices?who=us",
        b"{}",
        "application/json",
    )
    assert sent.headers["Host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.abuse(88)
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0"]
)
def test_loopback_is_refused_however_it_is_written(host: str) -> None:
    with receiving() as receiver:
        assert refusal(f"http://{host}:{receiver.port}/", networks=()) == "address_refused"
        assert receiver.taken == []


@pytest.mark.abuse(88)
def test_a_name_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a second, other answer of its name server leads nowhere else."""
    asked: list[Any] = []
    resolve = socket.getaddrinfo

    def noted(host: Any, *args: Any, **options: Any) -> Any:
        asked.append(host)
        return resolve(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", noted)
    with receiving() as receiver:
        assert send(f"http://localhost:{receiver.port}/") == 204
        assert receiver.taken[0].headers["Host"] == f"localhost:{receiver.port}"
    assert asked.count("localhost") == 1
    assert set(asked) <= {"localhost", "127.0.0.1", "::1"}


@pytest.mark.abuse(88)
def test_a_redirect_is_told_and_not_followed() -> None:
    with receiving() as receiver:
        receiver.answers = [307]
        assert send(receiver.url) == 307
        assert [sent.path for sent in receiver.taken] == ["/notices?who=us"]


def test_a_name_that_nobody_has() -> None:
    assert refusal("http://nobody.invalid/") == "name_unknown"


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert refusal(f"http://127.0.0.1:{port}/") == "connection_failed"


@contextmanager
def answering(*pieces: bytes, pause: float = 0.05) -> Iterator[str]:
    """A server that answers each piece after a pause, the last one again and again."""
    done = threading.Event()

    def serve(server: socket.socket) -> None:
        connected, _ = server.accept()
        with connected:
            left = list(pieces)
            while not done.wait(pause):
                try:
                    connected.sendall(left.pop(0) if len(left) > 1 else left[0])
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        done.set()
        thread.join()


@pytest.mark.parametrize("pieces", [(b"",), (b"HTTP/1.1 200 OK\r\nX-Long: ", b"a")])
def test_who_answers_byte_by_byte_is_cut_off(pieces: tuple[bytes, ...]) -> None:
    with answering(*pieces) as url:
        begun = time.monotonic()
        assert refusal(url, seconds=0.5) == "timed_out"
        assert time.monotonic() - begun < 3


def test_what_is_no_http_is_an_invalid_answer() -> None:
    with answering(b"SSH-2.0-OpenSSH_9.2\r\n") as url:
        assert refusal(url) == "answer_invalid"


def certificate(folder: Path) -> Path:
    """Key and certificate for "localhost", signed by itself."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "here.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_only_a_certificate_that_is_trusted_and_fits_the_name_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with receiving(context) as receiver:
        named, numbered = (f"https://{host}:{receiver.port}/" for host in ("localhost", "127.0.0.1"))
        assert refusal(named) == "tls_failed"
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        assert refusal(numbered) == "tls_failed"
        assert send(named) == 204
        assert len(receiver.taken) == 1
