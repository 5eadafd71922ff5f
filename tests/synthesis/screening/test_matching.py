"""Forbidden words are found however they are dressed, and told at their place in the text as written."""

from __future__ import annotations

from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from synthesis.screening.matcher import Matcher
from synthesis.screening.reference import matcher as starter_matcher
from synthesis.screening.verdicts import Level, Options, Term

WORDS = (
    "网上赌场",
    "赌场",
    "VIP内幕",
    "赌博",
    "微信",
    "加微信领取",
    "强买强卖",
    "第3方",
    "assert",
    "http://",
    "C++",
)
MATCHER = Matcher([Term(word, "other") for word in WORDS])
INNOCENT = Path(__file__).with_name("innocent.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("去网上赌场玩", "网上赌场"),
        ("去网 上 赌 场玩", "网 上 赌 场"),
        ("网上\u200b赌\ufe0f场", "网上\u200b赌\ufe0f场"),
        ("ＶＩＰ内幕", "ＶＩＰ内幕"),
        ("vip\u3000内幕", "vip\u3000内幕"),
        ("V\u0301IP内幕", "V\u0301IP内幕"),
        ("🅥ⓘ𝐏内幕", "🅥ⓘ𝐏内幕"),
        ("网上\n赌场", "网上\n赌场"),
        ("线下赌场", "赌场"),
        ("網上賭場", "網上賭場"),
        ("去堵博吧", "堵博"),
        ("加薇信号码", "薇信"),
        ("加wei信", "wei信"),
        ("jiaweixin", "weixin"),
        ("w.e.i.x.i.n", "w.e.i.x.i.n"),
        ("wēi xìn", "wēi xìn"),
        ("贝者博", "贝者博"),
        ("弓虽买弓虽卖", "弓虽买弓虽卖"),
        ("赌赌赌博", "赌赌赌博"),
        ("赌<b>博</b>", "赌<b>博"),
        ("%E8%B5%8C&#21338;", "%E8%B5%8C&#21338;"),
        ("第三方", "第三方"),
        ("第㈢方", "第㈢方"),
        ("见http://a", "http://"),
        ("学c++吧", "c++"),
    ],
)
def test_a_word_is_found_in_its_disguises(text: str, found: str) -> None:
    (hit,) = MATCHER.judge(text).hits
    assert (hit.text, text[hit.start : hit.end]) == (found, found)


@pytest.mark.abuse(59)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "网上办事大厅",
        "赌气的场面",
        "\u200b\ufeff",
        "政府的威信",
        "博赌",
        "asserts",
        "http",
        "c",
        "赌----------博",
        "场赌",
    ],
)
def test_other_texts_pass(text: str) -> None:
    assert not MATCHER.judge(text).hits


@pytest.mark.parametrize(
    ("fold", "text"),
    [
        ("case", "aSSert"), ("width", "ａssert"), ("script", "賭博"), ("styled", "ⓐssert"),
        ("digits", "第三方"), ("lookalikes", "аssert"), ("invisible", "赌\u200b博"), ("spacing", "赌 博"),
        ("punctuation", "赌。博"),
        ("emoji", "赌🎲博"), ("markup", "赌<b>博"), ("escapes", "%E8%B5%8C博"), ("pinyin", "du博"),
        ("homophones", "堵博"), ("split", "贝者博"), ("repeats", "assssert"),
    ],
)  # fmt: skip
def test_each_disguise_can_be_left_alone(fold: str, text: str) -> None:
    def found(options: Options) -> bool:
        return bool(Matcher([Term(word, "other", options=options) for word in WORDS]).judge(text).hits)

    assert found(Options())
    assert not found(replace(Options(), **{fold: False}))


def test_more_signs_between_than_the_gap_part_a_word() -> None:
    term = Term("赌博", "other", options=Options(gap=2))
    assert Matcher([term]).judge("赌--博").hits
    assert not Matcher([term]).judge("赌---博").hits


def test_backwards_is_found_where_it_is_asked_for() -> None:
    assert not MATCHER.judge("场赌上网").hits
    (hit,) = Matcher([Term("网上赌场", "other", options=Options(reverse=True))]).judge("去场赌上网").hits
    assert hit.text == "场赌上网"


