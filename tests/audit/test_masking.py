"""Personal numbers stand in no list, page or export as they are; what only looks like one stays."""

from __future__ import annotations

import pytest

from audit.masking import mask
from tests.audit.cast import committed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请拨 13812345678 找我", "请拨 138****5678 找我"),
        ("+86 138-1234-5678", "+86 138******5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("0571-88886666", "0571-****6666"),
        ("(010) 62345678转8001", "(010) ****5678转8001"),
        ("02166668888", "021****8888"),
        ("0371 6666 888", "0371 6666 888"),  # ten digits: too short for a number there
        ("110101199003071234", "110***********1234"),
        ("11010119900307123x", "110***********123x"),
        ("110101900307123", "110*********123"),
        ("6222021234567890128", "622202*********0128"),
        ("卡号 6222 0212 3456 7890 128", "卡号 6222 02***********0 128"),
        ("4111111111111111", "411111******1111"),
    ],
)
def test_a_number_of_a_person_is_hidden(text: str, shown: str) -> None:
    assert len(mask(text)) == len(text)
    if shown != text:
        assert mask(text) != text
    assert mask(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "6222021234567890129",  # the check digit is wrong
        "4111111111111112",
        "12345",
        "热线 12345，编号 BC20261121-0001",
        "2026-11-21 09:05:00.000001",
        "5e8f13812345678abc",  # inside a hash
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0.0.0",
        "10.1.2.3, 192.168.100.200",
        "9007199254740993",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert mask(text) == text


@pytest.mark.django_db
def test_details_are_masked_before_they_are_written() -> None:
    event = committed(details={"note": "卡 4111111111111111，电话 0571-88886666"})
    assert event.details == {"note": "卡 411111******1111，电话 0571-****6666"}
