"""Pinyin with tone marks, and the readings that a character can have."""

from __future__ import annotations

import pytest

from synthesis.text.spelling import marked, readings_of
from synthesis.text.syllables import SYLLABLES, from_marked


@pytest.mark.parametrize(
    ("syllable", "written"),
    [
        ("hang2", "háng"), ("lv4", "lǜ"), ("nve4", "nüè"), ("gui4", "guì"), ("liu2", "liú"), ("lou2", "lóu"),
        ("xiong2", "xióng"), ("huar1", "huār"), ("de5", "de"), ("er4", "èr"), ("zhuang4", "zhuàng"),
    ],
)  # fmt: skip
def test_the_mark_stands_on_its_vowel(syllable: str, written: str) -> None:
    assert marked(syllable) == written


def test_every_syllable_comes_back_from_its_marks() -> None:
    spelled = [letters + tone for letters in SYLLABLES for tone in "12345"]
    assert [syllable for syllable in spelled if from_marked(marked(syllable)) != syllable] == []


def test_a_character_has_its_readings_the_commonest_first() -> None:
    assert readings_of("行")[:2] == ("xing2", "hang2")
    assert "xie3" in readings_of("血")
    assert readings_of("A") == ()
