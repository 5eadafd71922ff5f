"""Web and mail addresses: every sign between letters is said, but not the https:// that nobody says."""

from __future__ import annotations

import re

from synthesis.text.matching import Match, Rule, rule
from synthesis.text.numbers import digits
from synthesis.text.tokens import Kind, Piece

_SIGNS = {
    ".": "点", "/": "斜杠", "-": "杠", "_": "下划线", "@": "艾特", ":": "冒号", "?": "问号", "=": "等于",
    "&": "和", "#": "井号", "%": "百分号", "~": "波浪线", "+": "加",
}  # fmt: skip
_PART = re.compile(r"[A-Za-z]+|\d+|.", re.DOTALL)
_BODY = r"[A-Za-z0-9._~/?=&%#:+-]{0,255}"


def _address(match: Match) -> list[Piece]:
    start = match.start("body")
    found = [Piece(Kind.MARK, "", match.start(), start)] if start > match.start() else []
    return found + [_part(part[0], start + part.start()) for part in _PART.finditer(match["body"])]


def _part(text: str, start: int) -> Piece:
    end = start + len(text)
    if text.isdigit():
        return Piece(Kind.DIGITS, digits(text), start, end)
    return (
        Piece(Kind.LETTERS, text, start, end) if text.isalpha() else Piece(Kind.HAN, _SIGNS[text], start, end)
    )


WEB_RULES: tuple[Rule, ...] = (
    rule(rf"https?://(?P<body>[A-Za-z0-9]{_BODY}[A-Za-z0-9]|[A-Za-z0-9])", _address),
    rule(rf"(?P<body>www\.[A-Za-z0-9]{_BODY}[A-Za-z0-9])", _address),
    rule(
        r"(?P<body>[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8})",
        _address,
    ),
)
