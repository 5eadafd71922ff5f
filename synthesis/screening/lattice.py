"""Walks a text in which some characters can be read in several ways: spelled in pinyin, or split in two.

The automaton reads a text in one way only. Here a text is a lattice: each sign leads to the next, and spelled
or split ones lead over several signs at once.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from synthesis.screening.alphabet import CODE_BITS, Alphabet
from synthesis.screening.proof import Step, Way
from synthesis.screening.sounds import spellings
from synthesis.screening.splits import wholes

_LETTERS = re.compile("[a-z]{2,}")
_TONES = frozenset("12345")
Edge = tuple[int, Step]


@dataclass(frozen=True, slots=True)
class Patterns:
    """The codes of all terms, two bytes each, in order."""

    keys: Sequence[bytes]
    singles: dict[bytes, int]  # patterns of one code
    pairs: bytes  # 1 where a pattern begins with the codes first << CODE_BITS | second
    longest: int

    def state(self, key: bytes) -> tuple[int | None, bool]:
        """The pattern that the codes are, if one is, and whether a longer one begins with them."""
        at = bisect_left(self.keys, key)
        found = at if at < len(self.keys) and self.keys[at] == key else None
        after = at if found is None else at + 1
        return found, after < len(self.keys) and self.keys[after].startswith(key)


@dataclass(frozen=True, slots=True)
class Lattice:
    """`codes` are the signs' codes; `ends[i]` is where the run that sign `i` belongs to ends."""

    patterns: Patterns
    codes: Sequence[int]
    ends: Sequence[int]
    extra: Mapping[int, Sequence[Edge]]

    def candidates(self) -> Iterator[tuple[int, tuple[Step, ...]]]:
        """Every pattern on a way that takes at least one of the extra edges, with its steps."""
        back = self.patterns.longest - 1
        starts = {start for place in self.extra for start in self._before(place, back)}
        for start in sorted(starts):
            for code, step in self._edges(start):
                key = code.to_bytes(2, "big")
                if step.way is Way.SPLIT and key in self.patterns.singles:
                    yield self.patterns.singles[key], (step,)
                yield from self._second(code, step)

    def _before(self, place: int, runs: int) -> Iterator[int]:
        """The sign itself and where the `runs` runs before it begin."""
        yield place
        while place and runs:
            place -= 1
            if not place or self.ends[place - 1] == place:
                yield place
                runs -= 1

    def _second(self, first: int, step: Step) -> Iterator[tuple[int, tuple[Step, ...]]]:
        """Most ways end here: no term begins with the two codes."""
        if step.end >= len(self.codes):
            return
        for code, after in self._edges(step.end):
            if self.patterns.pairs[first << CODE_BITS | code]:
                key = first.to_bytes(2, "big") + code.to_bytes(2, "big")
                yield from self._further(key, (step, after))

    def _further(self, key: bytes, steps: tuple[Step, ...]) -> Iterator[tuple[int, tuple[Step, ...]]]:
        found, goes_on = self.patterns.state(key)
        if found is not None and any(step.way is not Way.ITSELF for step in steps):
            yield found, steps
        if goes_on and steps[-1].end < len(self.codes):
            for code, step in self._edges(steps[-1].end):
                yield from self._further(key + code.to_bytes(2, "big"), (*steps, step))

    def _edges(self, place: int) -> list[Edge]:
        edges = [(self.codes[place], Step(place, self.ends[place]))]
        last = self.ends[place] - 1
        if last > place and last in self.extra:
            # The C of "Ccong" need not be one with the next.
            edges.append((self.codes[place], Step(place, last)))
        return [*edges, *self.extra.get(place, ())]


def may_spell(plain: str) -> bool:
    return any(map(spellings, _LETTERS.findall(plain)))


def spelled_edges(plain: str, alphabet: Alphabet) -> Iterator[tuple[int, Edge]]:
    """Every syllable that letters of a text of plain characters spell, with its first sign."""
    for run in _LETTERS.finditer(plain):
        for spelling in spellings(run[0]):
            start, end = run.start() + spelling.start, run.start() + spelling.end
            code = alphabet.syllables[spelling.syllable]
            yield start, (code, Step(start, end, Way.PINYIN, spelling.syllable))
            if plain[end : end + 1] in _TONES:
                yield start, (code, Step(start, end + 1, Way.PINYIN, spelling.syllable))


def split_edges(plain: str, places: Iterable[int], alphabet: Alphabet) -> Iterator[tuple[int, Edge]]:
    """The characters that the signs at `places` make with their next."""
    for place in places:
        whole = wholes().get(plain[place : place + 2])
        if whole:
            yield place, (alphabet.code_of(whole), Step(place, place + 2, Way.SPLIT, whole))
