"""Numbers that count or measure: money, percentages, units, fractions, ratios, ordinals and plain numbers."""

from __future__ import annotations

import re

from synthesis.text.matching import DASH, NUMBER, Match, Rule, after, before, piece, rule
from synthesis.text.numbers import digits, number, without_trailing_zeros
from synthesis.text.tokens import Kind, Piece
from synthesis.text.units import AMBIGUOUS_UNITS, COUNTED_BY, CURRENCIES, TWO_IS_LIANG, UNITS

_MAGNITUDE = r"(?:\s?(?P<magnitude>万亿|千万|百万|亿|万|千|百))?"
_BELOW_ZERO = re.compile(r"(?:气温|温度|体温|水温|低温|高温)")
_TEAM = re.compile(
    r"(?:队|比分[为是]?|爆冷|战成|中国|日本|韩国|朝鲜|伊朗|美国|巴西|德国|法国|英国|英格兰|西班牙|意大利|阿根廷|荷兰|葡萄牙|俄罗斯|澳大利亚|泰国|越南|泰山|国安|申花|鲁能|恒大|国足|女足|男足|女排|男排|"
    r"皇马|巴萨|马竞|曼联|曼城|切尔西|阿森纳|利物浦|热刺|拜仁|多特蒙德|尤文图斯|国际米兰|AC米兰|那不勒斯|拉齐奥|大巴黎)"
    r"[\s以]*$"
)
_OUTCOME = re.compile(
    r"\s?(?:战胜|击败|大胜|小胜|力克|完胜|险胜|取胜|获胜|逆转|不敌|负于|告负|战平|打平|领先|落后|输给|憾负)"
)
_RANGE_THEN = re.compile(rf"(?:{DASH})\d{{1,4}}([\u4e00-\u9fff])")


# 2期工程 is the second; 2期 alone are two.
_PHASES = ("期工程", "期项目", "期建设", "期改造", "期用地")


def counted(text: str, following: str) -> str:
    """Read a number before what it counts: 2 before a classifier is 两."""
    if text == "2" and following.startswith(_PHASES):
        return "二"
    if text == "2" and (following.startswith(TWO_IS_LIANG) or _two_in_range(following)):
        return "两"
    return number(text, liang=True)


def _two_in_range(following: str) -> bool:
    match = _RANGE_THEN.match(following)
    return match is not None and match[1] in TWO_IS_LIANG


def _money(match: Match) -> list[Piece]:
    """¥5万 is said with the currency last, whatever the order on paper."""
    amount = without_trailing_zeros(match["number"])
    magnitude = match["magnitude"] or ""
    currency = CURRENCIES[match["currency"]]
    return [piece(Kind.NUMBER, counted(amount, magnitude or currency) + magnitude + currency, match)]


def _yuan(match: Match) -> list[Piece]:
    amount = without_trailing_zeros(match["number"])
    return [piece(Kind.NUMBER, counted(amount, after(match)), match)]


def _percent(match: Match) -> list[Piece]:
    name = "百分之" if match["sign"] == "%" else "千分之"
    again = name if match["again"] else ""
    second = "到" + again + number(match["second"]) if match["second"] else ""
    return [piece(Kind.NUMBER, name + number(match["number"]) + second, match)]


def _measure(match: Match) -> list[Piece] | None:
    unit = match["unit"]
    if unit in AMBIGUOUS_UNITS:
        return None
    magnitude = match["magnitude"] or ""
    spoken = counted(match["number"], magnitude or UNITS[unit]) + magnitude
    if unit == "km/h":
        return [piece(Kind.NUMBER, "每小时" + spoken + "公里", match)]
    return [piece(Kind.NUMBER, spoken, match, "amount"), piece(Kind.HAN, UNITS[unit], match, "unit")]


def _fraction(match: Match) -> list[Piece] | None:
    top, bottom = match["top"], match["bottom"]
    if int(bottom) == 0 or top.startswith("0"):
        return None
    return [piece(Kind.NUMBER, number(bottom) + "分之" + number(top), match)]


def _ratio(match: Match) -> list[Piece]:
    return [
        piece(Kind.NUMBER, number(match["first"]), match, "first"),
        piece(Kind.HAN, "比", match, "colon"),
        piece(Kind.NUMBER, number(match["second"]), match, "second"),
    ]


