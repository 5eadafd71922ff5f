"""Normalisation: a folded text into tokens that can be spoken.

One scan from left to right. Han runs are taken whole; anywhere else the rules for that kind of character are
tried in order and the first that fits wins. Every pattern is bounded or consumes all it looked at, so the
time is linear in the length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from synthesis.text.addresses import ADDRESS_RULES
from synthesis.text.characters import Folded
from synthesis.text.dates import DATE_RULES
from synthesis.text.english import english_reading
from synthesis.text.hanzi import HAN
from synthesis.text.labels import (
    CODE_RULES,
    DOCUMENT_RULES,
    LABEL_RULES,
    MODEL_RULES,
    PLATE_RULES,
    PLATE_START,
)
from synthesis.text.letters import GREEK
from synthesis.text.marks import FULL_WIDTH_MARKS
from synthesis.text.matching import Match, Rule, after, piece, rule
from synthesis.text.quantities import MONEY_RULES, ORDINAL_RULES, QUANTITY_RULES, SIGN_RULES
from synthesis.text.signs import SPOKEN_SIGNS
from synthesis.text.telephones import TELEPHONE_RULES
from synthesis.text.tokens import Island, Kind, Piece, Token
from synthesis.text.webs import WEB_RULES

# A year or number written in Han digits is said digit by digit; 九九八十一 and 一五一十 are no such thing.
_HAN_DIGITS = r"[〇零一二三四五六七八九幺]{3,32}(?![〇零一二三四五六七八九十百千万亿])"
# 一月一日 names a month and a day, so 一 keeps its tone.
_HAN_DATE = (
    r"(?<![一二三四五六七八九十])(?:十[一二]?|[一二三四五六七八九])月"
    r"(?:[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])[日号]"
)
_HAN_RUN = re.compile(rf"(?:(?!第\s?\d|{PLATE_START}|{_HAN_DIGITS}|{_HAN_DATE})[{HAN}])+")
_HAN_CHAR = re.compile(rf"[{HAN}]")
_SIGN_NAMES = "|".join(re.escape(sign) for sign in sorted(SPOKEN_SIGNS, key=len, reverse=True))


def _han_digits(match: Match) -> list[Piece]:
    return [piece(Kind.DIGITS, match[0], match)]


def _key(match: Match) -> list[Piece]:
    """#号键: the sign is the word before 号."""
    return [piece(Kind.HAN, SPOKEN_SIGNS[match[0][0]], match)]


def _english(match: Match) -> list[Piece] | None:
    readings = english_reading(match[0])
    return [Piece(Kind.FIXED, match[0], match.start(), match.end(), readings)] if readings else None


def _layout(match: Match) -> list[Piece]:
    return [piece(Kind.MARK, "", match)]


def _letters(match: Match) -> list[Piece]:
    return [piece(Kind.LETTERS, match[0], match)]


def _greek(match: Match) -> list[Piece]:
    return [piece(Kind.HAN, GREEK[match[0]], match)]


def _sign(match: Match) -> list[Piece]:
    return [piece(Kind.HAN, SPOKEN_SIGNS[match[0]], match)]


def _dot(match: Match) -> list[Piece]:
    return [piece(Kind.HAN, "点", match)]


def _compare(match: Match) -> list[Piece] | None:
    sign = match[0].strip()
    if sign == "<" and ">" in after(match):
        return None  # a pair of brackets
    return [piece(Kind.HAN, "小于" if sign == "<" else "大于", match)]


def _slash(match: Match) -> list[Piece]:
    return [piece(Kind.HAN, "斜杠", match)]


def _mark(match: Match) -> list[Piece]:
    return [piece(Kind.MARK, match[0][0], match)]


