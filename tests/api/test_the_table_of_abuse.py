"""Bad input as a row of a table, sent over a real socket: status, code, one line of evidence, never 5xx.

The numbers are those of the assessors' list. Tests elsewhere that send one of its rows say so themselves
(`@pytest.mark.abuse(49)`); NOT_YET names those whose door does not exist, and a test looks that it does not.
Together they are the whole list.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import psycopg
import pytest

from govvoice.embedded.places import ROOT, Places
from govvoice.embedded.postgres import Postgres
from tests.api.forging import FORBIDDEN
from tests.api.test_the_wire import Reply, connected, read_reply
from tests.embedded.more_web import another_web
from tests.embedded.running import Platform

pytestmark = pytest.mark.platform

SPEECH, READINGS, VOICES = "/api/v1/speech", "/api/v1/readings", "/api/v1/voices"
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Row:
    """`code` "" for an answer that is no problem of the API's: the web server's own, before anybody could
    record it, or a page."""

    number: int
    status: int
    code: str
    body: bytes = b""
    method: str = "POST"
    path: str = SPEECH
    key: str = "hotline"
    headers: dict[str, str] = field(default_factory=dict)
    event: str = "api.refused"


def said(number: int, status: int, code: str, text: Any = "您好", key: str = "hotline", **fields: Any) -> Row:
    return Row(number, status, code, json.dumps({"text": text, **fields}).encode(), key=key)


def marked(number: int, code: str, ssml: str) -> Row:
    return Row(number, 422, code, json.dumps({"ssml": ssml}).encode())


def read(number: int, text: str) -> Row:
    """What is no fault at all: as it is read, one line of evidence. How it sounds is tested elsewhere."""
    return Row(
        number, 200, "", json.dumps({"text": text}).encode(), path=READINGS, event="readings.requested"
    )


def asked(number: int, status: int, code: str, **more: Any) -> Row:
    return Row(number, status, code, method="GET", **{"path": VOICES, **more})


def nested(depth: int) -> bytes:
    return b'{"text":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


GOOD = '{"text":"您好"}'.encode()
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD)
NO_LENGTH = {"Content-Length": ""}
BOMB = b"\x1f\x8b\x08" + b"\0" * 1_000
HEADER = {"Idempotency-Key": "table"}
HEALTH = ("/healthz", "/health", "/ready", "/metrics")
LAUGHS = '<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><speak>&b;</speak>'
FILE = '<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]><speak>&a;</speak>'
REMOTE = '<!DOCTYPE s [<!ENTITY a SYSTEM "http://127.0.0.1:1/a">]><speak>&a;</speak>'
OUTER = '<!DOCTYPE s [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p"> %p;]><speak>好</speak>'
QUADRATIC = f'<!DOCTYPE s [<!ENTITY a "{"a" * 10_000}">]><speak>{"&a;" * 3_000}</speak>'
ATTRIBUTES = "".join(f' a{number}="1"' for number in range(5_000))
INCLUDE = '<xi:include href="file:///etc/passwd"/>'
ELSEWHERE = {"X-Forwarded-For": "203.0.113.5"}  # through a proxy that nobody has named
LINK = "/api/v1/speech/audio"
FORM = "application/x-www-form-urlencoded"

TABLE = [
    Row(1, 400, "body_empty"),
    Row(2, 422, "text_required", b"{}"),
    said(3, 422, "text_empty", ""),
    said(4, 422, "text_empty", " \u3000\n"),
    said(5, 422, "text_empty", "\u200b\ufeff\u2060"),
    said(6, 422, "nothing_to_speak", "。。。！！"),
    said(7, 422, "nothing_to_speak", "😀👨\u200d👩\u200d👧"),
    read(8, "好" * 500),
    said(8, 422, "text_too_long", "好" * 501),
    Row(9, 413, "body_too_large", b'{"text":"' + b"a" * 100_000 + b'"}'),
    *(
        Row(13, 400, "encoding_invalid", b'{"text":"%s"}' % sign)
        for sign in (b"\xff\xfe", b"\xc0\xaf", b"\xe4\xb8")
    ),
    *(
        Row(14, 400, "encoding_invalid", '{"text":"您好"}'.encode(name))
        for name in ("gbk", "utf-16", "utf-16-le")
    ),
    Row(15, 400, "encoding_invalid", b"\xef\xbb\xbf" + GOOD),
    *(
        Row(16, 415, "charset_unsupported", GOOD, headers={"Content-Type": f"application/json; {charset}"})
        for charset in ("charset=bogus", "charset=utf-7")
    ),
    *(
        Row(16, 415, "media_type_unsupported", GOOD, headers={"Content-Type": f"application/json; {charset}"})
        for charset in ("charset*=bogus''%ff", "charset*=idna''%ff")
    ),
    said(17, 422, "text_invalid_character", "好\ud800"),
    said(18, 422, "text_invalid_character", "好\0"),
    said(18, 422, "voice_unknown", voice="tone\0"),
    Row(18, 400, "", GOOD, headers={"Idempotency-Key": "a\0"}),
    *(said(19, 422, "text_invalid_character", f"好{sign}") for sign in ("\x1b[2J", "\x07", "\x85", "\x9f")),
    *(said(20, 422, "text_bidi_control", f"好{sign}a") for sign in "\u202a\u202e\u2066\u2069"),
    said(21, 422, "text_combining_run", "a" + "\u0301" * 1_000),
    read(22, "中\ufe0f国\u200b你\U000e0041好"),
    *(said(23, 422, "text_invalid_character", f"好{sign}") for sign in "\ue000\u0378\ufffe\U0010ffff"),
    *(read(24, text) for text in ("𠮷先生您好", "𰻝面", "葛\U000e0100城")),
    *(said(25, 422, "text_too_long", "\ufdfa" * many) for many in (100, 1_000)),
    read(28, "9" * 500),
    read(29, "1e400，-0，00012，1,2,3,4，1.2.3.4.5"),
    read(30, "2025年2月30日，25:61，3:0，1/0"),
    read(31, "￥999999999999999999.999"),
    read(32, "((a|a)*)*" * 50 + "好"),
    said(32, 422, "text_too_long", "(" * 5_000),
    Row(32, 413, "body_too_large", b'{"text":"%s"}' % (b"(" * MEGABYTE)),
    said(33, 422, "text_too_long", "。" * 5_000),
    Row(33, 413, "body_too_large", json.dumps({"text": "好" * 50_000}).encode()),
    *(said(34, 422, "type", value) for value in (1, True, [], {}, None)),
    said(35, 422, "unknown_field", admin=True),
    said(35, 422, "unknown_field", aigc_label="none"),
    *(Row(36, 400, "json_not_object", body) for body in (b"[]", b'"x"', b"1", b"null")),
    Row(37, 400, "json_duplicate_key", b'{"text":"a","text":"b"}'),
    *(
        Row(38, 400, "json_invalid", body)
        for body in (GOOD + b"x", GOOD + b"/**/", b"{'text':'a'}", b'{"text":"a",}')
    ),
    *(Row(39, 400, "json_too_deep", nested(depth)) for depth in (17, 2_000, 30_000)),
    Row(39, 413, "body_too_large", nested(100_000)),
    Row(40, 400, "json_too_many_keys", b"{%s}" % b",".join(b'"%d":1' % number for number in range(5_000))),
    *(
        Row(41, 400, "number_not_finite", b'{"text":"a","rate":%s}' % rate)
        for rate in (b"NaN", b"Infinity", b"-Infinity")
    ),
    Row(41, 400, "number_out_of_range", b'{"text":"a","rate":1e999}'),
    Row(42, 400, "number_too_long", b'{"text":"a","rate":' + b"9" * 5_000 + b"}"),
    *(said(43, 422, "rate_range", rate=rate) for rate in (0, -1, 0.49, 2.01, 1e-320)),
    *(said(44, 422, "type", rate=rate) for rate in (True, "1.5", "１.5", "nan", [])),
    *(said(45, 422, "sample_rate", sample_rate=rate) for rate in (12345, 2**63, -8000)),
    said(46, 422, "volume_range", volume=10**9),
    Row(46, 400, "number_not_finite", b'{"text":"a","pitch":NaN}'),
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
            "/etc/passwd",
            "voice\0.pt",
            "qinghe.",
            "qinghe ",
            "qinghe／",
        )
    ),
    said(49, 422, "voice_unknown", voice="qinghe", key="picky"),
    asked(49, 404, "voice_unknown", path=f"{VOICES}/qinghe", key="picky"),
    marked(50, "ssml_entity_forbidden", LAUGHS),
    *(marked(51, "ssml_entity_forbidden", text) for text in (FILE, REMOTE, OUTER)),
    marked(52, "ssml_entity_forbidden", QUADRATIC),
    marked(52, "ssml_too_deep", "<speak>" + "<s>" * 1_000),
    marked(52, "ssml_too_deep", f"<speak{ATTRIBUTES}>好</speak>"),
    *(
        marked(53, "ssml_tag_forbidden", f"<speak>好{inside}</speak>")
        for inside in (
            '<audio src="http://169.254.169.254/"/>',
            '<lexicon uri="http://169.254.169.254/"/>',
            INCLUDE,
            "<?php x?>",
        )
    ),
    *(
        marked(54, "break_range", f'<speak>好<break time="{time}"/>好</speak>')
        for time in ("99999999s", "11s", "-1s", "1e9s")
    ),
    marked(55, "phoneme_invalid", '<speak><phoneme alphabet="py" ph="xyz9">好</phoneme></speak>'),
    marked(55, "rate_range", '<speak><prosody rate="-500%">好</prosody></speak>'),
    *(
        marked(56, "ssml_invalid", text)
        for text in (
            "<speak>好",
            "<speak><![CDATA[好]]></speak>",
            '<speak xmlns="urn:evil">好</speak>',
            f'<speak xmlns:xi="http://www.w3.org/2001/XInclude">{INCLUDE}</speak>',
            '<?xml version="1.0" encoding="utf-7"?><speak>好</speak>',
        )
    ),
    marked(57, "text_blocked", f"<speak>{FORBIDDEN[:2]}<break/>{FORBIDDEN[2:]}</speak>"),
    *(
        said(58, 422, "text_blocked", text)
        for text in (
            FORBIDDEN,
            "\u200b".join(FORBIDDEN),
            " ".join(FORBIDDEN),
            "*".join(FORBIDDEN),
            "😀".join(FORBIDDEN),
            "".join(f"&#x{ord(sign):x};" for sign in FORBIDDEN),
            quote(FORBIDDEN),
        )
    ),
    *(read(59, text) for text in ("地铁口交易所", "生日快乐", "have", "提成分红")),
    *(
        Row(60, 415, "media_type_unsupported", GOOD, headers={"Content-Type": kind})
        for kind in ("text/plain", "", "multipart/form-data; boundary=x", "application/xml")
    ),
    Row(61, 415, "media_type_unsupported", b"text=a", headers={"Content-Type": FORM}),
    Row(62, 406, "not_acceptable", GOOD, headers={"Accept": "image/png"}),
    *(
        Row(63, 415, "content_encoding_unsupported", BOMB, headers={"Content-Encoding": name})
        for name in ("gzip", "bogus")
    ),
    *(
        Row(64, 405, "method_not_allowed", GOOD, method=name)
        for name in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "post", "X" * 8_192)
    ),
    Row(64, 400, "", GOOD, method="P\u00d6ST"),
    Row(64, 405, "method_not_allowed", GOOD, headers={"X-HTTP-Method-Override": "DELETE"}),
    asked(65, 404, "not_found", path="/api/v1/%00"),
    asked(65, 404, "not_found", path="/api/v1/..;x=/portal/"),
    *(
        asked(65, 404, "not_found", path=f"/api/{path}")
        for path in ("../portal/", "%2e%2e/portal/", "x" * 16_384)
    ),
    *(asked(65, 404, "", path=path) for path in ("//api/v1/voices", "/%2e%2e/portal/", "/api;x=/v1/voices")),
    *(asked(66, 400, "", headers={"X-Odd": text}) for text in ("a\0b", "a\rX-Api-Key: b", "a\r\n b")),
    asked(66, 400, "", headers={"X-\u00d6dd": "a"}),
    asked(66, 431, "", headers={"X-Big": "a" * 100_000}),
    asked(66, 431, "", headers={f"X-{number}": "1" for number in range(1_000)}),
    *(
        Row(67, 400, "", GOOD, headers={"Transfer-Encoding": name})
        for name in ("xchunked", "identity", "chunked, gzip", "chunked\r\nTransfer-Encoding: identity")
    ),
    *(
        Row(67, 400, "transfer_encoding_invalid", CHUNKED, headers={"Transfer-Encoding": name} | NO_LENGTH)
        for name in ("gzip, chunked", "chunked, chunked")
    ),
    *(
        Row(67, 400, "", GOOD, headers={"Content-Length": length})
        for length in ("3\r\nContent-Length: 4", "3, 3", "+18", "0x12", "-1", "9" * 30)
    ),
    *(asked(68, 400, "host_invalid", headers={"Host": name}) for name in ("evil.com", "127.0.0.1:99999", "")),
    asked(68, 400, "host_invalid", headers={"Host": "127.0.0.1\r\nHost: evil.com"}),
    asked(69, 401, "key_missing", key=""),
    asked(70, 401, "key_missing", key="", path=f"{VOICES}?access_token=gv_x"),
    Row(70, 401, "key_missing", GOOD, path=f"{SPEECH}?access_token=gv_x", key=""),
    *(asked(70, 401, "key_invalid", headers={"Authorization": text}) for text in ("Bearer", "bearer  x y")),
    asked(71, 401, "token_expired", key="token expired"),
    *(
        asked(number, 401, "token_invalid", key=f"token {name}")
        for number, names in {
            71: ("early", "endless", "without end", "end in words"),
            72: (
                "alg none",
                "alg None",
                "alg nOnE",
                "alg changed",
                "public key as secret",
                "without signature",
            ),
            73: ("of another key", "kid path", "kid SQL", "jku", "x5u", "jwk"),
            74: ("for others", "from others", "of another type", "crit"),
            75: ("deep", "NUL", "surrogate"),
        }.items()
        for name in names
    ),
    asked(75, 401, "token_invalid", headers={"Authorization": "Bearer " + "a" * 10_000 + ".b.c"}),
    asked(75, 431, "", headers={"Authorization": "Bearer " + "a" * MEGABYTE + ".b.c"}),
    asked(76, 403, "ip_mismatch", key="far"),
    asked(77, 403, "ip_mismatch", key="far", headers={"X-Forwarded-For": "10.0.0.5"}),
    asked(78, 403, "ip_mismatch", key="far", headers={"X-Forwarded-For": "unknown, [::1]:443," * 300}),
    asked(80, 401, "key_invalid", key="gone"),
    said(82, 429, "quota_exceeded", "您好，请稍候", key="poor"),
    *(
        Row(86, 400, "idempotency_key_invalid", GOOD, headers={"Idempotency-Key": key})
        for key in ("a b", "a,b", "x" * 10_000, "a\r\nIdempotency-Key: b")
    ),
    Row(86, 400, "", GOOD, headers={"Idempotency-Key": "a\rb"}),
    asked(87, 400, "query_unknown", path=f"{VOICES}?filename=a%22%0d%0aX:%20y"),
    *(
        asked(89, 404, "not_found", path=path, key=key)
        for key, path in (
            ("hotline", "/api/v1/broadcasts/BC20260101-0001"),
            ("hotline", "/api/v1/broadcasts/BC20260101-0002/audio"),
            ("hotline", "/api/v1/broadcasts/%27%20OR%201=1/audio"),
            ("", f"{LINK}/{'0' * 31}1~1xUsK9~{'A' * 43}"),
            ("", f"{LINK}/{'F' * 32}~1xUsK9~{'A' * 43}"),
            ("", f"{LINK}/%27%20OR%201=1~1xUsK9~{'A' * 43}"),
        )
    ),
    *(
        asked(91, 400, "query_invalid", path=f"/api/v1/broadcasts?{query}")
        for query in ("page=-1", "page=1000000000000000000", "page_size=1000000")
    ),
    *(
        asked(91, 400, "query_unknown", path=f"/api/v1/broadcasts?{query}")
        for query in ("sort=password", "filter[__class__]=1", "date=9999-99-99")
    ),
    asked(91, 400, "query_too_long", path=f"{VOICES}?{'&'.join(f'a{number}=' for number in range(2_000))}"),
    *(
        asked(92, 400, "query_unknown", path=f"/api/v1/broadcasts?search={text}")
        for text in ("%27;DROP", "%25", "_", "%5c", "x" * 40_000)
    ),
    asked(92, 431, "", path=f"/api/v1/broadcasts?search={'x' * MEGABYTE}"),
    *(asked(108, 404, "", path=path, key="", headers=ELSEWHERE) for path in HEALTH),
    # What honest tokens look like once the clock has been put forward, or back, by an hour.
    asked(103, 401, "token_expired", key="token of an hour ago"),
    asked(103, 401, "token_invalid", key="token of an hour ahead"),
    asked(108, 401, "key_missing", path="/api/v1/schema/", key=""),
]
# That there is no such door is looked for in test_what_cannot_be_sent_yet_has_no_door.
NOT_YET = {
    **dict.fromkeys(
        (104, 105), "labels of generated sound are not made yet: no field and no setting names one"
    ),
    106: "no door takes sound: the files that staff send are pictures and tables",
    107: "there is no WebSocket and no stream: nobody answers a handshake",
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
    return happened(evidence, request_id)


def happened(evidence: psycopg.Connection, request_id: str) -> list[Any]:
    query = "SELECT action, code, status, peer_address, forwarded_for FROM audit_event WHERE request_id = %s"
    return evidence.execute(query, [request_id]).fetchall()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.number}-{row.code}")
def test_a_row_of_the_table(
    platform: Platform, cast: dict[str, str], evidence: psycopg.Connection, row: Row
) -> None:
    reply = sent(platform, row, cast)
    assert reply.status == row.status, reply
    assert not re.search(r"(?im)^x-powered-by:|^server: .*\d|django", reply.head)
    if not row.code and row.status != 200:
        return
    if row.status == 401:
        assert told(reply, "WWW-Authenticate") == 'Bearer realm="govvoice"'
    if row.code:
        assert "application/problem+json" in reply.head
        assert reply.code == row.code
    [(action, code, status, peer, forwarded)] = events(evidence, reply.head)
    assert (action, code, status) == (row.event, row.code, row.status)
    assert str(peer) == "127.0.0.1"
    assert bool(forwarded) == ("X-Forwarded-For" in row.headers)


def sent(platform: Platform, row: Row, cast: dict[str, str]) -> Reply:
    with connected(platform) as wire:
        try:
            wire.sendall(wire_bytes(platform, row, cast))
        except (BrokenPipeError, ConnectionResetError):
            assert row.status in {413, 431}, "only what is too large is refused before it has come"
        reply = read_reply(wire)
    assert reply is not None
    return reply


def test_the_client_of_the_table_is_otherwise_let_in(platform: Platform, cast: dict[str, str]) -> None:
    for key in ("hotline", "token good", "picky"):
        assert sent(platform, asked(0, 200, "", key=key), cast).status == 200
    for path in (f"{VOICES}/qinghe", *HEALTH):
        assert sent(platform, asked(0, 200, "", path=path), cast).status == 200


def test_of_the_calls_beyond_the_limit_none_passes(platform: Platform, cast: dict[str, str]) -> None:
    replies = [sent(platform, asked(81, 200, "", key="slow"), cast) for _ in range(13)]
    assert [reply.status for reply in replies] == [200] * 10 + [429] * 3
    assert all("retry-after: " in reply.head.lower() for reply in replies[10:])


@pytest.mark.abuse(79)
def test_an_ipv4_caller_in_ipv6_writing_is_who_he_is(
    platform: Platform, cast: dict[str, str], evidence: psycopg.Connection
) -> None:
    """As a proxy tells of him that listens on both: the client's list is 10.0.0.0/8."""
    hops = {"::ffff:10.0.0.5": 200, "[::ffff:10.0.0.5]:4711": 200, "::ffff:11.0.0.5": 403}
    with another_web(platform, GOVVOICE_TRUSTED_PROXIES="127.0.0.1/32") as address:
        for hop, status in hops.items():
            headers = {"Authorization": f"Bearer {cast['far']}", "X-Forwarded-For": hop}
            answer = httpx.post(
                f"{address}{READINGS}", json={"text": "您好"}, headers=headers, trust_env=False
            )
            assert answer.status_code == status
            [(action, code, _, peer, forwarded)] = happened(evidence, answer.headers["X-Request-Id"])
            wanted = ("readings.requested", "") if status == 200 else ("api.refused", "ip_mismatch")
            assert (action, code) == wanted
            assert (str(peer), forwarded) == ("127.0.0.1", hop)


