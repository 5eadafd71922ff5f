"""Finds the words of a list in a text, however they are disguised, and tells where they stand as written.

In one pass an automaton finds what might be a hit with every disguise allowed (`alphabet`); what it finds is
then proved against the options of the term (`proof`) and against innocence. Only texts with markup, escapes,
letters or split characters take the longer way (`wording`, `lattice`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from typing import NamedTuple

from synthesis.screening.index import Index
from synthesis.screening.innocence import guards, is_across_words
from synthesis.screening.proof import Found, Prover, Step, shape_of
from synthesis.screening.rules import RuleBook
from synthesis.screening.scan import Scan
from synthesis.screening.verdicts import Hit, Level, Options, Rule, Term, Verdict
from synthesis.screening.wording import Wording, opened, plain

# An allowance is taken at its word: other dresses of its characters count, disguises do not.
_ALLOWED = Options(
    repeats=False, gap=0, markup=False, pinyin=False, homophones=False, split=False, whole_word=False
)
_NOTHING = Verdict()


class _Spot(NamedTuple):
    """An entry of the index found at [start, end) of the text as written."""

    start: int
    end: int
    entry: int
    is_innocent: bool


class Matcher:
    """A list of terms, allowances and rules; never changed once made, so any number of threads may ask it.

    A term within an occurrence of an entry of `allow` passes. Making one of 100,000 terms takes 2 s.
    """

    def __init__(self, terms: Iterable[Term], allow: Iterable[str] = (), rules: Iterable[Rule] = ()) -> None:
        self._terms = list(terms)
        allowed = [Term(text, "", options=_ALLOWED) for text in allow]
        passing = [Term(text, "", options=_ALLOWED) for text in guards()]
        self._first_guard = len(self._terms) + len(allowed)
        self._index = Index([*self._terms, *allowed, *passing])
        self._rules = RuleBook(rules)

    def judge(self, text: str) -> Verdict:
        """The hits, but those within a longer one that is at least as severe."""
        hits = self.find_all(text)
        return Verdict(tuple(_outermost(hits))) if hits else _NOTHING

    def find_all(self, text: str) -> list[Hit]:
        """All hits in the order of their places, also those that overlap."""
        scan = Scan(self._index, text)
        if scan.is_quiet and not self._may_hide(text, scan):
            return _in_order(self._rules.hits(text)) if self._rules else []
        spots = self._spots(text, scan)
        hits = [self._hit(text, spot) for spot in self._passed(sorted(spots))] if spots else []
        return _in_order([*hits, *self._rules.hits(text)])

    def _may_hide(self, text: str, scan: Scan) -> bool:
        """Whether there is more to a text than the automaton saw."""
        table = self._index.alphabet
        if not table.unusual.search(text):
            return False
        return table.wrapping.search(text) is not None or scan.is_spelling()

    def _spots(self, text: str, scan: Scan) -> set[_Spot]:
        spots = set(self._spots_in(plain(text), scan))
        table = self._index.alphabet
        if table.wrapping.search(text):
            wording = opened(text, table.wrapped)
            if wording.text != text:
                spots.update(self._spots_in(wording, Scan(self._index, wording.text)))
        return spots

    def _spots_in(self, wording: Wording, scan: Scan) -> Iterator[_Spot]:
        prover = None
        for owner, steps in chain(scan.candidates(), scan.readings()):
            prover = prover or Prover(wording, scan.signs)
            term = self._index.entries[owner.entry]
            shape = shape_of(term.text)
            found = prover.prove(shape.reversed() if owner.is_reversed else shape, term.options, steps)
            if found:
                is_innocent = term.options.innocent and _is_across(found, steps, wording.text, scan)
                yield _Spot(*wording.span(found.start, found.end), owner.entry, is_innocent)

    def _passed(self, spots: Sequence[_Spot]) -> Iterator[_Spot]:
        """The terms that are in no allowance, guard phrase, or two words; `spots` are in order."""
        allowed, guarded = 0, 0  # how far allowances reach that begin here or before, and with guards
        for _, several in groupby(spots, key=lambda spot: spot.start):
            here = list(several)
            for spot in here:
                if spot.entry >= len(self._terms):
                    guarded = max(guarded, spot.end)
                    allowed = max(allowed, spot.end if spot.entry < self._first_guard else 0)
            for spot in here:
                if spot.entry < len(self._terms) and not spot.is_innocent:
                    minds_guards = self._terms[spot.entry].options.innocent
                    if spot.end > (guarded if minds_guards else allowed):
                        yield spot

    def _hit(self, text: str, spot: _Spot) -> Hit:
        term = self._terms[spot.entry]
        return Hit(
            start=spot.start,
            end=spot.end,
            text=text[spot.start : spot.end],
            term=term.text,
            category=term.category,
            level=term.level,
            rule=term.id,
            suggestion=term.substitute,
        )


# What ordinary texts have between two words.
_PARTING = frozenset("，。、；：！？,.;:!? \u3000\n")


def _is_across(found: Found, steps: Sequence[Step], text: str, scan: Scan) -> bool:
    """Whether the two characters found are the end and the beginning of two ordinary words."""
    start, end = steps[0].start, steps[-1].end
    return (
        found.is_bare
        and len(steps) == end - start == 2
        and _PARTING.issuperset(text[found.start + 1 : found.end - 1])
        and is_across_words(scan.plain, start, end)
    )


def _in_order(hits: Iterable[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (hit.start, -hit.end, -hit.level.severity))


def _outermost(hits: list[Hit]) -> Iterator[Hit]:
    """Without those within a longer one that is at least as severe; `hits` are in order."""
    reach = dict.fromkeys(Level, 0)  # how far hits of a level reach that begin here or before
    for (_, end), several in groupby(hits, key=lambda hit: (hit.start, hit.end)):
        here = list(several)
        for hit in here:
            if all(reach[level] < end for level in Level if level.severity >= hit.level.severity):
                yield hit
        for hit in here:
            reach[hit.level] = max(reach[hit.level], end)
