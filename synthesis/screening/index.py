"""The terms of a list as tables: built once a version of the list, then only read, by any thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from ahocorasick_rs import BytesAhoCorasick

from synthesis.screening.alphabet import CODE_BITS, CODES, END, LETTER_BITS, LETTERS, Alphabet, alphabet
from synthesis.screening.folding import form
from synthesis.screening.lattice import Patterns
from synthesis.screening.sounds import polyphones, sounds
from synthesis.screening.splits import wholes
from synthesis.screening.verdicts import Term
from synthesis.text.words import dictionary

# What two neighbouring letters may be, bits of a flag.
WORD = 1  # together in a common word
ALIKE = 2  # both only sound like a term of two
FIRST_ALIKE = 4  # the first does, the second is the term's
SECOND_ALIKE = 8
EXACT = 16  # a term of two
SPLIT = 32  # the parts of a character that a term has
_MOST_READINGS = 16  # of one term, by characters with several sounds


class Owner(NamedTuple):
    """A term that has a pattern, forwards or backwards; `values` are its characters'."""

    entry: int
    values: tuple[int, ...]
    is_reversed: bool


class Index:
    def __init__(self, entries: Sequence[Term]) -> None:
        self.entries = entries
        self.alphabet = alphabet()
        self._spell()
        owners = self._owners()
        keys = sorted(owners)
        self.owners = [owners[key] for key in keys]
        self.patterns = Patterns(
            keys=keys,
            singles={key: place for place, key in enumerate(keys) if len(key) == 2},
            pairs=_beginnings(keys),
            longest=max(map(len, keys), default=0) // 2,
        )
        self.long_patterns = [place for place, key in enumerate(keys) if len(key) >= 6]
        self.automaton = BytesAhoCorasick([keys[place] for place in self.long_patterns])
        self.pair_patterns = {key: place for place, key in enumerate(keys) if len(key) == 4}
        self.neighbours = self._neighbours()
        self.singles = self._singles()

    def _spell(self) -> None:
        """The values of all terms behind one another, each run of one character as one."""
        wrapped = self.alphabet.wrapped
        joined = "".join(entry.text.replace(END, "") + END for entry in self.entries)
        if not wrapped.isdisjoint(joined):
            joined = "".join(form(char) if char in wrapped else char for char in joined)
        values = self.alphabet.values_of(joined)
        values = values[values != 0]
        is_end = values == self.alphabet.values[ord(END)]
        is_new = np.ones(len(values), np.bool_)
        is_new[1:] = (values[1:] != values[:-1]) | is_end[1:]
        self._values = values[is_new]
        self._ends = is_end[is_new].nonzero()[0]
        self._starts = np.concatenate(([0], self._ends[:-1] + 1)) if len(self._ends) else self._ends
        self._letters = self._values & (LETTERS - 1)

    def _owners(self) -> dict[bytes, list[Owner]]:
        owners: dict[bytes, list[Owner]] = {}
        codes = self.alphabet.codes.take(self._letters).tobytes()
        values = self._values.tolist()
        spans = zip(self._starts.tolist(), self._ends.tolist(), strict=True)
        for entry, (start, end) in enumerate(spans):
            if start == end:
                continue
            own = tuple(values[start:end])
            owners.setdefault(codes[2 * start : 2 * end], []).append(Owner(entry, own, False))
            if self.entries[entry].options.reverse:
                backwards = b"".join(codes[2 * at : 2 * at + 2] for at in range(end - 1, start - 1, -1))
                owners.setdefault(backwards, []).append(Owner(entry, own[::-1], True))
        for entry, key in self._other_readings(codes):
            own = tuple(values[self._starts[entry] : self._ends[entry]])
            owners.setdefault(key, []).append(Owner(entry, own, False))
        return owners

    def _other_readings(self, codes: bytes) -> Iterator[tuple[int, bytes]]:
        """The terms with a character of several sounds, each with the codes of its other readings."""
        has_more = np.zeros(LETTERS, np.bool_)
        more = _more_sounds(self.alphabet)
        has_more[list(more)] = True
        places = has_more.take(self._letters).nonzero()[0]
        letters = self._letters
        for entry in np.unique(np.searchsorted(self._ends, places)).tolist():
            options = self.entries[entry].options
            if options.homophones or options.pinyin:
                span = range(int(self._starts[entry]), int(self._ends[entry]))
                choices = [more.get(int(letters[at]), (codes[2 * at : 2 * at + 2],)) for at in span]
                for reading in islice(product(*choices), 1, _MOST_READINGS):
                    yield entry, b"".join(reading)

    def _neighbours(self) -> npt.NDArray[np.uint8]:
        """Flags of every two letters, by first << LETTER_BITS | second."""
        pairs = [(key, owner) for key, place in self.pair_patterns.items() for owner in self.owners[place]]
        with_code = _letters_by_code(self.alphabet)
        flags = np.zeros((LETTERS, LETTERS), np.uint8)
        for key, owner in pairs:
            if self.entries[owner.entry].options.homophones:
                firsts, seconds = with_code[_code(key[:2])], with_code[_code(key[2:])]
                first, second = (value & (LETTERS - 1) for value in owner.values)
                flags[firsts[:, None], seconds] |= ALIKE
                flags[firsts, second] |= FIRST_ALIKE
                flags[first, seconds] |= SECOND_ALIKE
        by_pair = flags.ravel()
        by_pair[self.alphabet.words] = WORD
        by_pair[[_pair(*owner.values) for _, owner in pairs]] |= EXACT
        by_pair[self._splits()] |= SPLIT
        return by_pair

    def _splits(self) -> list[int]:
        """The pairs that are parts of a character of a term; 门口 is a word before it is a split 问."""
        value_of = self.alphabet.value_of
        known = set(np.unique(self._values).tolist())
        words = dictionary().words
        made = (
            (_pair(*map(value_of, parts)), value_of(whole))
            for parts, whole in wholes().items()
            if parts not in words
        )
        return [pair for pair, whole in made if whole in known]

    def _singles(self) -> npt.NDArray[np.uint8] | None:
        """1 for the letters that are terms by themselves; None where there are none."""
        if not self.patterns.singles:
            return None
        table = np.zeros(LETTERS, np.uint8)
        for place in self.patterns.singles.values():
            for owner in self.owners[place]:
                table[owner.values[0] & (LETTERS - 1)] = 1
        return table


