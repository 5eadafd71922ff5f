"""Rhythm: how closely words hang together, from 0 (one breath group) to 4 (sentence)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from synthesis.text.readings import Word
from synthesis.text.tokens import Kind
from synthesis.text.units import COUNTED_BY
from synthesis.text.words import dictionary

NONE, WORD, PHRASE, CLAUSE, SENTENCE = 0, 1, 2, 3, 4

# Said in one breath with what stands before them, or with what follows.
_LEAN_BACK = frozenset(
    "的了着过吗呢吧啊呀嘛啦们地得之个位名人室年月日号时点分秒元里上下中内外前后间起来去次路街巷村桥站件项天家种些边儿"
)
_LEAN_FORWARD = frozenset(
    "不很最更太都也就还又再已将会可能要请把被给让向从在对由为以按经与和及或跟同第每各该本此这那其我你您他她它是有无未"
)
# A longer rest is best taken before these.
_OPENERS = frozenset({
    "和", "与", "及", "以及", "或", "或者", "并", "并且", "而", "但", "但是", "在", "到", "对", "对于", "由",
    "从", "为", "为了", "向", "按", "按照", "根据", "因", "因为", "如", "如果", "将", "把", "被", "经",
    "经过", "通过", "关于", "请", "可", "可以", "应", "应当", "需", "需要", "是", "已", "已经",
})  # fmt: skip
_NUMERIC = frozenset({Kind.NUMBER, Kind.DIGITS})
_NUMERALS = frozenset("一二两三四五六七八九十百千万几半")
_FOOT = 4  # syllables of a prosodic word at most
# Syllables between two rests: what is comfortable, and what no voice is asked to say in one breath.
_COMFORTABLE = (4, 9)
_ONE_BREATH = 18
# What a rest costs: inside a group (身份证|原件), between a verb and its object, a subject and its verb,
# behind 的 or a time, and before what opens a new group. A syllable too many or too few costs 1.5 to 2.
_GROUP, _OBJECT, _PREDICATE, _ATTRIBUTE, _OPENING = 30.0, 4.0, 3.0, 1.5, 0.0
_LENGTH_COSTS = [
    2.0 * max(0, _COMFORTABLE[0] - length) + 1.5 * max(0, length - _COMFORTABLE[1])
    for length in range(_ONE_BREATH + 2)
]
_NOMINAL = frozenset("nrtsbjlizg")
_AFTER_WHICH_REST = frozenset({"后", "前", "时", "期间", "以后", "之后", "以前", "之前", "以来", "起", "等"})
_TITLES = frozenset(
    {"先生", "女士", "小姐", "同志", "老师", "师傅", "局长", "书记", "主任", "处长", "市长", "经理"}
)


def breaks(words: Sequence[Word]) -> list[int]:
    """The break after each word but the last: what leans on what, then rests by length, then marks."""
    joins = [_join(left, right) for left, right in pairwise(words)]
    levels = _rests(words, _feet(words, joins))
    return [max(level, word.rest) for word, level in zip(words, levels, strict=False)]


def _join(left: Word, right: Word) -> int:
    numbers = {left.kind, right.kind} & _NUMERIC
    if right.kind is Kind.HAN and _leans_back(left, right):
        return NONE
    if left.kind is Kind.HAN and len(left.text) == 1 and left.text in _LEAN_FORWARD and not numbers:
        return NONE
    if left.kind is Kind.HAN and right.kind is Kind.HAN and len(left.text) == 1:
        if left.text in _LEAN_BACK and right.text not in _LEAN_BACK:
            return WORD
        together = len(right.text) == 1 and (right.text not in _LEAN_FORWARD or left.text in _NUMERALS)
        return NONE if together or right.text in _TITLES else WORD
    return NONE if numbers and _is_code(left, right) else WORD


def _is_code(left: Word, right: Word) -> bool:
    """A letter beside its number: 4S, K55."""
    return Kind.LETTERS in {left.kind, right.kind} and len(left.text) + len(right.text) <= 4


def _leans_back(left: Word, right: Word) -> bool:
    """的 and its like; what is counted, behind its number; the noun behind a code (4S店, K55路)."""
    if len(right.text) == 1:
        return right.text in _LEAN_BACK or left.kind is not Kind.HAN
    return left.kind is Kind.NUMBER and len(right.text) <= 3 and right.text[0] in COUNTED_BY


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
    """Raise some word breaks to rests, so that groups stay whole and stretches are of like length."""
    found = list(levels)
    start = 0
    for index, word in enumerate(words):
        if word.rest >= PHRASE or index == len(words) - 1:
            for place in _best_rests(words[start : index + 1], levels[start:index]):
                found[start + place] = PHRASE
            start = index + 1
    return found


def _best_rests(words: Sequence[Word], levels: Sequence[int]) -> list[int]:
    """The words of a stretch without marks after which a rest costs least in all.

    A shortest path: `costs[i]` is the least cost of everything before word `i` with a rest there.
    """
    ends = [0, *accumulate(len(word.syllables) for word in words)]
    if ends[-1] <= _COMFORTABLE[1]:
        return []
    costs, origins = [0.0], [0]
    for index in range(1, len(words) + 1):
        inside = index < len(words)
        here = _rest_cost(words[index - 1], words[index], levels[index - 1]) if inside else 0.0
        first = index - 1
        while first > 0 and ends[index] - ends[first - 1] <= _ONE_BREATH:
            first -= 1
        cost, best = min(
            (costs[origin] + _LENGTH_COSTS[min(_ONE_BREATH + 1, ends[index] - ends[origin])], origin)
            for origin in range(first, index)
        )
        costs.append(cost + here)
        origins.append(best)
    return _back(origins)


def _back(origins: Sequence[int]) -> list[int]:
    found: list[int] = []
    place = origins[-1]
    while place > 0:
        found.append(place - 1)
        place = origins[place]
    return found[::-1]


def _rest_cost(left: Word, right: Word, level: int) -> float:
    if level != WORD:
        return 10 * _GROUP
    if {left.kind, right.kind} <= _NUMERIC or left.kind is Kind.LETTERS:
        return _GROUP  # a date or a telephone number stays together
    if right.text in _OPENERS or left.text in _AFTER_WHICH_REST:
        return _OPENING
    return _ATTRIBUTE if left.text[-1:] == "的" else _cost_by_class(_class_of(left), _class_of(right))


def _cost_by_class(before: str, after: str) -> float:
    if before == "t":
        return _ATTRIBUTE
    if before in {"d", "m", "p", "c", "a"}:
        return _GROUP
    if after in {"p", "c"}:
        return _OPENING
    if before in _NOMINAL:
        return _PREDICATE if after in {"v", "d"} else _GROUP
    return _OBJECT


def _class_of(word: Word) -> str:
    """Unlisted words are mostly names and compounds: nouns."""
    if word.kind in _NUMERIC:
        return "m"
    return dictionary().classes.get(word.text, "n") if word.kind is Kind.HAN else "n"
