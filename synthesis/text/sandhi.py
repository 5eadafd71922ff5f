"""Tones as they are spoken: 一, 不, and third tones in a row.

Rules as in the textbooks: 一 is yi2 before a fourth tone (and 个), yi4 before the others, yi1 at the end of a
word, in ordinals and in digit strings, light between a doubled verb; 不 is bu2 before a fourth tone and light
in 好不好; a third tone before another becomes a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from synthesis.text.listed import light_endings
from synthesis.text.prosody import PHRASE
from synthesis.text.readings import Sound, Word
from synthesis.text.syllables import tone, with_tone
from synthesis.text.tokens import Kind
from synthesis.text.units import COUNTED_BY
from synthesis.text.words import dictionary

_NUMBERED_BY = frozenset("月日号楼级班路栋组环")
_SETTLED = frozenset({Kind.DIGITS, Kind.FIXED})
_NUMBERED_WORDS = frozenset(
    {"一月", "一号", "一楼", "一级", "一班", "一环", "一等", "一等奖", "一审", "一期"}
)
_KEEPS_YI = frozenset("第初十零百周期拜之点")


@dataclass(frozen=True, slots=True)
class _Place:
    word: Word
    syllable: Sound
    last: bool  # of its word


def apply(words: Sequence[Word], breaks: Sequence[int]) -> None:
    """Change the tones of a clause in place; `breaks` as `prosody.breaks` gives them."""
    places = [
        _Place(word, syllable, syllable is word.syllables[-1])
        for word in words
        for syllable in word.syllables
    ]
    for place in places:
        place.syllable.base = place.syllable.pinyin
    for word in words:
        _light_ending(word)
    for index, place in enumerate(places):
        if place.syllable.char in {"一", "不"} and place.word.kind not in _SETTLED:
            _change_yi_bu(places, index)
    for word in words:
        _third_tones_inside(word)
    _third_tones_across(words, breaks)


def _light_ending(word: Word) -> None:
    if word.kind is Kind.HAN and word.text in light_endings():
        word.syllables[-1].pinyin = with_tone(word.syllables[-1].pinyin, "5")


def _change_yi_bu(places: Sequence[_Place], index: int) -> None:
    here = places[index].syllable
    left = places[index - 1] if index else None
    right = places[index + 1] if index + 1 < len(places) else None
    if tone(here.pinyin) == "5" or right is None:
        return
    doubled = left is not None and left.syllable.char == right.syllable.char != ""
    if doubled and places[index].word.kind is Kind.HAN:
        here.pinyin = with_tone(here.pinyin, "5")
    elif here.char == "不":
        here.pinyin = "bu2" if tone(right.syllable.pinyin) == "4" else "bu4"
    elif not _keeps_yi(places[index], left, right):
        here.pinyin = "yi2" if tone(right.syllable.pinyin) == "4" or right.syllable.char == "个" else "yi4"


def _keeps_yi(here: _Place, left: _Place | None, right: _Place) -> bool:
    """A number's name rather than an amount: 第一次, 统一, 十一个, 一月, 一点五."""
    if left is not None and left.syllable.char in _KEEPS_YI:
        return True
    if (here.last and len(here.word.syllables) > 1) or here.word.text in _NUMBERED_WORDS:
        return True
    if here.word.kind is not Kind.NUMBER:
        return False
    counts = right.syllable.char in COUNTED_BY and right.syllable.char not in _NUMBERED_BY
    return right.syllable.char == "点" or (here.last and not counts)


def _third_tones_inside(word: Word) -> None:
    """Pairs first, from the left; a word of three whose last two are a word goes 1 + 2 (纸老虎)."""
    syllables = word.syllables
    head = 1 if len(syllables) == 3 and _ends_in_word(word) else 0
    for first in range(head, len(syllables) - 1, 2):
        _change_third(syllables[first], syllables[first + 1])
    for left, right in pairwise(syllables):
        _change_third(left, right)


def _ends_in_word(word: Word) -> bool:
    known = dictionary().words
    return word.kind is Kind.HAN and word.text[1:] in known and word.text[:2] not in known


def _third_tones_across(words: Sequence[Word], breaks: Sequence[int]) -> None:
    for left, right, level in zip(words, words[1:], breaks, strict=False):
        if level < PHRASE and left.syllables and right.syllables:
            _change_third(left.syllables[-1], right.syllables[0])


def _change_third(left: Sound, right: Sound) -> None:
    if tone(left.pinyin) == tone(right.pinyin) == "3":
        left.pinyin = with_tone(left.pinyin, "2")
