"""A listed word is found in every disguise, alone and two at a time, and its place is told exactly."""

from __future__ import annotations

from itertools import combinations, pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from synthesis.screening.matcher import Matcher
from synthesis.screening.sounds import sounds
from synthesis.screening.verdicts import Term
from synthesis.text.words import dictionary
from tests.synthesis.screening.disguises import DISGUISES, Word

HAN = sorted(dictionary().singles, key=dictionary().singles.__getitem__, reverse=True)[:2500]
HAN = [char for char in HAN if "\u4e00" <= char <= "\u9fff" and sounds(char)]
CHARACTERS = st.one_of(
    st.sampled_from(HAN), st.sampled_from(HAN), st.sampled_from("abceiopxyABCEHKMOPTX123456789")
)


def _is_plain(word: str) -> bool:
    """No two neighbours sound alike: 世事 and 事世 are one to the ear."""
    return not any(
        set(sounds(one) or one.lower()) & set(sounds(other) or other.lower()) for one, other in pairwise(word)
    )


LISTS = st.lists(
    st.text(CHARACTERS, min_size=2, max_size=5).filter(_is_plain), min_size=1, max_size=20, unique=True
)
CHANCE = st.integers(0, 2**32).map(Random)
FEW = settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def _is_found(words: list[str], worn: list[str], chance: Random) -> None:
    listed = chance.choice(words)
    word = Word(listed)
    for name in worn:
        assume(DISGUISES[name](word, chance))
    before, behind = chance.choice([("", ""), ("——", "！"), ("（", "）")])
    text = before + word.written() + behind
    hits = Matcher([Term(word, "other") for word in words]).find_all(text)
    spans = [(hit.start, hit.end) for hit in hits if hit.term == listed]
    assert (len(before), len(text) - len(behind)) in spans, (listed, worn, text, hits)


@pytest.mark.abuse(58)
@FEW
@given(words=LISTS, worn=st.sampled_from(sorted(DISGUISES)), chance=CHANCE)
def test_a_word_is_found_in_any_disguise(words: list[str], worn: str, chance: Random) -> None:
    _is_found(words, [worn], chance)


@pytest.mark.abuse(58)
@FEW
@given(words=LISTS, worn=st.sampled_from(list(combinations(sorted(DISGUISES), 2))), chance=CHANCE)
def test_a_word_is_found_in_any_two_disguises(
    words: list[str], worn: tuple[str, str], chance: Random
) -> None:
    _is_found(words, list(worn), chance)
