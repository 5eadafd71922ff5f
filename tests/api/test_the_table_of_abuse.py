"""Bad input as a row of a table, sent over a real socket: status, code, one line of evidence, never 5xx.

The numbers are those of the assessors' list. Tests elsewhere that send one of its rows say so themselves
(`@pytest.mark.abuse(49)`); NOT_YET names those whose door does not exist. Together they are the whole list.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import psycopg
import pytest

from govvoice.embedded.places import ROOT, Places
from govvoice.embedded.postgres import Postgres
from tests.api.test_the_wire import connected, read_reply
from tests.embedded.running import Platform

pytestmark = pytest.mark.platform

SPEECH, VOICES = "/api/v1/speech", "/api/v1/voices"
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Row:
    """`code` "" for an answer that is none of ours: the web server's own, before anybody could record it."""

    number: int
    status: int
    code: str
    body: bytes = b""
    method: str = "POST"
    path: str = SPEECH
    key: str = "hotline"
    headers: dict[str, str] = field(default_factory=dict)


def said(number: int, status: int, code: str, text: Any = "您好", key: str = "hotline", **fields: Any) -> Row:
    return Row(number, status, code, json.dumps({"text": text, **fields}).encode(), key=key)


def marked(number: int, code: str, ssml: str) -> Row:
    return Row(number, 422, code, json.dumps({"ssml": ssml}).encode())


def asked(number: int, status: int, code: str, **more: Any) -> Row:
    return Row(number, status, code, method="GET", **{"path": VOICES, **more})


def nested(depth: int) -> bytes:
    return b'{"text":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


GOOD = '{"text":"您好"}'.encode()
LAUGHS = '<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><speak>&b;</speak>'
FILE = '<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]><speak>&a;</speak>'
FORM = "application/x-www-form-urlencoded"