def _ordinal(match: Match) -> list[Piece]:
    return [piece(Kind.DIGITS, "第" + number(match["number"]), match)]


def _negative(match: Match) -> list[Piece]:
    """-5℃ is below zero; other numbers are negative."""
    cold = match["degrees"] or (match["plain"] and _BELOW_ZERO.search(before(match)))
    return [piece(Kind.HAN, "零下" if cold else "负", match, "sign")]


def _sure(match: Match) -> list[Piece]:
    return [piece(Kind.HAN, "正", match)]


def _around(match: Match) -> list[Piece]:
    return [piece(Kind.HAN, "约", match)]


def _times(match: Match) -> list[Piece]:
    return [piece(Kind.HAN, "乘", match)]


def _per_unit(match: Match) -> list[Piece]:
    return [piece(Kind.HAN, "每" + UNITS[match["unit"]], match)]


def _angle(match: Match) -> list[Piece]:
    """36°40′12″"""
    spoken = number(match["degrees"]) + "度" + number(match["minutes"]) + "分"
    if match["seconds"]:
        spoken += number(match["seconds"]) + "秒"
    return [piece(Kind.NUMBER, spoken, match)]


def _pressure(match: Match) -> list[Piece]:
    """120/80mmHg: two readings, no fraction."""
    return [
        piece(Kind.NUMBER, number(match["high"]), match, "high"),
        piece(Kind.HAN, "杠", match, "slash"),
        piece(Kind.NUMBER, number(match["low"]), match, "low"),
        piece(Kind.HAN, UNITS["mmHg"], match, "unit"),
    ]


def _score(match: Match) -> list[Piece] | None:
    """3-1 between teams, or before a word of winning."""
    if not (_TEAM.search(before(match)) or _OUTCOME.match(after(match))):
        return None
    return _ratio(match)


def _slash_score(match: Match) -> list[Piece] | None:
    """2/2 behind a team's name."""
    return _ratio(match) if _TEAM.search(before(match)) else None


def _minus(match: Match) -> list[Piece]:
    """5-3=2"""
    return [
        piece(Kind.NUMBER, number(match["first"]), match, "first"),
        piece(Kind.HAN, "减", match, "minus"),
        piece(Kind.NUMBER, number(match["second"]), match, "second"),
    ]


def _height(match: Match) -> list[Piece] | None:
    """1米75: the centimetres digit by digit."""
    if after(match, 1) in COUNTED_BY and after(match, 1):
        return None
    return [piece(Kind.DIGITS, digits(match[0]), match)]


def _rooms(match: Match) -> list[Piece]:
    """2室1厅"""
    return [piece(Kind.NUMBER, counted(match[0], "间"), match)]


def _raised(match: Match) -> list[Piece]:
    """10^3"""
    return [piece(Kind.HAN, "的" + number(match["power"]) + "次方", match)]


def _span(match: Match) -> list[Piece]:
    return [piece(Kind.HAN, "到", match)]


def _per(match: Match) -> list[Piece]:
    return [piece(Kind.HAN, "每", match)]


def _power(match: Match) -> list[Piece]:
    value = match[0].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))
    return [piece(Kind.HAN, {"2": "平方", "3": "立方"}.get(value, "的" + number(value) + "次方"), match)]


def _plain(match: Match) -> list[Piece]:
    """Any number: ahead of 后, 几, 多 and the like it stays a quantity; a fraction is digits after 点."""
    if len(match[0]) > 1 and match[0][0] == "0" and "." not in match[0]:
        return [piece(Kind.DIGITS, digits(match[0].replace(",", "")), match)]
    return [piece(Kind.NUMBER, counted(match[0], after(match)), match)]


def _digit_by_digit(match: Match) -> list[Piece]:
    return [piece(Kind.DIGITS, digits(match[0]), match)]


def _bare_fraction(match: Match) -> list[Piece]:
    """.22 is a number without its zero."""
    return [piece(Kind.NUMBER, "零点" + digits(match[0][1:]), match)]


_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_CURRENCY = "|".join(re.escape(currency) for currency in sorted(CURRENCIES, key=len, reverse=True))

