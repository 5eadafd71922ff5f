"""Cutting running text into words: the likeliest path through a dictionary of counted words.

The dictionary is the word list that comes with jieba (words and their counts), read as data: of its 350,000
lines the words of two to four characters seen at least five times. The words whose reading pypinyin knows are
added, and our own lists. Running jieba itself would take three times as long to start and write a cache.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from threading import Lock

from synthesis.text.listed import listed_words
from synthesis.text.packages import folder_of
from synthesis.text.phrasebook import phrasebook

_LOADING = Lock()
LONGEST_WORD = 8
COMMON_LENGTH = 4
_LEAST_COUNT = 5
# Word, count and class, of words of up to four characters seen often enough.
_ENTRY = re.compile(r"^(\S{1,4}) ([5-9]|\d{2,}) (\w+)$", re.MULTILINE)
_TOTAL_COUNT = 60_101_967  # of the whole list, singles and rare words too
_UNKNOWN = -math.log(_TOTAL_COUNT)
# A reading dictionary says that a word exists, not how often: as if seen this many times.
_LISTED_ONLY = math.log(_LEAST_COUNT / _TOTAL_COUNT)
# What we list ourselves is meant to be found: more often than a chance meeting of its characters.
_OURS = math.log(500 / _TOTAL_COUNT)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Natural logarithms of probabilities; a single character is always a word, known or not.

    `tails` are the last two characters of words longer than `COMMON_LENGTH`: few, so that most places in a
    text need no look for them. `classes` holds the word class: one letter of the list's tags (n, v, a, d, p,
    c ...), vn counted as n.
    """

    words: dict[str, float]
    tails: frozenset[str]
    singles: dict[str, float]
    classes: dict[str, str]


def dictionary() -> Dictionary:
    """Read at the first call (about 0.2 s) and shared by all threads: after loading it is only read."""
    with _LOADING:
        return _load()


@cache
def _load() -> Dictionary:
    words = dict.fromkeys((word for word in phrasebook() if len(word) <= LONGEST_WORD), _LISTED_ONLY)
    singles: dict[str, float] = {}
    classes: dict[str, str] = {}
    written = (folder_of("jieba") / "dict.txt").read_text(encoding="utf-8")
    for line in _ENTRY.finditer(written):
        word, count, tag = line.groups()
        (singles if len(word) == 1 else words)[word] = math.log(int(count) / _TOTAL_COUNT)
        classes[word] = "n" if tag == "vn" else tag[0]
    words |= {word: max(words.get(word, _OURS), _OURS) for word in listed_words()}
    tails = frozenset(word[-2:] for word in words if len(word) > COMMON_LENGTH)
    return Dictionary(words, tails, singles, classes)


def cut(text: str) -> list[str]:
    """Words of a run of Han characters, in order and complete. Linear in the length."""
    known = dictionary()
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(text) + 1):
        single = text[end - 1]
        score, start = best[end - 1][0] + known.singles.get(single, _UNKNOWN), end - 1
        longest = LONGEST_WORD if text[end - 2 : end] in known.tails else COMMON_LENGTH
        for length in range(2, min(longest, end) + 1):
            weight = known.words.get(text[end - length : end])
            if weight is not None and best[end - length][0] + weight > score:
                score, start = best[end - length][0] + weight, end - length
        best.append((score, start))
    return _trace(text, best)


def _trace(text: str, best: list[tuple[float, int]]) -> list[str]:
    found: list[str] = []
    end = len(text)
    while end > 0:
        start = best[end][1]
        found.append(text[start:end])
        end = start
    return found[::-1]
