"""What looks like a hit and is none: parts of two ordinary words, or ordinary words that sound like it."""

from __future__ import annotations

from functools import cache
from math import log

from synthesis.screening.sounds import words_of
from synthesis.text.words import dictionary

_LONGEST = 4
# From here on a word is common; what is listed is taken to be, so that only commoner ones outweigh it.
_LISTED = log(100 / 60_101_967)
_UNKNOWN = -log(60_101_967)


def is_common(word: str) -> bool:
    """Whether everyday texts have it."""
    return dictionary().words.get(word, _UNKNOWN) >= _LISTED


@cache
def guards() -> tuple[str, ...]:
    """Phrases that pass, whatever short word stands in them."""
    return tuple(words_of("guards.txt"))


def is_across_words(text: str, start: int, end: int) -> bool:
    """Whether [start, end) is the end of one common word and the beginning of another: 援交 in 支援|交通.

    `text` has no fillers. Compares how likely both readings are by the dictionary's counts.
    """
    word = text[start:end]
    words, singles = dictionary().words, dictionary().singles
    own = max(words.get(word, _UNKNOWN), _LISTED)
    for cut in range(start + 1, end):
        for left in range(max(0, cut - _LONGEST), start):
            first = words.get(text[left:cut])
            if first is None:
                continue
            for right in range(end + 1, min(len(text), cut + _LONGEST) + 1):
                second = words.get(text[cut:right])
                if second is not None and first + second > own + sum(
                    singles.get(char, _UNKNOWN) for char in text[left:start] + text[end:right]
                ):
                    return True
    return False
