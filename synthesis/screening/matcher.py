"""Finds forbidden words in a text. The first cut folds case and width and skips invisible signs."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from ahocorasick_rs import AhoCorasick, MatchKind

from synthesis.screening.verdicts import Hit, Rule, Term, Verdict


class Matcher:
    """Built once a version of the list, then only read: safe in any number of threads."""

    def __init__(self, terms: Iterable[Term], allow: Iterable[str] = (), rules: Iterable[Rule] = ()) -> None:
        self._terms = [term for term in terms if fold(term.text)[0]]
        patterns = [fold(term.text)[0] for term in self._terms]
        self._automaton = AhoCorasick(patterns, matchkind=MatchKind.LeftmostLongest)

    def judge(self, text: str) -> Verdict:
        folded, places = fold(text)
        found = self._automaton.find_matches_as_indexes(folded)
        return Verdict(tuple(self._hit(text, places, *match) for match in found))

    def _hit(self, text: str, places: list[int], index: int, start: int, end: int) -> Hit:
        term = self._terms[index]
        first, last = places[start], places[end - 1] + 1
        return Hit(first, last, text[first:last], term.text, term.category, term.level, rule=term.id)


def fold(text: str) -> tuple[str, list[int]]:
    """The text as it is matched, and for each of its characters the place it has in `text`.

    NFKC and lower case, one character at a time; spaces, and signs that show nothing (Unicode Cf, Mn), go.
    """
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for piece in unicodedata.normalize("NFKC", character).lower():
            if not piece.isspace() and unicodedata.category(piece) not in {"Cf", "Mn"}:
                folded.append(piece)
                places.append(place)
    return "".join(folded), places