@pytest.mark.abuse(26, 27)
@pytest.mark.parametrize(
    ("one", "other"), [("cafe\u0301好", "café好"), ("２０２４年", "2024年"), ("\u1112\u1161\u11ab好", "한好")]
)
def test_two_ways_to_write_a_sign_are_one_reading(
    platform: Platform, cast: dict[str, str], one: str, other: str
) -> None:
    readings = [json.loads(sent(platform, read(26, text), cast).body) for text in (one, other)]
    assert readings[0]["phrases"][0]["phones"] == readings[1]["phrases"][0]["phones"]


@pytest.mark.abuse(83, 84, 85)
def test_a_key_for_one_request_over_the_wire(
    platform: Platform, cast: dict[str, str], evidence: psycopg.Connection
) -> None:
    def ask(text: str, key: str = "hotline") -> Reply:
        return sent(platform, replace(said(83, 200, "", text, key=key), headers=HEADER), cast)

    first, again, other, elsewhere = ask("您好"), ask("您好"), ask("再见"), ask("您好", key="other")
    assert [reply.status for reply in (first, again, other, elsewhere)] == [200, 200, 409, 200]
    assert first.body == again.body
    assert told(first, "X-Speech-Id") == told(again, "X-Speech-Id") != told(elsewhere, "X-Speech-Id")
    assert other.code == "idempotency_conflict"
    counted = [len(events(evidence, reply.head)) for reply in (first, again, other, elsewhere)]
    assert counted == [1, 0, 1, 1]