TABLE = [
    Row(1, 400, "body_empty"),
    Row(2, 422, "text_required", b"{}"),
    said(3, 422, "text_empty", ""),
    said(4, 422, "text_empty", " \u3000\n"),
    said(5, 422, "text_empty", "\u200b\ufeff\u2060"),
    said(6, 422, "nothing_to_speak", "。。。！！"),
    said(7, 422, "nothing_to_speak", "😀👨\u200d👩\u200d👧"),
    said(8, 422, "text_too_long", "好" * 501),
    Row(9, 413, "body_too_large", b'{"text":"' + b"a" * 100_000 + b'"}'),
    Row(13, 400, "encoding_invalid", b'{"text":"\xc0\xaf"}'),
    Row(14, 400, "encoding_invalid", '{"text":"您好"}'.encode("gbk")),
    Row(15, 400, "encoding_invalid", b"\xef\xbb\xbf" + GOOD),
    Row(16, 415, "charset_unsupported", GOOD, headers={"Content-Type": "application/json; charset=bogus"}),
    Row(16, 415, "charset_unsupported", GOOD, headers={"Content-Type": "application/json; charset=utf-7"}),
    said(17, 422, "text_invalid_character", "好\ud800"),
    said(18, 422, "text_invalid_character", "好\0"),
    said(18, 422, "voice_unknown", voice="tone\0"),
    Row(18, 400, "", GOOD, headers={"Idempotency-Key": "a\0"}),
    said(19, 422, "text_invalid_character", "好\x1b[2J"),
    said(20, 422, "text_bidi_control", "好\u202ea"),
    said(21, 422, "text_combining_run", "a" + "\u0301" * 400),
    said(23, 422, "text_invalid_character", "好\U0010ffff"),
    said(25, 422, "text_too_long", "\ufdfa" * 100),
    said(32, 422, "text_too_long", "(" * 5_000),
    said(33, 422, "text_too_long", "。" * 5_000),
    *(said(34, 422, "type", value) for value in (1, True, [], {}, None)),
    said(35, 422, "unknown_field", admin=True),
    *(Row(36, 400, "json_not_object", body) for body in (b"[]", b'"x"', b"1", b"null")),
    Row(37, 400, "json_duplicate_key", b'{"text":"a","text":"b"}'),
    *(Row(38, 400, "json_invalid", body) for body in (GOOD + b"x", b"{'text':'a'}", b'{"text":"a",}')),
    *(Row(39, 400, "json_too_deep", nested(depth)) for depth in (17, 2_000, 30_000)),
    Row(40, 400, "json_too_many_keys", b"{%s}" % b",".join(b'"%d":1' % number for number in range(5_000))),
    Row(41, 400, "number_not_finite", b'{"text":"a","rate":NaN}'),
    Row(41, 400, "number_out_of_range", b'{"text":"a","rate":1e999}'),
    Row(42, 400, "number_too_long", b'{"text":"a","rate":' + b"9" * 5_000 + b"}"),
    *(said(43, 422, "rate_range", rate=rate) for rate in (0, -1, 0.49, 2.01, 1e-320)),
    *(said(44, 422, "type", rate=rate) for rate in (True, "1.5", "１.5", "nan", [])),
    *(said(45, 422, "sample_rate", sample_rate=rate) for rate in (12345, 2**63, -8000)),
    said(46, 422, "volume_range", volume=10**9),
    *(said(47, 422, "format", format=name) for name in ("exe", "WAV\n", "../wav")),
    *(
        said(48, 422, "voice_unknown", voice=name)
        for name in (
            "../../etc/passwd",
            "..%2f",
            "C:\\",
            "\\\\host\\x",
            "file:///",
            "x" * 10_000,
            "tone.",
            "／",
        )
    ),
    marked(50, "ssml_entity_forbidden", LAUGHS),
    marked(51, "ssml_entity_forbidden", FILE),
    marked(52, "ssml_too_deep", "<speak>" + "<s>" * 1_000),
    marked(53, "ssml_tag_forbidden", '<speak>好<audio src="http://169.254.169.254/"/></speak>'),
    *(
        marked(54, "break_range", f'<speak>好<break time="{time}"/>好</speak>')
        for time in ("99999999s", "11s")
    ),
    marked(55, "phoneme_invalid", '<speak><phoneme alphabet="py" ph="xyz9">好</phoneme></speak>'),
    marked(56, "ssml_invalid", "<speak>好"),
    *(
        Row(60, 415, "media_type_unsupported", GOOD, headers={"Content-Type": kind})
        for kind in ("text/plain", "", "multipart/form-data; boundary=x", "application/xml")
    ),
    Row(61, 415, "media_type_unsupported", b"text=a", headers={"Content-Type": FORM}),
    Row(62, 406, "not_acceptable", GOOD, headers={"Accept": "image/png"}),
    Row(63, 415, "content_encoding_unsupported", GOOD, headers={"Content-Encoding": "gzip"}),
    *(
        Row(64, 405, "method_not_allowed", GOOD, method=name)
        for name in ("PUT", "DELETE", "PATCH", "OPTIONS")
    ),
    Row(64, 405, "method_not_allowed", GOOD, headers={"X-HTTP-Method-Override": "DELETE"}),
    asked(65, 404, "not_found", path="/api/v1/%00"),
    asked(65, 404, "not_found", path="/api/v1/..;x=/portal/"),
    asked(66, 400, "", headers={"X-Nul": "a\0b"}),
    Row(67, 400, "", GOOD, headers={"Transfer-Encoding": "xchunked"}),
    asked(68, 400, "host_invalid", headers={"Host": "evil.com"}),
    asked(68, 400, "host_invalid", headers={"Host": "127.0.0.1:99999"}),
    asked(69, 401, "key_missing", key=""),
    asked(70, 401, "key_missing", key="", path=f"{VOICES}?access_token=gv_x"),
    *(asked(70, 401, "key_invalid", headers={"Authorization": text}) for text in ("Bearer", "bearer  x y")),
    asked(71, 401, "token_expired", key="token expired"),
    *(
        asked(number, 401, "token_invalid", key=f"token {name}")
        for number, names in {
            71: ("early", "endless", "without end", "end in words"),
            72: ("unsigned",),
            73: ("of another key", "kid path", "kid SQL", "jku"),
            74: ("for others", "from others", "of another type", "crit"),
        }.items()
        for name in names
    ),
    asked(75, 401, "token_invalid", headers={"Authorization": "Bearer " + "a" * 10_000 + ".b.c"}),
    asked(76, 403, "ip_mismatch", key="far"),
    asked(77, 403, "ip_mismatch", key="far", headers={"X-Forwarded-For": "10.0.0.5"}),
    asked(78, 403, "ip_mismatch", key="far", headers={"X-Forwarded-For": "unknown, [::1]:443," * 300}),
    asked(80, 401, "key_invalid", key="gone"),
    said(82, 429, "quota_exceeded", "您好，请稍候", key="poor"),
    *(
        Row(86, 400, "idempotency_key_invalid", GOOD, headers={"Idempotency-Key": key})
        for key in ("a b", "a,b", "x" * 10_000)
    ),
    *(
        asked(91, 400, "query_invalid", path=f"/api/v1/broadcasts?{query}")
        for query in ("page=-1", "page=1000000000000000000", "page_size=1000000")
    ),
    asked(91, 400, "query_unknown", path="/api/v1/broadcasts?filter[__class__]=1"),
    asked(92, 400, "query_unknown", path="/api/v1/broadcasts?search=%27;DROP"),
]
NOT_YET = {
    89: "there are no jobs",
    **dict.fromkeys((104, 105), "labels of generated sound are not made yet"),
    106: "no door takes sound",
    107: "there is no WebSocket and no stream",
    108: "/health and /ready have no list of networks: the proxy closes them (/metrics has one)",
}


