"""Houses and rooms: 5-301, 3号楼2-501, 5#楼, A座1203."""

from __future__ import annotations

import re

from synthesis.text.matching import Match, Rule, after, before, piece, rule
from synthesis.text.numbers import cardinal, digits
from synthesis.text.tokens import Kind, Piece

_PLACE_BEFORE = re.compile(
    r"(?:小区|社区|花园|家园|公寓|新村|新城|宿舍|大厦|广场|中心|院|苑|园|府|庭|湾|居|里|楼|栋|幢|座|单元|地址|住址|门牌|住在|家住|住|位于)"
    r"[:：为是]?\s?$"
)
_COUNTED = r"(?!\d|[.,]\d|-\d|\s?[人个元名位件天年月日次米万亿家户岁分时级吨公场平套间期余多%℃°~A-Za-z])"


def name_of(number: str) -> str:
    """A house or room number: long ones digit by digit, short ones as numbers."""
    return digits(number, yao=True) if len(number) >= 3 else cardinal(number)


def _room(match: Match) -> list[Piece] | None:
    if not (match["room"] or _PLACE_BEFORE.search(before(match))):
        return None
    return [
        piece(Kind.DIGITS, name_of(match["house"]), match, "house"),
        piece(Kind.HAN, "杠", match, "dash"),
        piece(Kind.DIGITS, name_of(match["flat"]), match, "flat"),
    ]


def _hash(match: Match) -> list[Piece]:
    return [
        piece(Kind.DIGITS, name_of(match["number"]), match, "number"),
        piece(Kind.HAN, "号", match, "hash"),
    ]


def _chain(match: Match) -> list[Piece]:
    """3-2-501, 2025-02-30: parts of an address or a code, joined by 杠."""
    found: list[Piece] = []
    place = match.start()
    for part in match[0].split("-"):
        if found:
            found.append(Piece(Kind.HAN, "杠", place - 1, place))
        found.append(Piece(Kind.DIGITS, digits(part, yao=3 <= len(part) <= 4), place, place + len(part)))
        place += len(part) + 1
    return found


def _street_number(match: Match) -> list[Piece] | None:
    """解放路100-1号; 人民路1-3号楼 are three."""
    if int(match["house"]) < int(match["flat"]) and after(match, 2)[1:] in set("楼窗线车厅口"):
        return None
    return [
        piece(Kind.DIGITS, cardinal(match["house"]), match, "house"),
        piece(Kind.HAN, "杠", match, "dash"),
        piece(Kind.DIGITS, cardinal(match["flat"]), match, "flat"),
    ]


def _group(match: Match) -> list[Piece]:
    """西村2组: groups of a village are numbered."""
    return [piece(Kind.DIGITS, cardinal(match[0]), match)]


def _flat(match: Match) -> list[Piece]:
    return [piece(Kind.DIGITS, digits(match[0], yao=True), match)]


ADDRESS_RULES: tuple[Rule, ...] = (
    rule(r"\d{1,16}(?:-\d{1,16}){2,16}(?!\d|-\d)", _chain),
    rule(rf"(?P<house>\d{{1,3}})(?P<dash>-)(?P<flat>\d{{3,4}})(?:(?=(?P<room>室|号房))|{_COUNTED})", _room),
    rule(
        r"(?<=[路街巷道弄])(?P<house>\d{1,4})(?P<dash>-)(?P<flat>\d{1,4})(?=号)",
        _street_number,
    ),
    rule(r"(?:(?<=[村屯寨])|(?<=社区))\d{1,2}(?=[组队社])", _group),
    rule(r"(?P<number>\d{1,4})(?P<hash>#)(?=[楼栋幢座机库井炉泵厂车门])", _hash),
    rule(rf"(?:(?<=[座栋幢层])|(?<=单元)|(?<=号楼))\d{{3,4}}{_COUNTED}(?!号)", _flat),
    rule(r"\d{3,4}(?=(?:号?房|室|病房|教室|诊室|办公室|会议室|窗口))", _flat),
)
