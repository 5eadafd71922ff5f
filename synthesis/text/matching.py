"""What the rules of normalisation are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from synthesis.text.tokens import Kind, Piece

# Bounded on purpose: every rule looks at some hundred characters at most, so a text costs its length.
NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,8}(?![,\d])|\d{1,64}(?!\d))(?:\.\d{1,64}(?!\d))?"
DASH = r"\s?(?:-|~|–|—|至|到)\s?"
WINDOW = 10

Match = re.Match[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern tried where the scan stands, and what to make of its match: None when it is not meant."""

    pattern: re.Pattern[str]
    read: Callable[[Match], Sequence[Piece] | None]


def rule(pattern: str, read: Callable[[Match], Sequence[Piece] | None]) -> Rule:
    return Rule(re.compile(pattern), read)


def piece(kind: Kind, spoken: str, match: Match, group: int | str = 0) -> Piece:
    """`spoken` in place of one group of the match."""
    return Piece(kind, spoken, match.start(group), match.end(group))


def pieces(*candidates: Piece) -> list[Piece]:
    """Those that stand for something: groups that took no part in the match are left out."""
    return [candidate for candidate in candidates if candidate.spoken and candidate.end > candidate.start]


def before(match: Match, length: int = WINDOW) -> str:
    return match.string[max(0, match.start() - length) : match.start()]


def after(match: Match, length: int = WINDOW) -> str:
    return match.string[match.end() : match.end() + length]
