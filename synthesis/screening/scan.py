"""One pass over a text: what might be a hit, with every disguise allowed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from synthesis.screening.alphabet import END, LETTER_BITS, LETTERS
from synthesis.screening.index import LIVE, SPLIT, WORD, Index, Owner
from synthesis.screening.lattice import Edge, Lattice, may_spell, spelled_edges, split_edges
from synthesis.screening.proof import Step, Way

_NOTHING = "\u200b"
Candidate = tuple[Owner, tuple[Step, ...]]


class Scan:
    """A text as the automaton saw it. Signs are the characters that are no fillers, runs are equal signs."""

    def __init__(self, index: Index, text: str) -> None:
        table = index.alphabet
        if END in text:
            text = text.replace(END, _NOTHING)
        self._index = index
        self._values = values = table.values_of(text + END)
        self._signs = signs = values.compress(values)
        self._is_end = is_end = signs[1:] != signs[:-1]
        self._runs = runs = signs[:-1][is_end]
        letters = runs & (LETTERS - 1)
        self._codes = table.codes.take(letters).tobytes()
        self._flags = flags = index.neighbours.take(letters[:-1] << LETTER_BITS | letters[1:]).tobytes()
        found = index.automaton.find_matches_as_indexes(index.short.take(letters).tobytes(), overlapping=True)
        self.likely: list[tuple[Owner, int]] = []
        self._split_signs: list[int] = []
        if LIVE.search(flags):
            self._sift_pairs()
        if found:
            self._sift_long(found)
        if len(runs) + 1 < len(signs):
            self._sift_doubles()
        if index.singles is not None:
            self._sift_singles(index.singles.take(letters))

    def _sift_pairs(self) -> None:
        """Keeps terms of two, what sounds like one and is no ordinary word, and split characters."""
        for live in LIVE.finditer(self._flags):
            place = live.start()
            pattern = self._index.pair_patterns.get(self._codes[2 * place : 2 * place + 4])
            if pattern is not None:
                self._keep(pattern, place)
            if self._flags[place] & SPLIT:
                self._split_signs.append(self._run_ends[place] - 1)

    def _sift_long(self, found: Sequence[tuple[int, int, int]]) -> None:
        """Keeps terms of three and more, and what sounds like one."""
        long_patterns, keys = self._index.long_patterns, self._index.patterns.keys
        for short, start, end in found:
            pattern = long_patterns[short]
            if self._codes[2 * start : 2 * end] == keys[pattern]:
                self._keep(pattern, start)

    def _sift_doubles(self) -> None:
        """A run may be a split character with two parts alike: 土土 for 圭."""
        doubled = self._index.doubled
        for place in (~self._is_end).nonzero()[0].tolist() if doubled else ():
            if int(self._signs[place]) in doubled:
                self._split_signs.append(place)

    def _sift_singles(self, often: npt.NDArray[np.uint8]) -> None:
        for place in often.nonzero()[0].tolist():
            end = self._run_ends[place]
            if end - (self._run_ends[place - 1] if place else 0) >= often[place]:
                pattern = self._index.patterns.singles[self._codes[2 * place : 2 * place + 2]]
                self._keep(pattern, place)

    def _keep(self, pattern: int, place: int) -> None:
        runs = self._run_list
        for owner in self._index.owners_of(pattern):
            values = owner.values
            differing = [place + at for at, value in enumerate(values) if runs[place + at] != value]
            if not differing or (len(values) > 1 and not self.is_innocent(differing, len(values))):
                self.likely.append((owner, place))

    @cached_property
    def _run_list(self) -> list[int]:
        runs: list[int] = self._runs.tolist()
        return runs

    def is_innocent(self, alike: Sequence[int], count: int) -> bool:
        """Whether the runs that only sound like a term's, of `count` runs in all, are words of their own.

        Two syllables meet by chance so often that each has to be out of place; of four or more, sounding like
        a half of it is no chance.
        """
        if count >= 4 and 2 * len(alike) <= count:
            return False
        doubtful = map(self._is_doubtful, alike)
        return not (all(doubtful) if count <= 2 else any(doubtful))

    def _is_doubtful(self, run: int) -> bool:
        """Whether it is no common word, nor in one with a neighbour."""
        letter = int(self._runs[run]) & (LETTERS - 1)
        around = self._flags[max(0, run - 1) : run + 1]
        return bool(self._index.alphabet.doubtful[letter]) and not any(flags & WORD for flags in around)

    @cached_property
    def signs(self) -> list[int]:
        """The places of all signs in the text."""
        places: list[int] = self._values.nonzero()[0][:-1].tolist()
        return places

    @cached_property
    def plain(self) -> str:
        """The signs in their plain form."""
        return self._plain()

    def _plain(self) -> str:
        return (self._signs[:-1] >> LETTER_BITS).astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")

    @cached_property
    def _run_ends(self) -> list[int]:
        ends: list[int] = (self._is_end.nonzero()[0] + 1).tolist()
        return ends

    @property
    def is_quiet(self) -> bool:
        """Whether nothing might be a hit, unless letters spell it or something wraps it."""
        return not self.likely and not self._split_signs

    def is_spelling(self) -> bool:
        """Whether letters make a syllable."""
        return may_spell(self._plain())

    def candidates(self) -> Iterator[Candidate]:
        """What might be a hit as the text stands."""
        ends = self._run_ends
        for owner, place in self.likely:
            runs = range(place, place + len(owner.values))
            yield owner, tuple(Step(ends[run - 1] if run else 0, ends[run]) for run in runs)

    def readings(self) -> Iterator[Candidate]:
        """What might be a hit where letters are read as pinyin, or two signs as one."""
        table = self._index.alphabet
        split = split_edges(self.plain, self._split_signs, table)
        edges = [*spelled_edges(self.plain, table), *split]
        if not edges:
            return
        extra: dict[int, list[Edge]] = {}
        for place, edge in edges:
            extra.setdefault(place, []).append(edge)
        codes = table.codes.take(self._signs[:-1] & (LETTERS - 1)).tolist()
        for pattern, steps in Lattice(self._index.patterns, codes, self._ends_of_signs, extra).candidates():
            for owner in self._index.owners_of(pattern):
                alike = self._alike(owner, steps)
                if not alike or not self.is_innocent(alike, len(steps)):
                    yield owner, steps

    def _alike(self, owner: Owner, steps: Sequence[Step]) -> list[int]:
        runs = [bisect_right(self._run_ends, step.start) for step in steps]
        return [
            run
            for run, step, value in zip(runs, steps, owner.values, strict=True)
            if step.way is Way.ITSELF and self._run_list[run] != value
        ]

    @cached_property
    def _ends_of_signs(self) -> list[int]:
        ends = self._run_ends
        return [end for start, end in zip([0, *ends], ends, strict=False) for _ in range(start, end)]
