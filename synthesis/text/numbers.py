"""Digits into Chinese numbers. Everything here takes and gives plain strings."""

from __future__ import annotations

MAX_CARDINAL_DIGITS = 16
ROUND_END = ("", "万", "亿")
_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
_DIGITS_YAO = str.maketrans("0123456789", "零幺二三四五六七八九")
_MYRIAD = 10**4
_HUNDRED_MILLION = 10**8


def digits(text: str, *, yao: bool = False) -> str:
    """Read digit by digit; `yao` says 幺 for 1, as in telephone numbers. Other characters stay."""
    return text.translate(_DIGITS_YAO if yao else _DIGITS)


def cardinal(text: str, *, liang: bool = False) -> str:
    """Read a whole number: 10011 -> 一万零一十一, 15 -> 十五.

    `liang` says 两 for 2 before 千, 万 and 亿, and before a round 百 (两百, 两百万, but 二百二十).
    follow, and those with leading zeros, which are codes, are read digit by digit.
    """
    if len(text) > MAX_CARDINAL_DIGITS or (len(text) > 1 and text[0] == "0"):
        return digits(text)
    spoken = _say(int(text), liang=liang) or "零"
    if liang and spoken.startswith("二百") and spoken[2:3] in ROUND_END:
        spoken = "两" + spoken[1:]
    return spoken.removeprefix("一") if spoken.startswith("一十") else spoken


def _say(value: int, *, liang: bool) -> str:
    for size, name in ((_HUNDRED_MILLION, "亿"), (_MYRIAD, "万")):
        if value >= size:
            high, low = divmod(value, size)
            head = "两" if liang and high == 2 else _say(high, liang=liang)
            return head + name + _after(low, size, liang=liang)
    return _say_small(value, liang=liang)


def _after(low: int, size: int, *, liang: bool) -> str:
    """What follows 万 or 亿: a gap of zeros is said as one 零."""
    if low == 0:
        return ""
    return ("零" if low < size // 10 else "") + _say(low, liang=liang)


def _say_small(value: int, *, liang: bool) -> str:
    """0 < value < 10000; zero is the empty string."""
    spoken = ""
    gap = False
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, size)
        if digit == 0:
            gap = bool(spoken)
            continue
        two = "两" if liang and digit == 2 and size == 1000 else digits(str(digit))
        spoken += ("零" if gap else "") + two + name
        gap = False
    return spoken


def number(text: str, *, liang: bool = False) -> str:
    """Read a number as written: thousands commas are left out, a decimal point is 点.

    `liang` as in `cardinal`; a lone 2 stays 二, since only what is counted makes it 两.
    """
    whole, point, fraction = text.replace(",", "").partition(".")
    spoken = cardinal(whole or "0", liang=liang and not point)
    return spoken + ("点" + digits(fraction) if fraction else "")


def without_trailing_zeros(text: str) -> str:
    """36.00 -> 36, 1.50 -> 1.5: how money is said."""
    return text.rstrip("0").rstrip(".") if "." in text else text
