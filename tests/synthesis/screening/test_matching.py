"""Forbidden words are found however they are dressed, and told at their place in the text as written."""

from __future__ import annotations

import pytest

from synthesis.screening.matcher import Matcher, fold
from synthesis.screening.verdicts import Term

MATCHER = Matcher([Term("网上赌场", "gambling"), Term("VIP内幕", "gambling"), Term("赌场", "gambling")])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("去网上赌场玩", "网上赌场"),
        ("去网 上 赌 场玩", "网 上 赌 场"),
        ("网上\u200b赌\ufe0f场", "网上\u200b赌\ufe0f场"),
        ("ＶＩＰ内幕", "ＶＩＰ内幕"),
        ("vip\u3000内幕", "vip\u3000内幕"),
        ("V\u0301IP内幕", "V\u0301IP内幕"),
        ("网上\n赌场", "网上\n赌场"),
        ("线下赌场", "赌场"),
    ],
)
def test_a_word_is_found_in_its_disguises(text: str, found: str) -> None:
    (hit,) = MATCHER.judge(text).hits
    assert (hit.text, text[hit.start : hit.end]) == (found, found)


@pytest.mark.parametrize("text", ["", "网上办事大厅", "赌气的场面", "\u200b\ufeff", "网、上、赌、场"])
def test_other_texts_pass(text: str) -> None:
    assert not MATCHER.judge(text).blocked


def test_the_longest_word_is_told_once() -> None:
    assert [hit.term for hit in MATCHER.judge("网上赌场和赌场").hits] == ["网上赌场", "赌场"]


def test_a_word_of_nothing_visible_blocks_nothing() -> None:
    assert not Matcher([Term("\u200b \ufeff", "other")]).judge("随便什么\u200b").blocked


def test_a_list_without_words_blocks_nothing() -> None:
    assert not Matcher([]).judge("网上赌场").blocked


def test_a_character_that_unfolds_keeps_its_place() -> None:
    folded, places = fold("㈱网")
    assert folded == "(株)网"
    assert places == [0, 0, 0, 1]
