"""Telephone numbers, and other digit strings that name something instead of counting it."""

from __future__ import annotations

import re

from synthesis.text.matching import Match, Rule, after, before, piece, rule
from synthesis.text.numbers import MAX_CARDINAL_DIGITS, digits
from synthesis.text.tokens import Kind, Piece
from synthesis.text.units import COUNTED_BY

_PHONE_WORDS = re.compile(
    r"(?:电话|热线|拨打?|致电|来电|呼叫|手机|分机|客服|短信|专线|传真|尾号|号码)(?:号码?|短信)?[是为至到:请]*[\s「“\"'(]*$"
)
_CODE_WORDS = re.compile(
    r"(?:编号|编码|代码|邮编|区号|证号|工号|学号|卡号|账号|帐号|单号|工单|密码|验证码|取件码|流水号|票号|户号|证件号|信用代码|QQ|微信)"
    r"(?:号码?)?[是为:]*[\s「“\"'(]*$"
)
_PLAIN_CODES = ("编号", "编码", "代码", "邮编", "尾号是", "尾号为")
_LAST_DIGITS = re.compile(
    r"[末后尾]\s?[\d一二三四五六七八]?位(?:数字?|号码?)?[是为:]*(?:\d{1,8}[、,/或和])*$"
)
_ONE_MORE = re.compile(r"(?<!\d)\d{7,8}\s?[、,/或和]\s?$")
_HOTLINE_NEXT = re.compile(
    r"(?:热线|平台|专线|电话|报警|急救|投诉|举报|便民|服务|客服|指挥|市民|政务|接线|中心|消防|交通|事故|宣传日|警察|民警|出警|接警)"
)
_HELP_BEFORE = re.compile(r"(?:火警|匪警|报警|急救|救援|求助|求救|事故|挂失|查号)$")
_DIALLED = re.compile(r"(?:拨打?|致电|电话|热线|呼叫)[\d、或和及/,，\s]{1,12}$")
_EMERGENCY = frozenset({"110", "112", "114", "119", "120", "122"})
# National ranges: 123xx government lines, 10xxx operators, 95xxx companies, 96xxx local services.
_SHORT_LINE = re.compile(
    r"12345|123\d\d|100(?:00|10|15|16|18|50|60|7\d|8[56]|9[69])|95\d{3,4}|96\d{3,4}|118114"
)
_NICKNAMES = frozenset({"985", "211", "930", "315", "996", "007"})


def _yao(match: Match, *groups: str | int) -> list[Piece]:
    """Each group is a word of its own, so that the voice parts them as people do."""
    return [
        piece(Kind.DIGITS, digits(match[group], yao=True).replace("*", "星"), match, group)
        for group in groups
        if match[group]
    ]


def _mobile(match: Match) -> list[Piece]:
    return _yao(match, "country", "a", "b", "c")


def _grouped(match: Match) -> list[Piece]:
    return _yao(match, "a", "b", "c")


def _landline(match: Match) -> list[Piece]:
    """With the extension after 转, written so or as a hyphen."""
    found = _yao(match, "country", "a", "b", "c")
    if match["extension"]:
        found.append(piece(Kind.HAN, "转", match, "to"))
        found += _yao(match, "extension")
    return found


def _identity(match: Match) -> list[Piece]:
    """An identity number: region, birthday and the rest are groups to the ear."""
    found = _yao(match, "region", "birthday", "order")
    if match["check"]:
        found.append(piece(Kind.LETTERS, match["check"], match, "check"))
    return found


def _extended(match: Match) -> list[Piece] | None:
    """12345-1: the line, and the key to press."""
    if not _SHORT_LINE.fullmatch(match["line"]):
        return None
    return [*_yao(match, "line"), piece(Kind.HAN, "转", match, "to"), *_yao(match, "extension")]


def _counts(match: Match) -> bool:
    """A classifier or unit follows: the number is a quantity after all."""
    follower = after(match, 2).lstrip()
    return bool(follower) and (follower[0] in COUNTED_BY or follower[0] in "%‰°/")


