"""What is no JSON object in UTF-8 is refused before anybody looks at its fields."""

from __future__ import annotations

import json
import time

import pytest

from govvoice.api.json_text import MAX_DEPTH, MAX_KEYS, parse_object
from govvoice.api.refusals import Refusal
from tests.api.cast import Hotline, assert_refused

pytestmark = pytest.mark.django_db

GOOD = '{"text":"您好"}'.encode()


def nested(depth: int) -> bytes:
    return b'{"text":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"", "body_empty", id="nothing"),
        pytest.param(b" \n\t", "body_empty", id="only space"),
        pytest.param(b'{"text":"\xff\xfe"}', "encoding_invalid", id="no UTF-8"),
        pytest.param(b'{"text":"\xc0\xaf"}', "encoding_invalid", id="overlong"),
        pytest.param(b'{"text":"\xe4\xb8"}', "encoding_invalid", id="cut off"),
        pytest.param('{"text":"您好"}'.encode("utf-16"), "encoding_invalid", id="UTF-16"),
        pytest.param('{"text":"ab"}'.encode("utf-16-le"), "encoding_invalid", id="UTF-16 without a mark"),
        pytest.param('{"text":"您好"}'.encode("gbk"), "encoding_invalid", id="GBK"),
        pytest.param(b"\xef\xbb\xbf" + GOOD, "encoding_invalid", id="byte order mark"),
        pytest.param(b"[]", "json_not_object", id="list"),
        pytest.param(b'"x"', "json_not_object", id="string"),
        pytest.param(b"1", "json_not_object", id="number"),
        pytest.param(b"null", "json_not_object", id="null"),
        pytest.param(b'{"text":"a","text":"b"}', "json_duplicate_key", id="key twice"),
        pytest.param(b'{"text":"a","\\u0074ext":"b"}', "json_duplicate_key", id="key twice, once escaped"),
        pytest.param(GOOD + b"x", "json_invalid", id="junk behind"),
        pytest.param(b'{"text":"a"} // why', "json_invalid", id="comment"),
        pytest.param(b"{'text':'a'}", "json_invalid", id="single quotes"),
        pytest.param(b'{"text":"a",}', "json_invalid", id="comma at the end"),
        pytest.param(b'{"text":"a', "json_invalid", id="string without end"),
        pytest.param(b'{"text":"a\nb"}', "json_invalid", id="raw line break in a string"),
        pytest.param(b'{"text":"\\x41"}', "json_invalid", id="unknown escape"),
        pytest.param(b"text=a", "json_invalid", id="form in JSON's clothes"),
        pytest.param(nested(17), "json_too_deep", id="17 deep"),
        pytest.param(nested(2_000), "json_too_deep", id="2,000 deep"),
        pytest.param(b"[" * 60_000, "json_too_deep", id="60,000 open"),
        pytest.param(b'{"a":' * 10_000, "json_too_deep", id="10,000 objects"),
        pytest.param(
            b"{%s}" % b",".join(b'"%d":1' % number for number in range(5_000)),
            "json_too_many_keys",
            id="5,000 keys",
        ),
        pytest.param(b'{"rate":NaN}', "number_not_finite", id="NaN"),
        pytest.param(b'{"rate":-Infinity}', "number_not_finite", id="Infinity"),
        pytest.param(b'{"rate":1e999}', "number_out_of_range", id="1e999"),
        pytest.param(b'{"rate":' + b"9" * 5_000 + b"}", "number_too_long", id="5,000 digits"),
        pytest.param(b'{"rate":' + b"9" * 33 + b"}", "number_too_long", id="33 digits"),
    ],
)
def test_what_is_no_json_object_is_refused(hotline: Hotline, body: bytes, code: str) -> None:
    assert_refused(hotline.post(body), 400, code)


def test_broken_json_is_told_with_its_line_and_column(hotline: Hotline) -> None:
    problem = assert_refused(hotline.post(b'{"text":\n  oops}'), 400, "json_invalid")
    assert "第 2 行第 3 列" in problem["detail"]


@pytest.mark.parametrize("size", [64 * 1024 + 1, 10 * 1024 * 1024])
def test_a_body_beyond_the_limit_is_refused_unread(hotline: Hotline, size: int) -> None:
    assert_refused(hotline.post(b'{"text":"' + b"a" * size + b'"}'), 413, "body_too_large")


@pytest.mark.parametrize("text", ["(" * 60_000, "((a|a)*)*" * 6_000, '"' * 30_000])
def test_the_largest_bodies_are_judged_at_once(hotline: Hotline, text: str) -> None:
    begun = time.process_time()
    assert_refused(hotline.say(text), 422, "text_too_long")
    # Not a speed limit: a quadratic scan of this text would take minutes.
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/json5",
        "*/*",
        "application/*",
    ],
)
def test_only_json_is_taken(hotline: Hotline, content_type: str) -> None:
    assert_refused(hotline.post(b"text=a", content_type=content_type), 415, "media_type_unsupported")


@pytest.mark.parametrize("charset", ["bogus", "utf-7", "gbk", "utf-16", '"latin-1"'])
def test_only_utf8_is_taken(hotline: Hotline, charset: str) -> None:
    response = hotline.post(GOOD, content_type=f"application/json; charset={charset}")
    assert_refused(response, 415, "charset_unsupported")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "bogus", "gzip, identity"])
def test_packed_bodies_are_not_unpacked(hotline: Hotline, encoding: str) -> None:
    response = hotline.post(b"\x1f\x8b" + b"0" * 100, Content_Encoding=encoding)
    assert_refused(response, 415, "content_encoding_unsupported")


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("charset", ["", "; charset=utf-8", '; charset="UTF-8"', ";charset=utf8"])
def test_utf8_by_any_of_its_names_is_taken(hotline: Hotline, charset: str) -> None:
    assert hotline.post(GOOD, content_type=f"application/json{charset}").status_code == 200


def test_depth_and_keys_are_taken_up_to_their_limits() -> None:
    assert parse_object(nested(MAX_DEPTH))
    assert len(parse_object(json.dumps(dict.fromkeys(map(str, range(MAX_KEYS)))).encode())) == MAX_KEYS


def test_brackets_inside_strings_are_text() -> None:
    text = '[{"' * 100 + "\\"
    assert parse_object(json.dumps({"text": text}).encode()) == {"text": text}


def test_numbers_keep_their_value_to_the_last_digit() -> None:
    assert parse_object(b'{"a": -' + b"9" * 32 + b', "b": 0.1}') == {"a": -(10**32 - 1), "b": 0.1}


def test_a_callers_key_cannot_act_on_the_screen_that_shows_it() -> None:
    with pytest.raises(Refusal) as caught:
        parse_object(b'{"\\u001b[2J\\u202e": 1, "\\u001b[2J\\u202e": 2}')
    assert "\x1b" not in caught.value.problem.detail
    assert "\u202e" not in caught.value.problem.detail
