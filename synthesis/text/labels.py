"""Numbers that name things: documents, plates, routes, trains, models, generations, days to remember."""

from __future__ import annotations

import re

from synthesis.text.matching import Match, Rule, piece, pieces, rule
from synthesis.text.numbers import cardinal, digits
from synthesis.text.tokens import Kind, Piece

PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新港澳台使"


def _document(match: Match) -> list[Piece]:
    """〔2025〕12号: the year digit by digit, the number as a whole."""
    return pieces(
        piece(Kind.MARK, match["open"], match, "open"),
        piece(Kind.DIGITS, digits(match["year"]), match, "year"),
        piece(Kind.MARK, match["close"], match, "close"),
        piece(Kind.HAN, match["nth"] or "", match, "nth"),
        piece(Kind.DIGITS, cardinal(match["number"]) + "号", match, "whole"),
    )


def _plate(match: Match) -> list[Piece]:
    return [
        piece(Kind.HAN, match["province"], match, "province"),
        piece(Kind.LETTERS, match["city"], match, "city"),
        *_code_pieces(match["code"], match.start("code")),
    ]


def _code_pieces(code: str, start: int) -> list[Piece]:
    """Letters and digits one by one, in runs."""
    found: list[Piece] = []
    for place, char in enumerate(code, start):
        kind = Kind.DIGITS if char.isdigit() else Kind.LETTERS
        spoken = digits(char, yao=True)
        if found and found[-1].kind is kind:
            run = found.pop()
            found.append(Piece(kind, run.spoken + spoken, run.start, place + 1))
        else:
            found.append(Piece(kind, spoken, place, place + 1))
    return found


def _one_by_one(match: Match) -> list[Piece]:
    return [piece(Kind.DIGITS, digits(match[0], yao=True), match)]


def _plain_digits(match: Match) -> list[Piece]:
    return [piece(Kind.DIGITS, digits(match[0]), match)]


def _points(match: Match) -> list[Piece]:
    """1.2.3.4, 127.0.0.1: digits with every point said."""
    return [piece(Kind.DIGITS, digits(match[0]).replace(".", "点"), match)]


def _model(match: Match) -> list[Piece]:
    """G1234, K55, PM2.5: long numbers after letters are codes, short ones are numbers."""
    number = match["number"]
    code = len(number) >= 3 and "." not in number
    spoken = digits(number, yao=True) if code else cardinal(number) if number.isdigit() else _decimal(number)
    return [
        piece(Kind.LETTERS, match["letters"], match, "letters"),
        piece(Kind.DIGITS, spoken, match, "number"),
    ]


def _memorial(match: Match) -> list[Piece]:
    """3·15, 9.18: a day that became a name, digit by digit; 11·9 is the number of the fire brigade."""
    fire = (match["month"], match["day"]) == ("11", "9")
    month = "十" if match["month"] == "10" else digits(match["month"], yao=fire)
    return [
        piece(Kind.DIGITS, month, match, "month"),
        piece(Kind.DIGITS, digits(match["day"]), match, "day"),
    ]


def _hyphened(match: Match) -> list[Piece]:
    """JN-20261120-0001: a code in groups, the hyphens said as 杠."""
    found: list[Piece] = []
    place = match.start()
    for part in _GROUP.findall(match[0]):
        end = place + len(part)
        if part == "-":
            found.append(Piece(Kind.HAN, "杠", place, end))
        elif part.isdigit():
            found.append(Piece(Kind.DIGITS, digits(part), place, end))
        else:
            found.append(Piece(Kind.LETTERS, part, place, end))
        place = end
    return found


def _mixed_code(match: Match) -> list[Piece]:
    return _code_pieces(match[0], match.start())


def _numbered_part(match: Match) -> list[Piece]:
    """表2-1"""
    return [
        piece(Kind.DIGITS, cardinal(match["first"]), match, "first"),
        piece(Kind.HAN, "杠", match, "dash"),
        piece(Kind.DIGITS, cardinal(match["second"]), match, "second"),
    ]


def _letters_to(match: Match) -> list[Piece]:
    """A-F区"""
    return [
        piece(Kind.LETTERS, match["first"], match, "first"),
        piece(Kind.HAN, "到", match, "dash"),
        piece(Kind.LETTERS, match["last"], match, "last"),
    ]


def _about(match: Match) -> list[Piece] | None:
    """3、4个: about that many, said without a rest; 1、3个 are two numbers."""
    first, second = match["first"], match["second"]
    if int(second) != int(first) + 1:
        return None
    return [
        piece(Kind.NUMBER, "两" if first == "2" else cardinal(first), match, "first"),
        piece(Kind.NUMBER, cardinal(second), match, "second"),
    ]


def _standard(match: Match) -> list[Piece]:
    """GB/T 2260-2007: the number, then the year, both digit by digit."""
    return pieces(
        piece(Kind.LETTERS, match["letters"], match, "letters"),
        piece(Kind.HAN, "杠" if match["slash"] else "", match, "slash"),
        piece(Kind.LETTERS, match["kind"] or "", match, "kind"),
        piece(Kind.DIGITS, digits(match["number"]).replace(".", "点"), match, "number"),
        piece(Kind.HAN, "杠", match, "dash"),
        piece(Kind.DIGITS, digits(match["year"]), match, "year"),
    )


def _nth(match: Match) -> list[Piece]:
    return [piece(Kind.HAN, "第", match)]


def _two_for_to(match: Match) -> list[Piece]:
    """B2B, O2O: the 2 is the English word to."""
    return [
        piece(Kind.LETTERS, match["left"], match, "left"),
        Piece(Kind.FIXED, "to", match.start("two"), match.end("two"), ("tu4",)),
        piece(Kind.LETTERS, match["right"], match, "right"),
    ]


