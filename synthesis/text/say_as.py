"""What `say-as` makes of a text whose kind the author names: tokens, instead of a guess by the rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from synthesis.text.addresses import name_of
from synthesis.text.characters import Folded, fold
from synthesis.text.names import SURNAMES
from synthesis.text.normalise import normalise
from synthesis.text.numbers import cardinal, digits, number
from synthesis.text.signs import SPOKEN_SIGNS
from synthesis.text.tokens import Kind, Token

_MARK_NAMES = SPOKEN_SIGNS | {
    "-": "杠", "/": "斜杠", ".": "点", ",": "逗号", ":": "冒号", "_": "下划线", "?": "问号", "!": "感叹号",
    "(": "左括号", ")": "右括号", "。": "句号", "，": "逗号",
}  # fmt: skip
_Read = Callable[[str], tuple[Kind, str] | None]


def _by_parts(folded: Folded, pattern: str, read: _Read) -> tuple[Token, ...]:
    """Parts of the text that the pattern finds are read by `read`; the rest by the rules."""
    return tuple(_parts(folded, re.compile(pattern), read))


def _parts(folded: Folded, pattern: re.Pattern[str], read: _Read) -> Iterator[Token]:
    place = 0
    for match in pattern.finditer(folded.text):
        found = read(match[0])
        if found:
            yield from _plain(folded, place, match.start())
            yield _token(folded, match.start(), match.end(), *found)
            place = match.end()
    yield from _plain(folded, place, len(folded.text))


def _plain(folded: Folded, start: int, end: int) -> tuple[Token, ...]:
    if start == end:
        return ()
    offset = folded.starts[start]
    return shifted(normalise(fold(folded.original[offset : folded.ends[end - 1]])), offset)


def _token(folded: Folded, start: int, end: int, kind: Kind, spoken: str) -> Token:
    spans = tuple((folded.starts[place], folded.ends[place]) for place in range(start, end))
    if len(spans) != len(spoken):
        spans = ((spans[0][0], spans[-1][1]),) * len(spoken)
    return Token(kind, spoken, spans)


def shifted(tokens: list[Token], offset: int) -> tuple[Token, ...]:
    return tuple(
        replace(token, spans=tuple((start + offset, end + offset) for start, end in token.spans))
        for token in tokens
    )


def _cardinal(text: str) -> tuple[Kind, str]:
    return Kind.NUMBER, number(text, liang=True)


def _ordinal(text: str) -> tuple[Kind, str]:
    return Kind.DIGITS, "第" + cardinal(text)


def _digits(text: str) -> tuple[Kind, str]:
    return Kind.DIGITS, digits(text)


def _dialled(text: str) -> tuple[Kind, str]:
    return Kind.DIGITS, digits(text, yao=True)


def _house(text: str) -> tuple[Kind, str]:
    return (Kind.HAN, "杠") if text == "-" else (Kind.DIGITS, name_of(text))


def _verbatim(text: str) -> tuple[Kind, str] | None:
    if text.isdigit():
        return Kind.DIGITS, digits(text)
    if text.isascii() and text.isalpha():
        return Kind.LETTERS, text
    return (Kind.HAN, _MARK_NAMES[text]) if text in _MARK_NAMES else None


def _versus(text: str) -> tuple[Kind, str]:
    first, second = re.split(r"\s?[-:/]\s?", text)
    return Kind.NUMBER, number(first) + "比" + number(second)


def _fraction(text: str) -> tuple[Kind, str]:
    top, bottom = text.split("/")
    return Kind.NUMBER, number(bottom) + "分之" + number(top)


def _month_day(text: str) -> tuple[Kind, str] | None:
    month, day = re.split(r"[-/.]", text)
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    return Kind.DIGITS, f"{cardinal(str(int(month)))}月{cardinal(str(int(day)))}日"


_NUMBER = r"(?<![\d.])\d{1,64}(?:,\d{3}){0,8}(?:\.\d{1,64})?(?![\d.])"
_DIALLED = (r"\d{1,64}", _dialled)
_SPELLED = (r"\d{1,64}|[A-Za-z]{1,64}|[^\sA-Za-z0-9]", _verbatim)
_KINDS: dict[str, tuple[str, _Read]] = {
    "cardinal": (_NUMBER, _cardinal),
    "number": (_NUMBER, _cardinal),
    "ordinal": (r"(?<!第)\d{1,16}", _ordinal),
    "digits": (r"\d{1,64}", _digits),
    "telephone": _DIALLED,
    "id": _DIALLED,
    "address": (r"\d{1,64}|(?<=\d)-(?=\d)", _house),
    "date": (r"(?<![\d/.-])\d{1,2}[-/.]\d{1,2}(?![\d/.-])", _month_day),
    "score": (r"\d{1,16}\s?[-:/]\s?\d{1,16}", _versus),
    "fraction": (r"\d{1,16}/\d{1,16}", _fraction),
    "verbatim": _SPELLED,
    "characters": _SPELLED,
    "spell-out": _SPELLED,
}
# Where the rules know the form once it stands alone.
_BY_RULE = frozenset({"time", "currency", "measure", "unit", "percentage"})
NAMES = frozenset(_KINDS) | _BY_RULE | {"name"}


def say_as(name: str, text: str) -> tuple[Token, ...]:
    """Tokens of `text`, their spans counted from its beginning. What does not fit is read by the rules."""
    folded = fold(text)
    if name == "name":
        return _person(folded)
    if name in _KINDS:
        return _by_parts(folded, *_KINDS[name])
    return tuple(normalise(folded))


def _person(folded: Folded) -> tuple[Token, ...]:
    """A surname of one character has its own reading; a name is no running text, so it is one word."""
    surname = SURNAMES.get(folded.text[:1])
    if surname is None:
        return tuple(replace(token, whole=True) for token in normalise(folded))
    first = Token(Kind.FIXED, folded.text[0], ((folded.starts[0], folded.ends[0]),), (surname,))
    return (first, *_plain(folded, 1, len(folded.text)))
