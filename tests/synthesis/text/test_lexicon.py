"""Staff's word on readings: it is checked, it wins, and the longest match wins among its own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthesis.text import Entry, Lexicon, LexiconError, make_script
from synthesis.text.characters import fold


def said(text: str, *entries: Entry) -> str:
    return " ".join(one.pinyin for one in make_script(text, lexicon=Lexicon(entries)).syllables)


def test_it_wins_over_dictionaries_and_rules() -> None:
    assert said("重庆", Entry("重庆", "zhong4 qing4")) == "zhong4 qing4"
    assert said("共12345件", Entry("12345", "yao1 er4 san1 si4 wu3")) == "gong4 yao1 er4 san1 si4 wu3 jian4"


def test_the_longest_match_wins() -> None:
    entries = [Entry("泺口", "luo4 kou3"), Entry("泺口服装城", "po1 kou3 fu2 zhuang1 cheng2")]
    assert said("到泺口服装城", *entries) == "dao4 po1 kou3 fu2 zhuang1 cheng2"
    assert said("到泺口", *entries) == "dao4 luo4 kou3"


def test_a_replacement_is_read_by_all_rules_and_stands_for_the_word() -> None:
    script = make_script("请用e政通办理", lexicon=Lexicon([Entry("e政通", replacement="一政通5")]))
    assert script.normalized == "请用一政通五办理"
    assert set(script.spans[2:6]) == {(2, 5)}


def test_third_tones_change_as_everywhere() -> None:
    assert said("你好", Entry("你好", "ni3 hao3")) == "ni2 hao3"


def test_latin_words_are_met_whole_only() -> None:
    entry = Entry("APP", "ai1 pu5")
    assert said("APP", entry) == "ai1 pu5"
    assert said("APPS", entry) == said("APPS")


def test_full_width_and_traditional_forms_are_the_same_word() -> None:
    assert said("ＡＰＰ", Entry("APP", "ai1 pu5")) == "ai1 pu5"
    assert said("長清", Entry("长清", "zhang3 qing1")) == "zhang3 qing1"


def test_erhua_may_join_its_syllable() -> None:
    assert said("那花儿", Entry("花儿", "huar4")) == "na4 huar4"


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (Entry("", "ni3"), "not a word"),
        (Entry("😀", "ni3"), "not a word"),
        (Entry("你", "xyz9"), "'xyz9' is no pinyin"),
        (Entry("你", "ni6"), "'ni6' is no pinyin"),
        (Entry("你", "ni"), "'ni' is no pinyin"),
        (Entry("你好", "ni3"), "2 characters but 1 syllables"),
        (Entry("你"), "either a reading or a replacement"),
        (Entry("你", "ni3", "您"), "either a reading or a replacement"),
        (Entry("你", replacement="😀"), "cannot be spoken"),
        (Entry("长" * 65, "chang2"), "longer than 64"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(entry: Entry, fault: str) -> None:
    with pytest.raises(LexiconError, match=fault) as refused:
        Lexicon([entry])
    assert refused.value.word == entry.word


RARE = [Entry("㐂", "xi3"), Entry("𠮷田", "ji2 tian2")]


def test_a_character_without_a_reading_may_be_given_one() -> None:
    assert [fault.reason for fault in make_script("㐂").unreadable] == ["no_reading"]
    script = make_script("请㐂先生到𠮷田路", lexicon=Lexicon(RARE))
    assert " ".join(one.pinyin for one in script.syllables) == "qing2 xi3 xian1 sheng5 dao4 ji2 tian2 lu4"
    assert script.normalized == "请㐂先生到𠮷田路"
    assert script.unreadable == ()


def test_outside_its_word_it_stays_unreadable() -> None:
    script = make_script("𠮷野家，𠮷田", lexicon=Lexicon(RARE))
    assert [(fault.start, fault.end, fault.text) for fault in script.unreadable] == [(0, 1, "𠮷")]
    assert script.normalized == " 野家，𠮷田"
    assert len(make_script("㐂𠮷㐂𠮷" * 5000, lexicon=Lexicon(RARE)).unreadable) == 10_000


def test_it_may_be_replaced_but_not_stand_in_a_replacement() -> None:
    assert make_script("㐂", lexicon=Lexicon([Entry("㐂", replacement="喜")])).normalized == "喜"
    with pytest.raises(LexiconError, match="cannot be spoken"):
        Lexicon([Entry("喜", replacement="㐂")])


def test_a_word_given_twice_is_refused() -> None:
    with pytest.raises(LexiconError, match="more than once"):
        Lexicon([Entry("重", "chong2"), Entry("重", "zhong4")])


def test_ten_thousand_entries_are_one_look_up() -> None:
    plain = [char for char in map(chr, range(0x4E00, 0x5E00)) if fold(char).text == char][:100]
    entries = [Entry(first + second, replacement="好") for first in plain for second in plain]
    script = make_script("去" + entries[1234].word + "办理", lexicon=Lexicon(entries))
    assert script.normalized == "去好办理"


@settings(max_examples=150, deadline=None)
@given(text=st.text(alphabet="重庆长清APP123儿 ，银行", max_size=30))
def test_any_text_with_a_lexicon_keeps_its_places(text: str) -> None:
    entries = [Entry("重庆", "zhong4 qing4"), Entry("APP", replacement="应用"), Entry("12", "shi2 er4")]
    script = make_script(text, lexicon=Lexicon(entries))
    assert len(script.spans) == len(script.normalized)
    assert all(0 <= start < end <= len(text) for start, end in script.spans)
