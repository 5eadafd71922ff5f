"""Rhythm: how closely words hang together, from 0 (one breath group) to 3 (clause)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from synthesis.text.readings import Word
from synthesis.text.tokens import Kind

NONE, WORD, PHRASE, CLAUSE = 0, 1, 2, 3

# Said in one breath with what stands before them, or with what follows.
_LEAN_BACK = frozenset(
    "的了着过吗呢吧啊呀嘛啦们地得之个位名人室年月日号时点分秒元里上下中内外前后间起来去到次件项天家种些边儿"
)
_LEAN_FORWARD = frozenset(
    "不很最更太都也就还又再已将会可能要请把被给让向从在对由为以按经与和及或跟同第每各该本此这那其某我你您他她它是有无未"
)
# A longer rest is best taken before these.
_OPENERS = frozenset({
    "和", "与", "及", "以及", "或", "或者", "并", "并且", "而", "但", "但是", "在", "对", "对于", "由",
    "从", "为", "为了", "向", "按", "按照", "根据", "因", "因为", "如", "如果", "将", "把", "被", "经",
    "经过", "通过", "关于", "请", "可", "可以", "应", "应当", "需", "需要", "是", "已", "已经",
})  # fmt: skip
_NUMERIC = frozenset({Kind.NUMBER, Kind.DIGITS})
_FOOT = 4  # syllables of a prosodic word at most
_REST_AFTER = 6  # syllables from which an opener or a long stretch brings a rest
_LONG_STRETCH = 10


def breaks(words: Sequence[Word]) -> list[int]:
    """The break after each word but the last: what leans on what, then rests by length, then marks."""
    joins = [_join(left, right) for left, right in pairwise(words)]
    levels = _rests(words, _feet(words, joins))
    return [max(level, word.rest) for word, level in zip(words, levels, strict=False)]


def _join(left: Word, right: Word) -> int:
    numbers = {left.kind, right.kind} & _NUMERIC
    if (
        right.kind is Kind.HAN
        and len(right.text) == 1
        and (right.text in _LEAN_BACK or left.kind is Kind.NUMBER)
    ):
        return NONE
    if left.kind is Kind.HAN and len(left.text) == 1 and left.text in _LEAN_FORWARD and not numbers:
        return NONE
    if left.kind is Kind.HAN and right.kind is Kind.HAN and len(left.text) == len(right.text) == 1:
        return NONE
    return WORD


def _feet(words: Sequence[Word], joins: Sequence[int]) -> list[int]:
    """No more syllables without a break than a foot holds, a light ending aside."""
    found: list[int] = []
    length = 0
    for word, following, join in zip(words, words[1:], joins, strict=False):
        length += len(word.syllables)
        light = len(following.syllables) == 1 and following.text in _LEAN_BACK
        level = WORD if length + len(following.syllables) > _FOOT and not light else join
        found.append(level)
        length = 0 if level else length
    return found


def _rests(words: Sequence[Word], levels: Sequence[int]) -> list[int]:
    found: list[int] = []
    length = 0
    remaining = sum(len(word.syllables) for word in words)
    for word, following, level in zip(words, words[1:], levels, strict=False):
        length += len(word.syllables)
        remaining -= len(word.syllables)
        wanted = _REST_AFTER if following.text in _OPENERS or word.text == "的" else _LONG_STRETCH
        one_figure = {word.kind, following.kind} <= _NUMERIC  # a date or a telephone number stays together
        rest = level == WORD and length >= wanted and remaining >= _FOOT and not one_figure
        found.append(PHRASE if rest else level)
        length = 0 if rest else length
    return found