@pytest.fixture(scope="module")
def cast(platform: Platform) -> dict[str, str]:
    """Name -> key or token, of clients that are there for this table."""
    code = "from tests.api.forging import table_cast; print(table_cast())"
    made = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
        cwd=ROOT,
        env=platform.environment,
        check=True,
        capture_output=True,
    )
    found: dict[str, str] = json.loads(made.stdout)
    return found


@pytest.fixture(scope="module")
def evidence(platform: Platform) -> Iterator[psycopg.Connection]:
    with psycopg.connect(Postgres(Places(platform.var)).url, autocommit=True) as connection:
        yield connection


def wire_bytes(platform: Platform, row: Row, cast: dict[str, str]) -> bytes:
    headers = {"Host": f"127.0.0.1:{platform.port}", "Content-Type": "application/json"}
    if row.key:
        headers["Authorization"] = f"Bearer {cast[row.key]}"
    headers["Content-Length"] = str(len(row.body))
    headers = {name: text for name, text in (headers | row.headers).items() if text}
    lines = [f"{row.method} {row.path} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + row.body


def events(evidence: psycopg.Connection, head: str) -> list[Any]:
    [request_id] = [
        line.split(": ")[1] for line in head.split("\r\n") if line.lower().startswith("x-request-id")
    ]
    query = "SELECT action, code, status, peer_address, forwarded_for FROM audit_event WHERE request_id = %s"
    return evidence.execute(query, [request_id]).fetchall()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.number}-{row.code}")
def test_a_row_of_the_table(
    platform: Platform, cast: dict[str, str], evidence: psycopg.Connection, row: Row
) -> None:
    with connected(platform) as wire:
        wire.sendall(wire_bytes(platform, row, cast))
        reply = read_reply(wire)
    assert reply is not None
    assert reply.status == row.status, reply
    if not row.code:
        return
    assert "application/problem+json" in reply.head
    assert reply.code == row.code
    [(action, code, status, peer, forwarded)] = events(evidence, reply.head)
    assert (action, code, status) == ("api.refused", row.code, row.status)
    assert str(peer) == "127.0.0.1"
    assert bool(forwarded) == ("X-Forwarded-For" in row.headers)


def test_the_client_of_the_table_is_otherwise_let_in(platform: Platform, cast: dict[str, str]) -> None:
    for key in ("hotline", "token good"):
        with connected(platform) as wire:
            wire.sendall(wire_bytes(platform, asked(0, 200, "", key=key), cast))
            reply = read_reply(wire)
        assert reply is not None
        assert reply.status == 200


def test_of_the_calls_beyond_the_limit_none_passes(platform: Platform, cast: dict[str, str]) -> None:
    statuses = []
    for _ in range(13):
        with connected(platform) as wire:
            wire.sendall(wire_bytes(platform, asked(81, 200, "", key="slow"), cast))
            reply = read_reply(wire)
        assert reply is not None
        statuses.append(reply.status)
    assert statuses == [200] * 10 + [429] * 3


def marked_rows() -> dict[int, list[str]]:
    """Row -> the tests anywhere in the suite that say of themselves that they send it."""
    found: dict[int, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for row in chain.from_iterable(map(_rows_of, node.decorator_list)):
                    found.setdefault(row, []).append(f"{path.name}::{node.name}")
    return found


def _rows_of(decorator: ast.expr) -> list[int]:
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.abuse":
        return [ast.literal_eval(row) for row in decorator.args]
    return []


def test_every_row_of_the_list_is_somewhere() -> None:
    """In the table above, or in a test that names its number, or not to be sent yet."""
    sent = {row.number for row in TABLE} | marked_rows().keys()
    assert sorted(sent | NOT_YET.keys()) == list(range(1, 109))
    assert not sent & NOT_YET.keys(), "what is sent by now is listed as not yet"