MONEY_RULES: tuple[Rule, ...] = (
    rule(rf"(?P<currency>{_CURRENCY})\s?(?P<number>{NUMBER}){_MAGNITUDE}(?:\s?元)?", _money),
)
QUANTITY_RULES: tuple[Rule, ...] = (
    rule(
        r"(?P<degrees>\d{1,3})°(?P<minutes>\d{1,2})′(?:(?P<seconds>\d{1,2}(?:\.\d{1,3})?)(?:″|′′))?", _angle
    ),
    rule(r"(?P<high>\d{2,3})(?P<slash>/)(?P<low>\d{2,3})\s?(?P<unit>mmHg)(?![A-Za-z])", _pressure),
    rule(
        r"(?P<first>\d{1,3})\s?(?P<colon>-)\s?(?P<second>\d{1,3})(?!\d|[-.:%]|\s?[年月日号个人天次位名件元级点时岁米万分秒小周度吨])",
        _score,
    ),
    rule(r"(?P<first>\d{1,3})\s?(?P<colon>/)\s?(?P<second>\d{1,3})(?![\d/])", _slash_score),
    rule(rf"(?P<first>{NUMBER})\s?(?P<minus>[-−])\s?(?P<second>{NUMBER})(?=\s?=)", _minus),
    rule(r"(?<=(?<![\d.])[12]米)\d{2}(?![\d.%])", _height),
    rule(r"\d(?=室\d厅)", _rooms),
    rule(rf"(?P<number>{NUMBER})(?P<again>\s?[%‰])?[-~–—](?P<second>{NUMBER})\s?(?P<sign>[%‰])", _percent),
    rule(rf"(?P<number>{NUMBER})(?P<again>)(?P<second>)\s?(?P<sign>[%‰])", _percent),
    rule(rf"(?P<number>{NUMBER})(?=\s?(?:万亿|亿|万|千|百)?元)", _yuan),
    rule(rf"(?P<amount>(?P<number>{NUMBER}){_MAGNITUDE})\s?(?P<unit>{_UNIT})(?![A-Za-z0-9²³])", _measure),
    rule(r"(?P<top>\d{1,4})\s?/\s?(?P<bottom>\d{1,4})(?![\d/.])", _fraction),
    rule(r"(?P<first>\d{1,6})(?P<colon>:)(?P<second>\d{1,6})(?!\d|:\d)", _ratio),
    rule(rf"{NUMBER}", _plain),
    rule(r"\d+", _digit_by_digit),
)
SIGN_RULES: tuple[Rule, ...] = (
    rule(
        r"(?:(?<=[\d日月年号时点分秒周%元天一二三四五六日C万亿千百吨斤米级层岁里克升])|(?<=[\d季]度))(?:\s?(?:—{1,2}|–|~)\s?|-{1,2}|\s-\s)(?=[-−]?\d|[¥$周星上下次翌今明早晚])",
        _span,
    ),
    rule(
        rf"(?<![A-Za-z0-9])(?P<sign>[-−])(?=\.?\d)"
        rf"(?:(?=(?P<degrees>{NUMBER}(?:\s?[~至到-]\s?-?{NUMBER})?\s?(?:°[CF]|度)))|(?=(?P<plain>{NUMBER})))?",
        _negative,
    ),
    rule(r"(?<![A-Za-z0-9.])\.\d{1,32}(?!\d|\.)", _bare_fraction),
    rule(rf"(?<=[元米里次人度吨时克斤升户])/(?P<unit>{_UNIT})(?![A-Za-z0-9])", _per_unit),
    rule(
        r"(?:(?<=[元米里次人度吨时克斤升户件台])|(?<=[0-9][hgLtm])|(?<=k[gm])|(?<=mg))/(?=[\u4e00-\u9fff])",
        _per,
    ),
    rule(r"(?<![\w)+])\+(?=\d{1,16}(?:\.\d|[%‰°])|\d{1,3}(?:度|分|点))", _sure),
    rule(r"(?<![\w~])~\s?(?=\d)", _around),
    rule(r"(?<=\d)[*xX×](?=\d)", _times),
    rule(r"(?<=[0-9A-Za-z)])\^(?P<power>\d{1,3})(?!\d)", _raised),
    rule(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,9}", _power),
)
ORDINAL_RULES: tuple[Rule, ...] = (rule(r"第\s?(?P<number>\d{1,16})(?![\d.]\d|\d)", _ordinal),)