def _labelled(match: Match) -> list[Piece] | None:
    """A word before says that this is a number to dial or to type."""
    lead = before(match, 24)
    if not any(words.search(lead) for words in (_PHONE_WORDS, _CODE_WORDS, _LAST_DIGITS)):
        return _yao(match, 0) if len(match[0]) in {7, 8} and _ONE_MORE.search(lead) else None
    if len(match[0]) < 3 or (_counts(match) and len(match[0]) < 7):
        return None
    plain = lead.rstrip(' :"').endswith(_PLAIN_CODES)
    return [piece(Kind.DIGITS, digits(match[0], yao=not plain), match)]


def _hotline(match: Match) -> list[Piece] | None:
    known = match[0] in _EMERGENCY or _SHORT_LINE.fullmatch(match[0])
    if not known or (_counts(match) and not _HOTLINE_NEXT.match(after(match))):
        return None
    if match[0] == "10000" and not _HOTLINE_NEXT.match(after(match)):
        return None
    if match[0] in _EMERGENCY and not _is_called(match):
        return None
    return [piece(Kind.DIGITS, digits(match[0], yao=True), match)]


def _is_called(match: Match) -> bool:
    return bool(
        _stands_alone(match)
        or _HELP_BEFORE.search(before(match))
        or _HOTLINE_NEXT.match(after(match))
        or _DIALLED.search(before(match, 16))
    )


def _stands_alone(match: Match) -> bool:
    """No Han on either side: a whole clause is the number."""
    return not re.search(r"[\w+\-=]\s?$", before(match, 2)) and not re.match(r"\s?[\w+\-=]", after(match, 2))


def _long_code(match: Match) -> list[Piece] | None:
    """Digit by digit: always past 16 digits, from 8 on when nothing is counted, and nicknames like 985."""
    length = len(match[0])
    if length <= MAX_CARDINAL_DIGITS:
        named = match[0] in _NICKNAMES or (length >= 8 and "000" not in match[0])
        if not named or _counts(match):
            return None
    return [piece(Kind.DIGITS, digits(match[0]), match)]


_AREA = r"(?:10|2\d|[3-9]\d{2})"
_WHOLE = r"(?![\d.]\d|\d)"
TELEPHONE_RULES: tuple[Rule, ...] = (
    rule(
        r"(?:\+?(?P<country>86)[\s-]?)?(?P<a>1[3-9]\d)[\s-]?(?P<b>\d{4}|\*{4})[\s-]?(?P<c>\d{4})(?!\d|[-.]\d)",
        _mobile,
    ),
    rule(r"(?P<a>[48]00)[\s-]?(?P<b>\d{3})[\s-]?(?P<c>\d{4})(?!\d|[-.]\d)", _grouped),
    rule(r"(?P<a>[48]00)-(?P<b>\d{4})-(?P<c>\d{3})(?!\d|[-.]\d)", _grouped),
    rule(
        rf"\(?(?:\+(?P<country>86)[\s-]?(?=\(?[1-9])|(?=\(?0))\(?(?P<a>0?{_AREA})[\s)-]{{1,2}}"
        r"(?P<b>\d{3,4})[\s-]?(?P<c>\d{4})(?:\s?(?P<to>[-转])\s?(?P<extension>\d{1,6}))?(?!\d|[-.]\d)",
        _landline,
    ),
    rule(r"(?P<a>0(?:10|2\d|[3-9]\d{2}))[\s-](?P<b>12\d{3}|9[56]\d{3,4}|11\d)(?P<c>)(?!\d|[-.]\d)", _grouped),
    rule(r"(?P<a>0(?:10|2\d|[3-9]\d{2}))(?P<b>\d{7,8})(?P<c>)(?!\d|[-.]\d)", _grouped),
    rule(
        r"(?P<region>[1-9]\d{5})(?P<birthday>(?:19|20)\d{6})(?P<order>\d{3}(?:\d(?![Xx]))?)(?P<check>[Xx])?(?![\dA-Za-z])",
        _identity,
    ),
    rule(r"(?P<line>\d{5})(?P<to>-)(?P<extension>\d)(?![\d.])", _extended),
    rule(rf"\d{{3,32}}{_WHOLE}", _labelled),
    rule(rf"\d{{3,6}}{_WHOLE}", _hotline),
    rule(r"\d+(?!\d|\.\d|,\d{3})", _long_code),
)