@pytest.mark.abuse(90)
def test_parts_of_a_sound_over_the_wire(
    platform: Platform, cast: dict[str, str], evidence: psycopg.Connection
) -> None:
    answer = json.loads(sent(platform, said(90, 200, "", response="url"), cast).body)
    path = urlsplit(answer["url"]).path
    whole = sent(platform, asked(90, 200, "", path=path, key=""), cast).body
    last = len(whole) - 1
    parts = {"0-": (0, last), "-1": (last, last), "0-999999999999": (0, last), "10-19": (10, 19)}
    for asked_for, (begin, end) in parts.items():
        reply = ranged(platform, cast, path, f"bytes={asked_for}")
        assert (reply.status, reply.body) == (206, whole[begin : end + 1])
        assert [event[0] for event in events(evidence, reply.head)] == ["speech.fetched"]
    for asked_for in ("9-5", "-0", f"{last + 1}-", "0-0,2-2", ",".join(f"{n}-{n}" for n in range(1_000))):
        reply = ranged(platform, cast, path, f"bytes={asked_for}")
        assert (reply.status, reply.code) == (416, "range_invalid")
        assert [event[1] for event in events(evidence, reply.head)] == ["range_invalid"]


def ranged(platform: Platform, cast: dict[str, str], path: str, value: str) -> Reply:
    return sent(platform, asked(90, 206, "", path=path, key="", headers={"Range": value}), cast)


