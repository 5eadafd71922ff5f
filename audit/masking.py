"""Personal numbers hidden: telephones as 138****5678 and 0571-****6666, identity cards, bank cards."""

from __future__ import annotations

import re

_HALF_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ＋－　", "0123456789Xx+- ")

# The shortest of all has ten digits; here full-width ones count as digits too.
_ENOUGH_DIGITS = re.compile(r"\d(?:[^\w]{0,3}\d){9}")
# Letters a-f beside the digits mean a hash or a UUID, in which digits form no number.
_START, _END = r"(?<![0-9A-Fa-f])", r"(?![0-9A-Fa-f])"
_MOBILE = re.compile(_START + r"(?:(?:\+|00)?86[ -]?)?1[3-9]\d(?P<hidden>[ -]?\d{4}[ -]?)\d{4}" + _END)
# GB 11643-1999: six digits of place, the birth date, three of order, a check character; before that fifteen
# digits with a two-digit year and no check character.
_BIRTHDAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_IDENTITY = (
    re.compile(
        _START + r"\d{3}(?P<hidden>\d{3}(?:18|19|20)\d\d" + _BIRTHDAY + r")\d{3}[\dXx](?![0-9A-Za-z])"
    ),
    re.compile(_START + r"\d{3}(?P<hidden>\d{3}\d\d" + _BIRTHDAY + r")\d{3}" + _END),
)
# Area codes 010, 02x and 0xxx; a local number begins with none of 0 and 1.
_LANDLINE = re.compile(
    _START
    + r"(?:(?:\+|00)86[ -]?)?\(?0(?:10|2\d|[3-9]\d{2})\)?[ -]?(?P<hidden>[2-9]\d{2,3}[ -]?)\d{4}"
    + _END
)
# ISO/IEC 7812: 16 to 19 digits, the last by Luhn's formula; 62 is UnionPay, 4 and 5 the other two.
_CARD = re.compile(
    _START + r"(?:62|4\d|5[1-5])\d{2}[ -]?\d{2}(?P<hidden>\d{2}(?:[ -]?\d){4,7}[ -]?)\d(?:[ -]?\d){3}" + _END
)


def mask(text: str) -> str:
    """The text, as long as before, with stars inside its personal numbers (full-width digits too)."""
    if not _ENOUGH_DIGITS.search(text):
        return text  # nearly always; five patterns cost many times as much
    digits = text.translate(_HALF_WIDTH)
    for pattern in (_MOBILE, _LANDLINE, *_IDENTITY, _CARD):
        for found in pattern.finditer(digits):
            if pattern is _CARD and not _is_card(found[0]):
                continue
            start, end = found.span("hidden")
            text = text[:start] + "*" * (end - start) + text[end:]
    return text


def _is_card(number: str) -> bool:
    digits = [int(sign) for sign in number if sign.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return 16 <= len(digits) <= 19 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
