"""Personal numbers hidden: mobile numbers as 138****5678, identity numbers as 110***********1234."""

from __future__ import annotations

import re

_HALF_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ＋－　", "0123456789Xx+- ")

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


def mask(text: str) -> str:
    """The text, as long as before, with stars inside its mobile and identity numbers (full-width too)."""
    digits = text.translate(_HALF_WIDTH)
    for pattern in (_MOBILE, *_IDENTITY):
        for found in pattern.finditer(digits):
            start, end = found.span("hidden")
            text = text[:start] + "*" * (end - start) + text[end:]
    return text
