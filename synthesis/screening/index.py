"""The terms of a list as tables: built once a version of the list, then only read, by any thread."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice, product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from ahocorasick_rs import BytesAhoCorasick

from synthesis.screening.alphabet import CODE_BITS, CODES, END, LETTER_BITS, LETTERS, Alphabet, alphabet
from synthesis.screening.folding import form
from synthesis.screening.lattice import Patterns
from synthesis.screening.proof import shape_of
from synthesis.screening.sounds import polyphones, sounds
from synthesis.screening.splits import wholes
from synthesis.screening.verdicts import Term

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
    values: list[int]
    is_reversed: bool


class Index:
    """Built of plain integers and bytes: a hundred thousand objects more would keep the collector busy."""

    def __init__(self, entries: Sequence[Term]) -> None:
        self.entries = entries
        self.alphabet = alphabet()
        self._owners: dict[int, tuple[Owner, ...]] = {}
        self._spell()
        self._own()
        keys = self.patterns.keys
        self.long_patterns = [place for place, key in enumerate(keys) if len(key) >= 6]
        self.short = self.alphabet.short.take(self.alphabet.codes)
        self.automaton = BytesAhoCorasick(self._short_keys())
        self.pair_patterns = {key: place for place, key in enumerate(keys) if len(key) == 4}
        splits = self._splits()
        self.doubled = frozenset(first for first, second in splits if first == second)
        self.neighbours = self._neighbours()
        self.neighbours[[_pair(*parts) for parts in splits]] |= SPLIT
        self.singles = self._singles()

    def owners_of(self, pattern: int) -> tuple[Owner, ...]:
        """Made when first asked for: what everyday texts come near is asked for again and again."""
        owners = self._owners.get(pattern)
        if owners is None:
            owners = self._owners[pattern] = tuple(self._made_owners(pattern))
        return owners

    def _made_owners(self, pattern: int) -> Iterator[Owner]:
        for owner in (self._owner[pattern], *self._more.get(pattern, ())):
            entry = owner >> 1
            values: list[int] = self._values[self._starts[entry] : self._ends[entry]].tolist()
            yield Owner(entry, values[::-1] if owner & 1 else values, bool(owner & 1))

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

    def _own(self) -> None:
        """The patterns in order, and whose they are: entry << 1, and 1 for backwards."""
        first: dict[bytes, int] = {}
        more: dict[bytes, list[int]] = {}
        for key, owner in self._readings():
            if first.setdefault(key, owner) != owner:
                more.setdefault(key, []).append(owner)
        keys = sorted(first)
        self._owner = list(map(first.__getitem__, keys))
        places = {key: place for place, key in enumerate(keys) if key in more or len(key) == 2}
        self._more = {places[key]: owners for key, owners in more.items()}
        self.patterns = Patterns(
            keys=keys,
            singles={key: place for key, place in places.items() if len(key) == 2},
            pairs=_beginnings(keys),
            longest=max(map(len, keys), default=0) // 2,
        )

    def _readings(self) -> Iterator[tuple[bytes, int]]:
        codes = self.alphabet.codes.take(self._letters).tobytes()
        spans = zip((2 * self._starts).tolist(), (2 * self._ends).tolist(), strict=True)
        for entry, (start, end) in enumerate(spans):
            if start < end:
                yield codes[start:end], entry << 1
        for entry in [place for place, entry in enumerate(self.entries) if entry.options.reverse]:
            span = range(int(self._ends[entry]) - 1, int(self._starts[entry]) - 1, -1)
            if span:
                yield b"".join(codes[2 * at : 2 * at + 2] for at in span), entry << 1 | 1
        yield from self._other_readings(codes)

    def _other_readings(self, codes: bytes) -> Iterator[tuple[bytes, int]]:
        """The terms with a character of several sounds, with the codes of its other readings."""
        has_more = np.zeros(LETTERS, np.bool_)
        more = _more_sounds(self.alphabet)
        has_more[list(more)] = True
        letters = self._letters
        places = has_more.take(letters).nonzero()[0]
        for entry in np.unique(np.searchsorted(self._ends, places)).tolist():
            options = self.entries[entry].options
            if options.homophones or options.pinyin:
                span = range(int(self._starts[entry]), int(self._ends[entry]))
                choices = [more.get(int(letters[at]), (codes[2 * at : 2 * at + 2],)) for at in span]
                for reading in islice(product(*choices), 1, _MOST_READINGS):
                    yield b"".join(reading), entry << 1

    def _short_keys(self) -> list[bytes]:
        """A byte for each code is enough to find what has to be looked at, in half the time."""
        keys = [self.patterns.keys[place] for place in self.long_patterns]
        joined = self.alphabet.short.take(np.frombuffer(b"".join(keys), ">u2")).tobytes()
        ends = list(accumulate(len(key) // 2 for key in keys))
        return [joined[start:end] for start, end in zip([0, *ends], ends, strict=False)]

    def _neighbours(self) -> npt.NDArray[np.uint8]:
        """Flags of every two letters, by first << LETTER_BITS | second."""
        pairs = [
            (key, owner) for key, place in self.pair_patterns.items() for owner in self._made_owners(place)
        ]
        # What is often a word by itself is in no disguise.
        codes, doubtful = self.alphabet.codes, self.alphabet.doubtful
        disguises = [((codes == code) & doubtful).nonzero()[0] for code in range(CODES)]
        flags = np.zeros((LETTERS, LETTERS), np.uint8)
        for key, owner in pairs:
            if self.entries[owner.entry].options.homophones:
                firsts, seconds = disguises[_code(key[:2])], disguises[_code(key[2:])]
                first, second = (value & (LETTERS - 1) for value in owner.values)
                flags[firsts[:, None], seconds] |= ALIKE
                flags[firsts, second] |= FIRST_ALIKE
                flags[first, seconds] |= SECOND_ALIKE
        by_pair = flags.ravel()
        by_pair[self.alphabet.words] = WORD
        by_pair[[_pair(*owner.values) for _, owner in pairs]] |= EXACT
        return by_pair

    def _splits(self) -> list[tuple[int, int]]:
        """The values of the parts of each character of a term that can be split."""
        value_of = self.alphabet.value_of
        known = set(np.unique(self._values).tolist())
        made = (
            (value_of(parts[0]), value_of(parts[1]), value_of(whole)) for parts, whole in wholes().items()
        )
        return [(first, second) for first, second, whole in made if whole in known]

    def _singles(self) -> npt.NDArray[np.uint8] | None:
        """How often a letter has to stand to be a term, 0 for most; None where no letter is one."""
        if not self.patterns.singles:
            return None
        table = np.zeros(LETTERS, np.uint8)
        for place in self.patterns.singles.values():
            for owner in self.owners_of(place):
                letter = owner.values[0] & (LETTERS - 1)
                often = len(shape_of(self.entries[owner.entry].text).runs[0])
                table[letter] = min(often, table[letter] or often)
        return table


def _pair(first: int, second: int) -> int:
    return (first & (LETTERS - 1)) << LETTER_BITS | second & (LETTERS - 1)


def _code(key: bytes) -> int:
    return int.from_bytes(key, "big")


def _live() -> re.Pattern[bytes]:
    """Matches the flags of two letters, between those of their neighbours, that are worth a closer look.

    What only sounds like a term counts where it is in no common word; of two syllables both have to be.
    """

    def having(bits: int) -> bytes:
        return b"[" + b"".join(re.escape(bytes([flags])) for flags in range(256) if flags & bits) + b"]"

    after_no_word, before_no_word = b"(?<!%s.)" % having(WORD), b"(?!%s)" % having(WORD)
    return re.compile(
        b"%s(?:" % having(ALIKE | FIRST_ALIKE | SECOND_ALIKE | EXACT | SPLIT)
        + b"(?<=%s)" % having(EXACT | SPLIT)
        + b"|(?<=%s)%s" % (having(FIRST_ALIKE), after_no_word)
        + b"|(?<=%s)%s" % (having(SECOND_ALIKE), before_no_word)
        + b"|%s%s)" % (after_no_word, before_no_word),
        re.DOTALL,
    )


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
