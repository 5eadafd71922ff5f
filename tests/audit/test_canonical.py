"""The canonical form, byte for byte as RFC 8785 asks."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from audit.canonical import canonical, event_bytes
from audit.models import Event
from audit.parties import ANONYMOUS
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
            actor=ANONYMOUS,
            origin=None,
            target=None,
            text="您好",
            details={"rate": 1.50, "b": [2.0, 0.1], "a": "字"},
        ).id
    )
    assert event_bytes(event).decode() == (
        '{"action":"speech.requested","actor_id":"","actor_kind":"anonymous","actor_name":"","actor_role":"",'
        f'"address":null,"at":"{event.at:%Y-%m-%dT%H:%M:%S.%fZ}","characters":2,"code":"",'
        f'"details":{{"a":"字","b":[2,0.1],"rate":1.5}},"forwarded_for":"","id":{event.id},"object_id":"",'
        '"object_name":"","object_type":"","organisation":"","outcome":"succeeded","peer_address":null,'
        '"request_id":"","schema":1,"status":null,'
        '"text_sha256":"609bc0751d56eb467961e2bc6f798f7d44627696248e52315e1d6d091bdf502a",'
        f'"user_agent":"","xid":{event.xid}}}'
    )


def test_every_column_is_sealed() -> None:
    """A column added without a new schema would not be part of the evidence."""
    event = Event(id=1, xid=1, at=datetime(2026, 11, 21, tzinfo=UTC))
    assert set(json.loads(event_bytes(event))) == {field.name for field in Event._meta.fields}
