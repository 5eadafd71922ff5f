"""The table that turns a text into numbers with every fold on, so that one pass finds what might be a hit.

A character becomes a value, 0 when it only fills:
- the low 12 bits are its letter: an id of its own for the common characters, digits and Latin letters, one
  shared by all rarer characters of a syllable;
- the upper 20 bits are the plain character itself.
A letter has a code of 9 bits, its syllable: what sounds alike is alike to the automaton.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from math import exp, log
from threading import Lock

import numpy as np
import numpy.typing as npt

from synthesis.screening.folding import HAN_BLOCKS, filler, form, han_form, simplified
from synthesis.screening.sounds import sounds
from synthesis.screening.splits import parts
from synthesis.text.syllables import SYLLABLES
from synthesis.text.words import dictionary

# As wide as an index: numpy would make it so for every look-up.
Values = npt.NDArray[np.int64]

LETTER_BITS = 12
LETTERS = 1 << LETTER_BITS
CODE_BITS = 9
CODES = 1 << CODE_BITS
END = "\U0010ffff"  # closes a text; no text has it, since it is no character
_END_LETTER = LETTERS - 1
WRAPPED_LETTER = LETTERS - 2  # of every character whose form is more than one
_COMMON = 3500
_OWN_SHORT = 200
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_CODE_POINTS = 0x110000
# Blocks in which characters have dresses; elsewhere a character is itself.
_DRESSED = (
    (0, 0x3400), (0xA640, 0xA800), (0xAB30, 0xABC0), (0xF900, 0x10000), (0x1D400, 0x1D800),
    (0x1F100, 0x20000),
)  # fmt: skip
# Blocks of thousands without dress, filler or sound: Yi, Hangul, scripts of old, rare Han.
_SILENT = (
    (0xA000, 0xA490), (0xAC00, 0xD7A4), (0x12000, 0x16A00), (0x17000, 0x18D00), (0x1B000, 0x1B300),
    HAN_BLOCKS[2],
)  # fmt: skip
# Counts in the dictionary: from here on a word explains its characters, and a single one stands by itself.
_WORD_COUNT = 5
_SINGLE_COUNT = 20_000
_DICTIONARY_COUNT = 60_101_967


@dataclass(frozen=True, slots=True)
class Alphabet:
    values: Values  # of every code point
    codes: npt.NDArray[np.uint16]  # of every letter; big-endian, so that their bytes sort as they do
    short: npt.NDArray[np.uint8]  # of every code; the commonest have one of their own
    words: Values  # pairs of letters (first << 12 | second) that stand together in common words
    doubtful: npt.NDArray[np.bool_]  # of every letter: whether it is no common word by itself
    wrapped: frozenset[str]  # characters whose form is more than one
    # Signs that may begin markup or an escape, or stand for several; and these or letters, that may spell.
    wrapping: re.Pattern[str]
    unusual: re.Pattern[str]
    syllables: dict[str, int]  # the code of each

    def value_of(self, char: str) -> int:
        return int(self.values[ord(char)])

    def letter_of(self, char: str) -> int:
        return self.value_of(char) & (LETTERS - 1)

    def code_of(self, char: str) -> int:
        return int(self.codes[self.letter_of(char)])

    def values_of(self, text: str) -> Values:
        return self.values.take(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32))


_LOADING = Lock()


def alphabet() -> Alphabet:
    """Made at the first call (about 0.8 s) and shared by all threads: after that it is only read."""
    with _LOADING:
        return _load()


class _Letters:
    """Hands out letters and their codes."""

    def __init__(self) -> None:
        self.codes = np.zeros(LETTERS, np.uint16)
        self.syllables = {syllable: code for code, syllable in enumerate(sorted(SYLLABLES), start=1)}
        self._shared = len(self.syllables) + len(_LATIN) + 1
        self.own: dict[str, int] = {}
        self.first_rare = 1 + _COMMON + 10
        self.first_latin = WRAPPED_LETTER - len(_LATIN)

    def code_of(self, char: str) -> int:
        if char in _LATIN:
            return len(self.syllables) + 1 + _LATIN.index(char)
        heard = sounds(char)
        if heard:
            return self.syllables[heard[0]]
        return self._shared + ord(char) % (CODES - 1 - self._shared)

    def give(self, char: str, letter: int) -> None:
        self.own[char] = letter
        self.codes[letter] = self.code_of(char)

    def value_of(self, char: str) -> int:
        """Of a plain character: its own letter, or the one of its syllable with the code point above."""
        letter = self.own.get(char)
        if letter is None:
            code = self.code_of(char)
            letter = self.first_rare + code
            self.codes[letter] = code
        return letter | (ord(char) & 0xFFFFF) << LETTER_BITS

    def fill(self, values: Values, low: int, high: int) -> None:
        """The values of a block of characters that nothing dresses and nobody reads."""
        points = np.arange(low, high, dtype=np.int64)
        codes = self._shared + points % (CODES - 1 - self._shared)
        self.codes[self.first_rare + codes] = codes
        values[low:high] = self.first_rare + codes | points << LETTER_BITS


@cache
def _load() -> Alphabet:
    letters = _Letters()
    words = [
        word for word, weight in dictionary().words.items() if weight >= log(_WORD_COUNT / _DICTIONARY_COUNT)
    ]
    pairs = {form(word[at]) + form(word[at + 1]) for word in words for at in range(len(word) - 1)}
    _give_letters(letters, pairs)
    values = np.zeros(_CODE_POINTS, np.int64)
    wrapped = frozenset(_fill(values, letters))
    values[ord(END)] = _END_LETTER
    letters.codes[_END_LETTER] = CODES - 1
    own = letters.own
    return Alphabet(
        values=values,
        codes=letters.codes.astype(">u2"),
        short=_short_codes(letters),
        words=np.array(
            sorted(own[pair[0]] << LETTER_BITS | own[pair[1]] for pair in pairs if set(pair) <= own.keys()),
            np.int64,
        ),
        doubtful=_doubtful(letters),
        wrapped=wrapped,
        wrapping=_signs(values, WRAPPED_LETTER),
        unusual=_signs(values, letters.first_latin),
        syllables=letters.syllables,
    )


def _give_letters(letters: _Letters, pairs: set[str]) -> None:
    for place, char in enumerate(_LATIN):
        letters.give(char, letters.first_latin + place)
    for place, char in enumerate("0123456789"):
        letters.give(char, 1 + place)
    counted = Counter(char for pair in pairs for char in pair if char not in letters.own)
    wanted = dict.fromkeys([*sorted(parts()), *(char for char, _ in counted.most_common())])
    for place, char in enumerate([char for char in wanted if char not in letters.own][:_COMMON]):
        letters.give(char, 11 + place)


def _fill(values: Values, letters: _Letters) -> list[str]:
    """Writes the value of every character; those with a form of several are returned."""
    for low, high in _SILENT:
        letters.fill(values, low, high)
    for code in chain(_codes(HAN_BLOCKS[:2]), map(ord, filter(_is_rare, simplified()))):
        values[code] = letters.value_of(han_form(chr(code)))
    wrapped = []
    for code in _others():
        char = chr(code)
        plain = form(char) if _within(code, _DRESSED) else char
        if len(plain) > 1:
            values[code] = WRAPPED_LETTER | code << LETTER_BITS
            wrapped.append(char)
        elif not filler(char):
            values[code] = letters.value_of(plain)
    return wrapped


def _short_codes(letters: _Letters) -> npt.NDArray[np.uint8]:
    weights = np.zeros(CODES)
    for char, weight in dictionary().singles.items():
        weights[letters.code_of(form(char)[0])] += exp(weight)
    ranks = np.argsort(np.argsort(-weights, kind="stable"), kind="stable")
    shared = _OWN_SHORT + ranks % (256 - _OWN_SHORT)
    return np.where(ranks < _OWN_SHORT, ranks, shared).astype(np.uint8)


def _doubtful(letters: _Letters) -> npt.NDArray[np.bool_]:
    table = np.ones(LETTERS, np.bool_)
    for char, weight in dictionary().singles.items():
        if weight >= log(_SINGLE_COUNT / _DICTIONARY_COUNT) and form(char) in letters.own:
            table[letters.own[form(char)]] = False
    return table


def _signs(values: Values, first_letter: int) -> re.Pattern[str]:
    """What may wrap, and letters from a first on; beyond the basic plane all, or it would be slow."""
    letters = values[:0x10000] & (LETTERS - 1)
    places = ((letters >= first_letter) & (letters < _END_LETTER)).nonzero()[0].tolist()
    signs = "".join(re.escape(chr(place)) for place in sorted({*places, *b"<&%\\"}))
    return re.compile(f"[{signs}\U00010000-\U0010ffff]")


def _codes(blocks: Iterable[tuple[int, int]]) -> Iterator[int]:
    return chain.from_iterable(range(low, high) for low, high in blocks)


def _others() -> Iterator[int]:
    """Assigned characters outside the blocks written as a whole; what is not assigned fills."""
    whole = sorted([*HAN_BLOCKS[:2], *_SILENT, (0xD800, 0xF900), (0x323B0, _CODE_POINTS)])
    edges = [0, *chain.from_iterable(whole)]
    gaps = zip(edges[::2], edges[1::2], strict=False)
    return (code for code in _codes(gaps) if unicodedata.category(chr(code)) != "Cn")


def _is_rare(char: str) -> bool:
    return ord(char) >= HAN_BLOCKS[2][0]


def _within(code: int, blocks: Iterable[tuple[int, int]]) -> bool:
    return any(low <= code < high for low, high in blocks)