def told(reply: Reply, header: str) -> str:
    [value] = re.findall(rf"(?im)^{header}: ([^\r]*)", reply.head)
    return str(value)


@pytest.mark.abuse(96)
def test_a_form_from_elsewhere_over_the_wire(
    platform: Platform, cast: dict[str, str], evidence: psycopg.Connection
) -> None:
    form = b"username=editor&password=x"
    for kind in (FORM, "text/plain", f"{FORM}; x*=bogus''%ff"):
        row = Row(96, 403, "", form, path="/portal/login/", key="", headers={"Content-Type": kind})
        reply = sent(platform, row, cast)
        assert (reply.status, events(evidence, reply.head)[0][:3]) == (
            403,
            ("portal.refused", "csrf_invalid", 403),
        )


@pytest.mark.abuse(97)
def test_names_and_passwords_that_cheat_are_refused_alike_over_the_wire(
    platform: Platform, evidence: psycopg.Connection
) -> None:
    cheating = {"ｅｄｉｔｏｒ\u202e": "x", "' OR 1=1 --": "x", "nobody-at-all": "x" * 100_000}
    pages = set()
    for name, password in cheating.items():
        with platform.client() as browser:
            answer = log_in(browser, name, password)
        assert answer.status_code == 200
        assert [event[:2] for event in happened(evidence, answer.headers["X-Request-Id"])] == [
            ("auth.failed", "password")
        ]
        pages.add(re.sub(r'(nonce|value)="[^"]*"', "", answer.text))
    assert len(pages) == 1


