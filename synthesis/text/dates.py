"""Dates, years and times of day. What is none (2025-02-30, 25:61) is left to the rules of plain numbers."""

from __future__ import annotations

from datetime import date

from synthesis.text.matching import Match, Rule, after, before, piece, pieces, rule
from synthesis.text.numbers import cardinal, digits
from synthesis.text.tokens import Kind, Piece
from synthesis.text.units import COUNTED_BY

_LEAP_YEAR = 2000
_LONGEST_SPAN = 60  # years that 2023-2025 may be apart
_COUNTS = COUNTED_BY - set("年级届")
_SCORE_WORDS = ("比分", "战胜", "爆冷", "击败", "战平", "负于", "不敌", "取胜", "比例", "配比", "按")


def _ordinal(text: str) -> str:
    return cardinal(text.lstrip("0") or "0")


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _year(match: Match) -> Piece:
    return piece(Kind.DIGITS, digits(match["year"]) + "年", match, "year")


def _written_month(match: Match) -> Piece:
    return piece(Kind.DIGITS, _ordinal(match["month"]) + "月", match, "monthly")


def _month(match: Match) -> Piece:
    return piece(Kind.DIGITS, _ordinal(match["month"]) + "月", match, "month")


def _day(match: Match) -> Piece:
    return piece(Kind.DIGITS, _ordinal(match["day"]) + "日", match, "day")


def _full_date(match: Match) -> list[Piece] | None:
    if not _is_date(match["year"], match["month"], match["day"]):
        return None
    return _in_our_order(match, [_year(match), _month(match), _day(match)])


def _years(match: Match) -> list[Piece] | None:
    """2023-2025 where nothing is counted: years, not an amount."""
    first, last = int(match["from"]), int(match["year"])
    follower = after(match, 1)
    if not first < last <= first + _LONGEST_SPAN or (follower in _COUNTS and follower):
        return None
    return [
        piece(Kind.DIGITS, digits(match["from"]), match, "from"),
        piece(Kind.HAN, "到", match, "dash"),
        piece(Kind.DIGITS, digits(match["year"]), match, "year"),
    ]


def _year_month(match: Match) -> list[Piece] | None:
    if not _is_date(match["year"], match["month"], "1"):
        return None
    return _in_our_order(match, [_year(match), _month(match)])


def _in_our_order(match: Match, parts: list[Piece]) -> list[Piece]:
    """Where the year is written last it is still said first, and the whole stands for the whole."""
    if match.start("year") < match.start("month"):
        return parts
    return [piece(Kind.DIGITS, "".join(part.spoken for part in parts), match)]


def _month_day(match: Match) -> list[Piece] | None:
    if not _is_date(str(_LEAP_YEAR), match["month"], match["day"]):
        return None
    return [_month(match), _day(match)]


def _written_month_day(match: Match) -> list[Piece]:
    """5月2日, 5月1-3日: months and days are numbered, so 2 is 二."""
    return pieces(
        _written_month(match),
        piece(Kind.DIGITS, _ordinal(match["first"] or "0") if match["first"] else "", match, "first"),
        piece(Kind.HAN, "到" if match["first"] else "", match, "dash"),
        piece(Kind.DIGITS, _ordinal(match["day"]) + match["mark"] if match["day"] else "", match, "last"),
    )


def _written_year(match: Match) -> list[Piece]:
    return pieces(
        piece(Kind.DIGITS, digits(match["from"] or ""), match, "from"),
        piece(Kind.HAN, "到" if match["from"] else "", match, "dash"),
        piece(Kind.DIGITS, digits(match["year"]) + match["mark"], match, "whole"),
    )


def _clock(hour: str, minute: str, second: str | None) -> str:
    hours = "两" if int(hour) == 2 and len(hour) == 1 else _ordinal(hour)
    minutes = "" if int(minute) == 0 and not second else _sixtieth(minute) + "分"
    return hours + "点" + minutes + (_sixtieth(second) + "秒" if second else "")


def _sixtieth(text: str) -> str:
    return "零" + cardinal(text[1]) if text[0] == "0" and text != "00" else _ordinal(text)