def _roman(match: Match) -> list[Piece]:
    return [piece(Kind.DIGITS, cardinal(str(_ROMAN[match[0]])), match)]


def _decimal(number: str) -> str:
    whole, _, fraction = number.partition(".")
    return cardinal(whole) + "点" + digits(fraction)


_GROUP = re.compile(r"[A-Za-z]+|\d+|-")
_ROMAN = {
    "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10, "XI": 11,
    "XII": 12,
}  # fmt: skip
_REMEMBERED = (
    "晚会|运动|事变|事件|国际|大促|青年节|劳动节|妇女节|儿童节|护士节|假期|小长假|黄金周|地震|案件|专项|惨案|讲话|消防|"
    "打假|购物节|学雷锋|植树节|世界|全国|普法|宪法|国家|建党|建军|国庆|教师节|记者节|禁毒|艾滋|环境日|地球日|读书日|爱牙|"
    "爱眼|无烟|土地日|助残|航天日|安全教育日"
)
PLATE_START = rf"[{PROVINCES}][A-Z]\s?[·.•-]?\s?[A-Z0-9]{{5,6}}(?![A-Za-z0-9])"
PLATE_RULES: tuple[Rule, ...] = (
    rule(
        rf"(?P<province>[{PROVINCES}])(?P<city>[A-Z])\s?[·.•-]?\s?(?P<code>[A-Z0-9]{{5,6}})(?![A-Za-z0-9])",
        _plate,
    ),
)
DOCUMENT_RULES: tuple[Rule, ...] = (
    rule(
        r"(?P<open>[〔\[(【])(?P<year>(?:19|20)\d\d)(?P<close>[〕\])】])\s?(?P<nth>第)?(?P<whole>(?P<number>\d{1,6})号)",
        _document,
    ),
)
# Tried before dates and telephone numbers, whose digits they hold: social credit codes, numbers of tables.
CODE_RULES: tuple[Rule, ...] = (
    rule(r"(?!\d{17}[Xx])(?=\d{1,17}[A-Z])[0-9A-Z]{18}(?![0-9A-Za-z])", _mixed_code),
    rule(
        r"(?<=[表图])(?P<first>\d{1,2})(?P<dash>-)(?P<second>\d{1,2})"
        r"(?![\d.-]|\s?[个张名位人份天月日年次元万页行项例%])",
        _numbered_part,
    ),
)
LABEL_RULES: tuple[Rule, ...] = (
    rule(r"(?P<month>1[0-2]|[1-9])[·•](?P<day>[12]\d|3[01]|[1-9])(?!\d|[·•.]\d)", _memorial),
    rule(
        rf"(?P<month>1[0-2]|[1-9])\.(?P<day>[12]\d|3[01]|[1-9])(?=[”’\"]?(?:{_REMEMBERED}))",
        _memorial,
    ),
    rule(r"\d{3}(?=事件|事变|运动|惨案|专案)", _plain_digits),
    rule(r"(?:618|818|1111|1212)(?=年?中?(?:大促|购物|活动|促销|期间|优惠))", _plain_digits),
    rule(r"\d{3,4}(?=(?:路(?!人)|次列车|国道|省道|县道))", _one_by_one),
    rule(r"(?:[05-9][05]|19[5-9]0|20[0-2]0)(?=后(?![\d天年来续期面]))", _plain_digits),
    rule(r"(?:19|20)\d[1-9](?=(?:年?度|届|版|级|财年|赛季|春|夏|秋|冬|中国|全国|国际))", _plain_digits),
    rule(r"(?:480|720|1080|1440|2160)(?=[PpIi](?![A-Za-z]))", _one_by_one),
    rule(r"(?P<first>\d)、(?P<second>\d)(?=[个天次名人位年月周件种家条块岁倍成层楼])", _about),
    rule(r"\d{1,16}(?:\.\d{1,16}){2,64}(?!\d|\.\d)", _points),
)
MODEL_RULES: tuple[Rule, ...] = (
    rule(
        r"(?P<letters>[A-Z]{2,4})(?:(?P<slash>/)(?P<kind>[TZ]))?\s?(?P<number>\d{1,6}(?:\.\d{1,3})?)"
        r"(?P<dash>[-—])(?P<year>(?:19|20)\d\d)(?!\d)",
        _standard,
    ),
    rule(r"[A-Z]{1,6}(?:-\d{3,16}|\d{6,16})(?:-\d{1,16}){1,6}(?![\dA-Za-z])", _hyphened),
    rule(r"(?P<first>[A-Z])(?P<dash>\s?[-~–—]\s?)(?P<last>[A-Z])(?=[区座栋馆口类级档])", _letters_to),
    rule(r"N[oO]\.\s?(?=\d)", _nth),
    rule(r"(?P<left>[ABCGOP])(?P<two>2)(?P<right>[BCGOP])(?![A-Za-z0-9])", _two_for_to),
    rule(
        rf"(?<![A-Za-z0-9零一二三四五六七八九十])(?:{'|'.join(sorted(_ROMAN, key=len, reverse=True))})"
        # V型 and X号 are letters; a lone V or X counts only levels.
        r"(?:(?<![VX])|(?<=[IVX][VX])|(?=级))(?=[级型类期区段度标代号等]|响应)",
        _roman,
    ),
    rule(r"(?P<letters>[A-Za-z]{1,6})-?(?P<number>\d{1,16}(?:\.\d{1,4})?)(?!\d|\.\d|[eE]\d)", _model),
)