@pytest.mark.abuse(98, 99)
def test_a_login_leads_home_and_its_cookie_ends_with_it_over_the_wire(platform: Platform) -> None:
    account = platform.accounts["editor"]
    with platform.client() as browser:
        browser.cookies.set("sessionid", "f" * 32, domain="127.0.0.1")  # somebody else has chosen it
        answer = log_in(browser, account["name"], account["password"], next="//evil.example/")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/portal/")
        cookie = browser.cookies["sessionid"]
        assert cookie != "f" * 32
        home = browser.get("/portal/")
        assert home.status_code == 200
        assert (
            browser.post("/portal/logout/", data={"csrfmiddlewaretoken": token_of(home)}).status_code == 200
        )
        browser.cookies.set("sessionid", cookie, domain="127.0.0.1")
        assert browser.get("/portal/").headers["Location"].startswith("/portal/login/")


def log_in(browser: httpx.Client, name: str, password: str, **more: str) -> httpx.Response:
    form = {"csrfmiddlewaretoken": token_of(browser.get("/portal/login/")), "username": name}
    return browser.post("/portal/login/", data={**form, "password": password, **more})


def token_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def test_what_cannot_be_sent_yet_has_no_door(platform: Platform, cast: dict[str, str]) -> None:
    """NOT_YET, held against what the platform itself says: who builds such a door learns to send its rows."""
    assert set(NOT_YET) == {104, 105, 106, 107}
    schema = sent(platform, asked(0, 200, "", path="/api/v1/schema/"), cast).body.decode()
    assert not re.search(r"aigc|multipart/|audio_file", schema, re.IGNORECASE)
    settings = (ROOT / "platform" / "govvoice" / "settings.py").read_text(encoding="utf-8")
    assert not re.search(r"AIGC|ASGI_APPLICATION", settings)
    assert files_taken() == {"image/png,image/jpeg", ".csv,.xlsx,.txt", ".csv,.xlsx"}
    handshake = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    for path in (VOICES, "/stream", "/ws/v1"):
        row = asked(
            107, 200, "", path=path, headers=handshake | {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
        )
        assert sent(platform, row, cast).status in {200, 404}


def files_taken() -> set[str]:
    """What each field of the portal for a file says that it takes."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "platform").rglob("*.py")]
    found = [kind for source in sources for kind in re.findall(r'"accept": "([^"]*)"', source)]
    assert len(found) == sum(source.count("FileField(") for source in sources)
    return set(found)


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
