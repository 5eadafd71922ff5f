"""The canonical form, byte for byte as RFC 8785 asks."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from audit.canonical import (
    SEALED_FROM,
    canonical,
    event_bytes,
    personal_fields,
    row_bytes,
    sealed_fields,
)
from audit.models import Event
from audit.parties import Actor, Origin
from tests.audit.cast import committed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # Numbers: samples of RFC 8785 appendix B.
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-1.7976931348623157e308, "-1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (1e21, "1e+21"),
        (999999999999999900000.0, "999999999999999900000"),
        (333333333.3333332, "333333333.3333332"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (1e-7, "1e-7"),
        (0.000001, "0.000001"),
        (1424953923781206.2, "1424953923781206.2"),
        (1.0, "1"),
        (True, "true"),
        (None, "null"),
        # Section 3.2.2 and 3.2.3: escapes, and names in the order of UTF-16 code units.
        ('\u20ac$\x0f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        ({"\ufb33": 1, "😀": 2, "€": 3, "1": 4, "\r": 5}, '{"\\r":5,"1":4,"€":3,"😀":2,"\ufb33":1}'),
        ({"b": [1, {"z": [], "a": {}}], "a": "张三"}, '{"a":"张三","b":[1,{"a":{},"z":[]}]}'),
    ],
)
def test_one_value_one_form(value: Any, text: str) -> None:
    assert canonical(value).decode() == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal(1), b"", object()])
def test_what_json_has_not_has_no_form(value: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="no canonical form"):
        canonical(value)


@pytest.mark.django_db
def test_an_event_reads_back_to_the_bytes_it_is_sealed_with() -> None:
    event = Event.objects.get(
        id=committed(
            "speech.requested",
            actor=Actor(kind="client", id="hotline", name="12345 热线", organisation="市中心"),
            origin=Origin(address="10.1.2.3", auth_method="api_key", session="0" * 32),
            target=None,
            details={"rate": 1.50, "b": [2.0, 0.1], "a": "字"},
        ).id
    )
    personal = (
        '{"actor_name":"12345 热线","address":"10.1.2.3","details":{"a":"字","b":[2,0.1],"rate":1.5},'
        '"forwarded_for":"","object_name":"","peer_address":null,'
        f'"salt":"{event.salt}","session":"{"0" * 32}","text_sha256":"","user_agent":""}}'
    ).encode()
    assert event_bytes(event).decode() == (
        '{"action":"speech.requested","actor_id":"hotline","actor_kind":"client","actor_role":"",'
        f'"at":"{event.at:%Y-%m-%dT%H:%M:%S.%fZ}","auth_method":"api_key","characters":null,"code":"",'
        f'"id":{event.id},"object_id":"","object_type":"","organisation":"市中心","outcome":"succeeded",'
        f'"personal":{{"sha256":"{hashlib.sha256(personal).hexdigest()}",'
        f'"sm3":"{hashlib.new("sm3", personal).hexdigest()}"}},'
        f'"request_id":"","schema":2,"sealed_sha256":"","status":null,"xid":{event.xid}}}'
    )


@pytest.mark.django_db
def test_its_values_alone_yield_the_same_bytes() -> None:
    """As the sealer reads them."""
    event = committed(details={"rate": 1.5, "字": [None, True]}, text="今日停水", status=200)
    [row] = Event.objects.values(*SEALED_FROM)
    assert "sealed_text" not in row
    assert row_bytes(row) == event_bytes(Event.objects.get()) == event_bytes(event)


def test_an_event_of_schema_1_keeps_the_bytes_it_was_sealed_with() -> None:
    at = datetime(2026, 11, 21, 1, 2, 3, 4, tzinfo=UTC)
    event = Event(id=7, xid=9, schema=1, at=at, action="auth.login", outcome="succeeded", actor_kind="system")
    assert event_bytes(event).decode() == (
        '{"action":"auth.login","actor_id":"","actor_kind":"system","actor_name":"","actor_role":"",'
        '"address":null,"at":"2026-11-21T01:02:03.000004Z","characters":null,"code":"","details":{},'
        '"forwarded_for":"","id":7,"object_id":"","object_name":"","object_type":"","organisation":"",'
        '"outcome":"succeeded","peer_address":null,"request_id":"","schema":1,"status":null,'
        '"text_sha256":"","user_agent":"","xid":9}'
    )


def test_every_column_is_sealed() -> None:
    """A column added without a new schema would not be part of the evidence; a text's hash stands for it."""
    event = Event(id=1, xid=1, at=datetime(2026, 11, 21, tzinfo=UTC), salt=UUID(int=1))
    sealed = (set(sealed_fields(event)) | set(personal_fields(event))) - {"personal"} | {"sealed_text"}
    assert sealed == {field.name for field in Event._meta.fields}


def test_two_alike_look_different_behind_their_salts() -> None:
    """Whoever guesses an address right cannot see it in the hashes of a redacted copy."""
    at = datetime(2026, 11, 21, tzinfo=UTC)
    one, other = (Event(id=1, xid=1, at=at, address="10.1.2.3", salt=UUID(int=salt)) for salt in (1, 2))
    assert sealed_fields(one)["personal"] != sealed_fields(other)["personal"]