def _pair(first: int, second: int) -> int:
    return (first & (LETTERS - 1)) << LETTER_BITS | second & (LETTERS - 1)


def _letters_by_code(table: Alphabet) -> list[npt.NDArray[np.int64]]:
    return [(table.codes == code).nonzero()[0] for code in range(CODES)]


def _code(key: bytes) -> int:
    return int.from_bytes(key, "big")


def _live() -> npt.NDArray[np.uint8]:
    """1 where flags are worth a closer look, by flags << 2 | first is doubtful << 1 | second is doubtful.

    What only sounds like a term counts where it is in no common word. Of two syllables both have to be.
    """
    table = np.zeros(256, np.uint8)
    for at in range(256):
        flags, first, second = at >> 2, at & 2, at & 1
        table[at] = bool(
            flags & (EXACT | SPLIT)
            or (flags & FIRST_ALIKE and first)
            or (flags & SECOND_ALIKE and second)
            or (flags & ALIKE and first and second)
        )
    return table


LIVE = _live()


def _beginnings(keys: Sequence[bytes]) -> bytes:
    table = bytearray(CODES * CODES)
    for key in keys:
        if len(key) >= 4:
            table[key[0] << 8 + CODE_BITS | key[1] << CODE_BITS | key[2] << 8 | key[3]] = 1
    return bytes(table)


def _more_sounds(table: Alphabet) -> dict[int, tuple[bytes, ...]]:
    """Letter -> the codes of all its sounds, the commonest first; of those that have several."""
    return {
        table.letter_of(char): tuple(
            table.syllables[syllable].to_bytes(2, "big") for syllable in sounds(char)
        )
        for char in polyphones()
        if len(sounds(char)) > 1
    }