_DIGIT_RULES = (
    *CODE_RULES, *DATE_RULES, *TELEPHONE_RULES, *WEB_RULES[2:], *ADDRESS_RULES, *LABEL_RULES, *QUANTITY_RULES
)  # fmt: skip
_LETTER_RULES = (
    *WEB_RULES,
    *MONEY_RULES,
    *MODEL_RULES,
    rule(r"(?:[A-Za-z]{2,16}|[Ww]i-?[Ff]i|[Ee]-mail)(?![A-Za-z0-9-])", _english),
    rule(r"[A-Za-z]{1,64}", _letters),
)
_HAN_RULES = (*ORDINAL_RULES, *PLATE_RULES, rule(_HAN_DATE, _han_digits), rule(_HAN_DIGITS, _han_digits))
_OTHER_RULES = (
    # A blank between Han and digits or letters is typesetting, no rest.
    rule(rf"(?<=[{HAN}])[ ](?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])[ ](?=[{HAN}])", _layout),
    rule(r"([-=*#~._])\1+(?!\d)", _mark),  # a drawn line
    *DOCUMENT_RULES,
    *MONEY_RULES,
    *TELEPHONE_RULES[:4],  # those that may begin with a sign: +86, (0531)
    *SIGN_RULES,
    rule(r"(?<=[A-Za-z])\.(?=[A-Za-z0-9])", _dot),
    rule(r"(?:(?<=\w)\s[<>]\s|[<>])(?=\d)", _compare),
    rule(r"(?<=[A-Za-z0-9])/(?=[A-Za-z0-9])", _slash),
    rule(r"[#*]号", _key),
    rule(_SIGN_NAMES, _sign),
    rule(rf"[{''.join(GREEK)}]", _greek),
    rule(r"(?s:.)", _mark),
)


def normalise(folded: Folded, islands: Iterable[Island] = ()) -> list[Token]:
    """Tokens in the order they are spoken; together their spans cover all of the folded text.

    `islands`, in order and apart from each other, are taken as they are; the rules see them as context only.
    """
    tokens: list[Token] = []
    place = 0
    for island in islands:
        tokens += _plain_tokens(folded, place, island.start)
        tokens += island.tokens
        place = island.end
    return tokens + _plain_tokens(folded, place, len(folded.text))


def _plain_tokens(folded: Folded, place: int, stop: int) -> list[Token]:
    return [_token(found, folded, start, end) for found, start, end in _scan(folded.text, place, stop)]


def _scan(text: str, place: int, stop: int) -> Iterator[tuple[Piece, int, int]]:
    """Pieces and the part of the text each covers: what lies between two, like a hyphen, is the first's."""
    while place < stop:
        found, end = _next(text, place, stop)
        borders = [place, *(later.start for later in found[1:]), end]
        yield from zip(found, borders, borders[1:], strict=False)
        place = end


def _next(text: str, place: int, stop: int) -> tuple[Sequence[Piece], int]:
    run = _HAN_RUN.match(text, place, stop)
    if run:
        return [Piece(Kind.HAN, run[0], place, run.end())], run.end()
    for candidate in _rules_for(text[place]):
        match = candidate.pattern.match(text, place, stop)
        found = candidate.read(match) if match else None
        if match and found:
            return found, match.end()
    return [Piece(Kind.HAN, text[place], place, place + 1)], place + 1


def _rules_for(char: str) -> Sequence[Rule]:
    if char.isascii():
        return _DIGIT_RULES if char.isdigit() else _LETTER_RULES if char.isalpha() else _OTHER_RULES
    return _HAN_RULES if _HAN_CHAR.match(char) else _OTHER_RULES


def _token(found: Piece, folded: Folded, start: int, end: int) -> Token:
    whole = (folded.starts[start], folded.ends[end - 1])
    if not found.one_for_one():
        spans = (whole,) * len(found.spoken)
        return Token(found.kind, _as_written(found, folded), spans, found.readings)
    places = [(folded.starts[place], folded.ends[place]) for place in range(found.start, found.end)]
    places[0] = (whole[0], places[0][1])
    places[-1] = (places[-1][0], whole[1])
    return Token(found.kind, _as_written(found, folded), tuple(places), found.readings)


def _as_written(found: Piece, folded: Folded) -> str:
    """Marks keep the form they have in the original: ， stays ，."""
    if found.kind is not Kind.MARK or found.spoken == " ":
        return found.spoken
    written = folded.original[folded.starts[found.start] : folded.ends[found.start]]
    return written if written in FULL_WIDTH_MARKS else found.spoken