def _time(match: Match) -> list[Piece] | None:
    hour, minute, second = match["hour"], match["minute"], match["second"]
    if int(hour) > 24 or int(minute) > 59 or int(second or 0) > 59:
        return None
    if not second and any(word in before(match) for word in _SCORE_WORDS):
        return None
    half = {"a": "上午", "p": "下午"}.get((match["half"] or "")[:1].lower(), "")
    return [piece(Kind.NUMBER, half + _clock(hour, minute, second), match)]


_UNITS_OF_TIME = (("hours", "小时"), ("minutes", "分钟"), ("seconds", "秒"))


def _duration(match: Match) -> list[Piece]:
    """3h30min; between hours and minutes nothing is said."""
    parts = match.groupdict()
    last = "seconds" if "seconds" in parts else "minutes"
    spoken = ""
    for group, name in _UNITS_OF_TIME:
        if group in parts:
            count = "两" if parts[group] == "2" and group != "seconds" else cardinal(parts[group])
            spoken += count + (name if group == last or name == "小时" else "分")
    return [piece(Kind.NUMBER, spoken, match)]


_DATE_END = r"(?!\d|[-/.]\d)"
_NOT_COUNTED = r"(?!\s?(?:%|元|万|亿|倍|米|度|°|分|公|千|平|立|吨|[A-Za-z]))"
DATE_RULES: tuple[Rule, ...] = (
    rule(rf"(?P<year>\d{{4}})([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}}){_DATE_END}", _full_date),
    rule(rf"(?P<month>\d{{2}})([-/.])(?P<day>\d{{2}})\2(?P<year>\d{{4}}){_DATE_END}", _full_date),
    rule(rf"(?P<year>(?:19|20)\d\d)[-/.](?P<month>0\d|1[0-2]){_DATE_END}{_NOT_COUNTED}", _year_month),
    rule(rf"(?P<month>0\d|1[0-2])[-/.](?P<year>(?:19|20)\d\d){_DATE_END}{_NOT_COUNTED}", _year_month),
    rule(rf"(?P<month>0\d)[-/.](?P<day>[0-3]\d){_DATE_END}{_NOT_COUNTED}", _month_day),
    rule(rf"(?P<year>(?:19|20)\d\d)-(?P<month>[1-9]){_DATE_END}(?![号期]){_NOT_COUNTED}", _year_month),
    rule(
        r"(?:(?P<from>[12]\d{3})(?P<dash>\s?[-~–—至到/]\s?))?(?P<whole>(?P<year>[12]\d{3})(?P<mark>学?年))"
        r"(?!历史|多|余|以上|左右)",
        _written_year,
    ),
    rule(
        r"(?P<from>\d{2})?(?P<dash>)(?P<whole>(?P<year>\d{2})(?P<mark>年))(?=\s?\d{1,2}月|级|底|初(?![步次始级中])|出生|毕业|入学|入伍)",
        _written_year,
    ),
    rule(
        r"(?P<from>(?:19|20)\d\d)(?P<dash>\s?[-~–—]\s?)(?P<year>(?:19|20)\d\d)(?!\d|[-/.,%]\d|\s?[%A-Za-z])",
        _years,
    ),
    rule(
        r"(?<=[于自从至到])(?P<month>1[0-2]|[1-9])\.(?P<day>[12]\d|3[01]|[1-9])"
        r"(?=起|前|后|止|之前|之后|上午|下午|晚|早|召开|举行|开始|举办|放假|截止|至|到|-)",
        _month_day,
    ),
    rule(r"(?P<hours>\d{1,3})\s?[hH]\s?(?P<minutes>\d{1,2})\s?(?:min|m|′)(?![A-Za-z0-9/²³])", _duration),
    rule(
        r"(?P<minutes>\d{1,3})\s?(?:min|m|′)\s?(?P<seconds>\d{1,2})\s?(?:s|″|′′)(?![A-Za-z0-9/])", _duration
    ),
    rule(
        r"(?P<monthly>(?P<month>\d{1,2})月)(?:\s?(?:(?P<first>\d{1,2})(?P<dash>[-~–—至到]))?"
        r"(?P<last>(?P<day>\d{1,2})(?P<mark>[日号])))?",
        _written_month_day,
    ),
    rule(
        r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?!\d|:\d)"
        r"(?:\s?(?P<half>[aApP][mM]|[aApP]\.[mM]\.)(?![A-Za-z]))?",
        _time,
    ),
)