def test_a_word_of_one_character_is_found_but_not_by_its_sound() -> None:
    matcher = Matcher([Term("嫖", "other")])
    assert [hit.text for hit in matcher.judge("嫖、女票").hits] == ["嫖", "女票"]
    assert not matcher.judge("瓢 piao").hits


def test_letters_and_digits_count_as_whole_words_only() -> None:
    matcher = Matcher([Term("av", "other"), Term("69", "other")])
    assert not matcher.judge("have 695").hits
    assert [hit.text for hit in matcher.judge("av123 AV 69").hits] == ["av", "AV", "69"]
    loose = Options(whole_word=False, whole_number=False)
    assert len(Matcher([Term("av", "other", options=loose)]).judge("have").hits) == 1


def test_the_longest_word_is_told_once() -> None:
    assert [hit.term for hit in MATCHER.judge("网上赌场和赌场").hits] == ["网上赌场", "赌场"]


def test_a_severe_word_is_told_within_a_mild_one() -> None:
    verdict = Matcher([Term("网上赌场", "other", Level.RECORD), Term("赌场", "other", Level.BLOCK)]).judge(
        "网上赌场"
    )
    assert [hit.term for hit in verdict.hits] == ["网上赌场", "赌场"]
    assert verdict.level is Level.BLOCK
    assert verdict.blocked


def test_an_allowance_covers_what_lies_in_it() -> None:
    matcher = Matcher([Term("共产", "other"), Term("共产党员会", "other")], allow=["共产党"])
    assert not matcher.judge("共产党是白名单").hits
    assert [hit.text for hit in matcher.judge("共产主义").hits] == ["共产"]
    assert [hit.text for hit in matcher.judge("共产党员会").hits] == ["共产党员会"]


def test_a_word_of_nothing_visible_blocks_nothing() -> None:
    assert not Matcher([Term("\u200b \ufeff", "other"), Term("", "other")]).judge("随便什么\u200b").hits


def test_a_list_without_words_blocks_nothing() -> None:
    assert not Matcher([]).judge("网上赌场").hits


@pytest.mark.parametrize(
    "text", ["\udc80赌博", "赌\U0010ffff博", "&#xd800;赌博", "%FF%FE赌博", "\\U00110000赌博"]
)
def test_broken_characters_hide_nothing(text: str) -> None:
    assert MATCHER.judge(text).hits[0].term == "赌博"


@pytest.mark.parametrize("unit", ["xian", "<a", "%E8", "&#", "赌<", "女", "<!--", "堵"])
def test_a_long_hostile_text_is_judged(unit: str) -> None:
    text = unit * 3000 + "赌博"
    assert MATCHER.judge(text).hits[-1].end == len(text)


@pytest.mark.abuse(59)
def test_innocent_sentences_pass() -> None:
    assert len(INNOCENT) >= 200
    starter = starter_matcher()
    hits = {sentence: starter.judge(sentence).hits for sentence in INNOCENT}
    assert not {sentence: found for sentence, found in hits.items() if found}


# A filter's snares: short words that lie across ordinary ones, or sound like them. Encoded: some are vile.
SNARES = (
    b64decode(
        "5a2m5r2uIOawkei/kCDljIXlhbsg5Lic56qBIOa4r+eLrCDlj7Dni6wg5oiQ5Lq6IOiJsuaDhSDmj7TkuqQg5Yqe6K+BIOWP"
        "o+S6pCDmgKfkuqQg6Ieq5oWwIOWBmueIsSDpmLTpgZMg5aaI55qEIOaXpeS9oCDkuK3lhbEg5Y+N5YWxIOS4i+S9kyDog7jp"
        "g6gg6Zi06YOoIOWFreWbmw=="
    )
    .decode()
    .split()
)


def test_innocent_sentences_pass_a_list_of_snares() -> None:
    matcher = Matcher([Term(text, "other") for text in SNARES])
    hits = {sentence: matcher.judge(sentence).hits for sentence in INNOCENT}
    assert not {sentence: found for sentence, found in hits.items() if found}


def test_many_threads_may_ask_one_matcher() -> None:
    texts = ["去网上赌场玩", "网上办事大厅", "wei信", "赌<b>博"] * 50
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: [hit.text for hit in MATCHER.judge(text).hits], texts))
    assert found == [["网上赌场"], [], ["wei信"], ["赌<b>博"]] * 50
