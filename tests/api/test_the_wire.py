"""The door on a real socket: what the web server and we do together with bodies and heads that cheat."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import pytest

from tests.embedded.running import Platform

pytestmark = pytest.mark.platform

GOOD = '{"text":"您好"}'.encode()
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Reply:
    status: int
    head: str
    body: bytes

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["code"])


@contextmanager
def connected(platform: Platform) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", platform.port), timeout=40) as wire:
        yield wire


def head(
    platform: Platform, *lines: str, first: str = "POST /api/v1/speech HTTP/1.1", host: str = ""
) -> bytes:
    own = [
        first,
        f"Host: {host or f'127.0.0.1:{platform.port}'}",
        f"Authorization: Bearer {platform.api_key}",
        "Content-Type: application/json",
    ]
    return "\r\n".join([*own, *lines, "", ""]).encode("latin-1")


def read_reply(wire: socket.socket) -> Reply | None:
    """The next answer on the connection; None when it was closed without one."""
    data = b""
    try:
        while b"\r\n\r\n" not in data:
            piece = wire.recv(65536)
            if not piece:
                return None
            data += piece
        top, _, body = data.partition(b"\r\n\r\n")
        text = top.decode("latin-1")
        if re.search(r"^transfer-encoding: *chunked", text, re.IGNORECASE | re.MULTILINE):
            # A refusal from before the middleware: small, and so one chunk.
            while not body.endswith(b"0\r\n\r\n"):
                body += wire.recv(65536)
            return Reply(
                int(text.split(" ")[1]), text, body.partition(b"\r\n")[2].removesuffix(b"\r\n0\r\n\r\n")
            )
        told = re.search(r"^content-length: *(\d+)", text, re.IGNORECASE | re.MULTILINE)
        length = int(told[1]) if told else 0
        while len(body) < length:
            body += wire.recv(65536)
    except ConnectionResetError:
        return None
    return Reply(int(text.split(" ")[1]), text, body[:length])


def send(platform: Platform, data: bytes) -> Reply | None:
    with connected(platform) as wire:
        wire.sendall(data)
        return read_reply(wire)


def test_markup_is_spoken_by_the_embedded_voice(platform: Platform) -> None:
    inside = ("您好", '您好<break time="500ms"/>', '您好<break time="500ms"/><emotion category="sad">')
    ends = ("请稍候</speak>", "请稍候</speak>", "请稍候</emotion></speak>")
    with platform.client() as client:
        answers = [
            client.post("/api/v1/speech", json={"ssml": f"<speak>{begin}<break time='0s'/>{end}"})
            for begin, end in zip(inside, ends, strict=True)
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    plain, broken, sad = (float(answer.headers["X-Audio-Duration"]) for answer in answers)
    assert broken - plain == pytest.approx(0.5, abs=0.002)
    assert sad - broken > 0.1, "sadness is slow"


def test_a_good_request_is_answered(platform: Platform) -> None:
    reply = send(platform, head(platform, f"Content-Length: {len(GOOD)}") + GOOD)
    assert reply is not None
    assert reply.status == 200
    assert reply.body[:4] == b"RIFF"


def test_a_chunked_body_is_read(platform: Platform) -> None:
    chunks = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (5, GOOD[:5], len(GOOD) - 5, GOOD[5:])
    reply = send(platform, head(platform, "Transfer-Encoding: chunked") + chunks)
    assert reply is not None
    assert reply.status == 200


def test_a_huge_body_is_refused_before_it_is_sent(platform: Platform) -> None:
    reply = send(platform, head(platform, f"Content-Length: {10 * MEGABYTE}"))
    assert reply is not None
    assert (reply.status, reply.code) == (413, "body_too_large")


@pytest.mark.abuse(10)
def test_a_huge_body_without_a_length_is_refused_while_reading(platform: Platform) -> None:
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    with connected(platform) as wire:
        wire.sendall(head(platform, "Transfer-Encoding: chunked") + chunk * 2)
        reply = read_reply(wire)
        assert reply is not None
        assert (reply.status, reply.code) == (413, "body_too_large")


@pytest.mark.abuse(11)
def test_more_than_was_promised_is_no_second_request(platform: Platform) -> None:
    smuggled = b"GET /healthz HTTP/1.1\r\nHost: evil.com\r\n\r\n"
    with connected(platform) as wire:
        wire.sendall(head(platform, f"Content-Length: {len(GOOD) - 1}") + GOOD + smuggled)
        reply = read_reply(wire)
        assert reply is not None
        assert (reply.status, reply.code) == (400, "json_invalid")
        following = read_reply(wire)
        assert following is None or following.status == 400


@pytest.mark.abuse(11)
def test_less_than_was_promised_is_refused(platform: Platform) -> None:
    with connected(platform) as wire:
        wire.sendall(head(platform, f"Content-Length: {len(GOOD) + 10}") + GOOD)
        wire.shutdown(socket.SHUT_WR)
        reply = read_reply(wire)
        assert reply is None or reply.status == 400


@pytest.mark.abuse(12)
@pytest.mark.timeout(60)
@pytest.mark.parametrize("pace", [1.0, None])
def test_a_caller_who_dawdles_is_let_go(platform: Platform, pace: float | None) -> None:
    """One byte a second, or none at all: 408 within 30 s."""
    begun = time.monotonic()
    with connected(platform) as wire:
        wire.sendall(head(platform, "Content-Length: 100"))
        wire.settimeout(pace)
        reply = None
        while reply is None:
            try:
                reply = read_reply(wire)
                break
            except TimeoutError:
                wire.sendall(b" ")
    assert reply is not None
    assert (reply.status, reply.code) == (408, "body_too_slow")
    assert time.monotonic() - begun < 30


def test_many_who_dawdle_do_not_stop_the_others(platform: Platform) -> None:
    # All within the client's own limit of 20 calls a second.
    dawdling = [socket.create_connection(("127.0.0.1", platform.port)) for _ in range(15)]
    try:
        for wire in dawdling:
            wire.sendall(head(platform, "Content-Length: 100"))
        test_a_good_request_is_answered(platform)
    finally:
        for wire in dawdling:
            wire.close()
        time.sleep(1)


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        (["Content-Length: 3", "Content-Length: 4"], b"abcd"),
        (["Transfer-Encoding: xchunked"], b"0\r\n\r\n"),
        (["Content-Length: x"], b""),
        (["Content-Length: -1"], b""),
        (["X-Folded: a", " b"], b""),
        (["X-Nul: a\0b"], b""),
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_refused(
    platform: Platform, lines: list[str], body: bytes
) -> None:
    with connected(platform) as wire:
        wire.sendall(head(platform, *lines) + body)
        reply = read_reply(wire)
        assert reply is not None
        assert reply.status == 400


@pytest.mark.abuse(67)
def test_length_and_chunks_together_bring_no_second_request(platform: Platform) -> None:
    smuggled = b"GET /healthz HTTP/1.1\r\nHost: evil.com\r\n\r\n"
    with connected(platform) as wire:
        wire.sendall(
            head(platform, "Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n" + smuggled
        )
        reply = read_reply(wire)
        assert reply is not None
        assert reply.status == 400
        assert read_reply(wire) is None


def test_chunks_count_and_nothing_comes_after_a_length_beside_them(platform: Platform) -> None:
    """The server reads by the chunks, and closes: whatever a proxy took for the end, nothing is smuggled."""
    smuggled = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD)
    for lines in (
        ("Content-Length: 4", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 4"),
    ):
        with connected(platform) as wire:
            wire.sendall(head(platform, *lines) + chunks + smuggled)
            reply = read_reply(wire)
            assert reply is not None
            assert reply.body[:4] == b"RIFF"
            assert read_reply(wire) is None


def test_nobody_gets_in_by_http_2(platform: Platform) -> None:
    """Its limits would be none of ours; proxies speak HTTP/1.1 to us."""
    settings = b"\0\0\0\x04\0\0\0\0\0"
    reply = send(platform, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings)
    assert reply is None or reply.status == 400


def test_requests_in_a_row_are_answered_in_a_row(platform: Platform) -> None:
    """Pipelined: a refused body is skipped, and never taken for the next request."""
    voices = head(platform, first="GET /api/v1/voices HTTP/1.1")
    inside = voices.replace(b"voices", b"nowhere")
    foreign = head(platform, f"Content-Length: {len(inside)}").replace(b"application/json", b"text/plain")
    with connected(platform) as wire:
        wire.sendall(voices + foreign + inside + voices)
        replies = [read_reply(wire) for _ in range(3)]
    assert [reply and reply.status for reply in replies] == [200, 415, 200]


@pytest.mark.parametrize("method", ["post", "TRACE", "PUT", "X" * 8_192])
def test_other_methods_are_refused(platform: Platform, method: str) -> None:
    reply = send(platform, head(platform, "Content-Length: 0", first=f"{method} /api/v1/speech HTTP/1.1"))
    assert reply is not None
    assert reply.status in {400, 405}


@pytest.mark.parametrize(
    "path",
    [
        "//api/v1/voices",
        "/api/../portal/",
        "/api/%2e%2e/portal/",
        "/api/v1/..;x=/portal/",
        "/api/v1/%00",
        "/" + "x" * 16_384,
    ],
)
def test_no_path_leads_round_the_door(platform: Platform, path: str) -> None:
    reply = send(platform, head(platform, first=f"GET {path} HTTP/1.1"))
    assert reply is not None
    assert reply.status in {400, 404, 414}


@pytest.mark.parametrize(
    "lines", [["X-Big: " + "x" * 500_000], [f"X-{number}: 1" for number in range(1_000)]]
)
def test_an_endless_head_is_refused(platform: Platform, lines: list[str]) -> None:
    reply = send(platform, head(platform, *lines, first="GET /api/v1/voices HTTP/1.1"))
    assert reply is None or reply.status in {400, 431}


@pytest.mark.parametrize("host", ["evil.com", "127.0.0.1:99999", "a b"])
def test_a_foreign_host_is_refused(platform: Platform, host: str) -> None:
    reply = send(platform, head(platform, first="GET /api/v1/voices HTTP/1.1", host=host))
    assert reply is not None
    assert reply.status == 400


@pytest.mark.abuse(9)
def test_memory_stays_flat_under_huge_bodies(platform: Platform) -> None:
    def resident() -> int:
        web = psutil.Process(platform.pids["web"])
        return sum(process.memory_info().rss for process in [web, *web.children(recursive=True)])

    test_a_good_request_is_answered(platform)
    before = resident()
    for _ in range(10):
        with connected(platform) as wire:
            wire.sendall(head(platform, f"Content-Length: {10 * MEGABYTE}"))
            try:
                wire.sendall(b"a" * 10 * MEGABYTE)
            except (BrokenPipeError, ConnectionResetError):
                continue
    assert resident() - before < 30 * MEGABYTE
