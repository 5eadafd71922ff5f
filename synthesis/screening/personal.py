"""Personal data in a text of plain characters (digits folded): spans of what passes its own check digits.

Identity cards: GB 11643-1999, check digit by ISO 7064 MOD 11-2. Bank cards: ISO/IEC 7812-1, Luhn. Mobile
numbers: 11 digits from 13 to 19, as the national numbering plan has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

Span = tuple[int, int]
_PART = r"[ \-.·]?"  # how people group digits
_PROVINCES = frozenset(
    [
        *range(11, 16),
        *range(21, 24),
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        71,
        81,
        82,
        83,
    ]
)
_WEIGHTS = tuple(2**place % 11 for place in range(17, 0, -1))
_CHECKS = "10x98765432"

_IDENTITY = re.compile(rf"(?<!\d)[1-8](?:{_PART}\d){{16}}{_PART}[\dx](?!\d)")
_BANK = re.compile(rf"(?<!\d)[3-6](?:{_PART}\d){{15,18}}(?!\d)")
_MOBILE = re.compile(rf"(?<!\d)(?:\+?86{_PART})?1{_PART}[3-9](?:{_PART}\d){{9}}(?!\d)")
_HAN = "[\u4e00-\u9fff]"
# A home is told to its door: road and number are any office's too.
_ADDRESS = re.compile(
    rf"{_HAN}{{2,12}}?(?:路|街|巷|弄|道|胡同|村|小区|花园|家园|公寓|新村|苑|里|坊)(?:\d{{1,5}}[号弄])?(?:{_HAN}{{2,10}}?)?"
    r"(?:\d{1,4}(?:号楼|栋|幢|座|楼))(?:\d{1,2}单元)?\d{1,5}(?:室|号|户)"
)


def identity_cards(text: str) -> Iterator[Span]:
    for match in _IDENTITY.finditer(text):
        number = _bare(match[0])
        if int(number[:2]) in _PROVINCES and _is_date(number[6:14]) and _identity_check(number) == number[17]:
            yield match.span()


def bank_cards(text: str) -> Iterator[Span]:
    return (match.span() for match in _BANK.finditer(text) if _luhn(_bare(match[0])))


def mobiles(text: str) -> Iterator[Span]:
    return (match.span() for match in _MOBILE.finditer(text))


def addresses(text: str) -> Iterator[Span]:
    return (match.span() for match in _ADDRESS.finditer(text))


def _bare(written: str) -> str:
    return "".join(char for char in written if char.isalnum())


def _is_date(digits: str) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return born.year >= 1880


def _identity_check(number: str) -> str:
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11]


def _luhn(number: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
