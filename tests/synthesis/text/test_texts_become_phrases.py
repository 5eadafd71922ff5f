"""Phrases, pauses and breaks; and what happens to text that nobody meant to be read."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthesis.text import Phrase, Script, make_script
from synthesis.text.syllables import SYLLABLES

GREETING = "您好，欢迎致电12345政务服务便民热线，请问有什么可以帮您？"


def count(phrase: Phrase) -> int:
    return sum(not phone.startswith("#") for phone in phrase.phones)


def check_promises(script: Script, *, text: str, limit: int) -> None:
    assert script.text == text
    for phrase in script.phrases:
        check_phrase(phrase, limit)
        assert phrase.text == text[phrase.start : phrase.end]
        assert 0 <= phrase.start <= phrase.end <= len(text)
    for left, right in pairwise(script.phrases):
        assert left.end <= right.start
    for fault in script.unreadable:
        assert fault.text == text[fault.start : fault.end] != ""
    for before, after in pairwise(script.unreadable):
        assert before.end <= after.start


def check_phrase(phrase: Phrase, limit: int) -> None:
    assert 1 <= count(phrase) <= limit
    assert phrase.pause >= 0
    assert not phrase.phones[0].startswith("#")
    assert not phrase.phones[-1].startswith("#")
    for left, right in pairwise(phrase.phones):
        assert not (left.startswith("#") and right.startswith("#"))
    for phone in phrase.phones:
        assert phone in {"#1", "#2", "#3"} or is_syllable(phone)


def is_syllable(phone: str) -> bool:
    """A pinyin syllable and a tone digit, with or without the erhua suffix between them."""
    return phone[-1] in "12345" and (phone[:-1] in SYLLABLES or phone[:-1].removesuffix("r") in SYLLABLES)


MIXED = st.text(
    alphabet=st.one_of(
        st.sampled_from("0123456789.,:-/%年月日号元第一不儿行长好，。！、（） \n¥℃ABkm²①Ⅱ〔〕*+=<>~鲁"),
        st.characters(),
    ),
    max_size=60,
)


@settings(max_examples=400, deadline=None)
@given(text=MIXED, limit=st.integers(min_value=1, max_value=45))
def test_any_text_keeps_the_promises(text: str, limit: int) -> None:
    check_promises(make_script(text, max_syllables=limit), text=text, limit=limit)


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet=st.characters(categories=["Cs", "Co", "Cc", "Cn", "So", "Sk"]), max_size=20))
def test_what_has_no_sound_never_raises(text: str) -> None:
    check_promises(make_script(text), text=text, limit=40)


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet="0123456789.,:-/% 年月日元万", max_size=30))
def test_no_digit_is_lost(text: str) -> None:
    """Each run of digits is said by at least one syllable inside its own place."""
    phrases = make_script(text).phrases
    for run in re.finditer(r"\d+", text):
        assert (
            any(phrase.start <= run.start() and run.end() <= phrase.end for phrase in phrases)
            or len(run[0]) > 40
        )


def test_clauses_end_where_punctuation_says() -> None:
    script = make_script(GREETING)
    assert [phrase.text for phrase in script.phrases] == [
        "您好", "欢迎致电12345政务服务便民热线", "请问有什么可以帮您"
    ]  # fmt: skip
    assert [phrase.pause for phrase in script.phrases] == [0.2, 0.2, 0.0]


def test_short_clauses_join_their_neighbours() -> None:
    script = make_script("您好，您的事项已经办结，谢谢。请记好，排队号是二十五，请到三号窗口办理。")
    assert [phrase.text for phrase in script.phrases] == [
        "您好", "您的事项已经办结，谢谢", "请记好，排队号是二十五", "请到三号窗口办理"
    ]  # fmt: skip
    assert script.phrases[1].phones[-3:] == ("#3", "xie4", "xie5")
    assert [phrase.pause for phrase in script.phrases] == [0.2, 0.4, 0.2, 0.0]


def test_no_joint_goes_over_the_limit() -> None:
    script = make_script("今天，各位，请大家注意安全，好", max_syllables=8)
    assert [phrase.text for phrase in script.phrases] == ["今天", "各位", "请大家注意安全，好"]


def test_a_phrase_says_at_what_it_ends() -> None:
    long = "请您携带身份证和户口簿原件到济南市政务服务中心二楼的综合窗口办理相关的登记手续"
    script = make_script(f"您好，各位市民：{long}。谢谢大家的支持和理解")
    assert [phrase.closing for phrase in script.phrases[:2]] == [3, 3]
    assert [phrase.closing for phrase in script.phrases[-2:]] == [4, 4]
    assert make_script(long).phrases[0].closing == 2


@pytest.mark.parametrize(
    ("mark", "pause"),
    [("，", 0.2), (",", 0.2), ("。", 0.4), ("！", 0.4), ("？", 0.4), ("；", 0.3), ("\n", 0.5), ("，。", 0.4)],
)
def test_pauses(mark: str, pause: float) -> None:
    first, last = make_script(f"上午好{mark}下午好").phrases
    assert (first.pause, last.pause) == (pause, 0.0)


@pytest.mark.parametrize(("mark", "level"), [("、", "#3"), ("（", "#3"), ("“", "#1")])
def test_smaller_marks_are_breaks_inside_a_phrase(mark: str, level: str) -> None:
    (phrase,) = make_script(f"苹果{mark}香蕉").phrases
    assert phrase.phones == ("ping2", "guo3", level, "xiang1", "jiao1")


def test_a_blank_around_a_number_is_no_rest() -> None:
    assert make_script("共 12 个").phrases[0].phones == make_script("共12个").phrases[0].phones


def test_long_clauses_are_cut_between_words() -> None:
    text = (
        "市民来电反映济南市长清区大学路与海棠路交叉口的路灯自上周三晚上开始一直没有亮给附近居民夜间出行带来很大不便"
        * 3
    )
    script = make_script(text, max_syllables=30)
    check_promises(script, text=text, limit=30)
    assert "".join(phrase.text for phrase in script.phrases) == text
    assert not any(phrase.text.endswith(("济", "大", "居", "交")) for phrase in script.phrases)
    assert all(count(phrase) >= 5 for phrase in script.phrases)


def test_the_first_phrase_of_a_long_clause_is_short() -> None:
    script = make_script("请您携带身份证和户口簿原件到济南市政务服务中心二楼的综合窗口办理相关的登记手续")
    assert count(script.phrases[0]) <= 13
    assert len(script.phrases) == 2


def test_a_long_number_is_cut_too() -> None:
    script = make_script("9" * 500, max_syllables=16)
    check_promises(script, text="9" * 500, limit=16)
    assert sum(count(phrase) for phrase in script.phrases) == 500


@pytest.mark.parametrize(
    "text", ["", " ", "\u3000\n", "\u200b\ufeff\u2060", "。。。！！", "((((", "★", "😀👨‍👩‍👧"]
)
def test_nothing_to_speak(text: str) -> None:
    assert make_script(text).phrases == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("你好😀世界", [(2, 3, "emoji")]),
        ("👨‍👩‍👧", [(0, 5, "emoji")]),
        ("🇨🇳🖐🏽", [(0, 4, "emoji")]),
        ("안녕", [(0, 2, "foreign_script")]),
        ("雪の花", [(1, 2, "foreign_script")]),
        ("\ud800你", [(0, 1, "surrogate")]),
        ("你\ue000", [(1, 2, "private_use")]),
        ("\uffff", [(0, 1, "unassigned")]),
        ("\x00\x1b", [(0, 2, "control")]),
        ("𠮷野家", [(0, 1, "no_reading")]),
        ("⌚", [(0, 1, "emoji")]),
        ("∮", [(0, 1, "symbol")]),
        ("\u0b5c\u0958", [(0, 2, "foreign_script")]),
        ("你\ufe0f\u200b好", []),
        ("e\u0301", []),
    ],
)
def test_what_cannot_be_spoken_is_reported(text: str, expected: list[tuple[int, int, str]]) -> None:
    assert [(fault.start, fault.end, fault.reason) for fault in make_script(text).unreadable] == expected


def test_composed_and_decomposed_forms_say_the_same() -> None:
    assert make_script("Café").phrases[0].phones == make_script("Cafe\u0301").phrases[0].phones


def test_a_thousand_marks_on_one_letter_are_that_letter() -> None:
    script = make_script("a" + "\u0301" * 1000)
    assert script.phrases[0].phones == ("ei1",)
    assert (script.phrases[0].start, script.phrases[0].end) == (0, 1001)


@pytest.mark.parametrize(
    "unit",
    [
        "(",
        "9",
        "1-",
        "1.",
        "1,",
        "1:",
        "。",
        "a",
        "😀",
        "a\u0301",
        "¥",
        "鲁A",
        "第 ",
        "1%-",
        ".1",
        "上",
        "电话：",
    ],
)
def test_twenty_thousand_of_anything_is_made_into_phrases(unit: str) -> None:
    text = unit * (20_000 // len(unit))
    check_promises(make_script(text), text=text, limit=40)


def test_spans_point_at_what_was_written() -> None:
    script = make_script("会议定于2025-05-02 17:16召开，请拨打0531-12345678。")
    assert [phrase.text for phrase in script.phrases] == [
        "会议定于2025-05-02", "17:16召开", "请拨打0531-12345678"
    ]  # fmt: skip


@pytest.mark.parametrize("limit", [0, -3])
def test_a_limit_below_one_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        make_script("你好", max_syllables=limit)


def check_syllables(script: Script) -> None:
    said = [phone for phrase in script.phrases for phone in phrase.phones if not phone.startswith("#")]
    assert [one.pinyin for one in script.syllables] == said
    assert len(script.spans) == len(script.normalized)
    assert all(is_syllable(one.base) and one.base[:-1] == one.pinyin[:-1] for one in script.syllables)


@settings(max_examples=300, deadline=None)
@given(text=MIXED)
def test_places_cover_the_original(text: str) -> None:
    """Every character is in the place of a token or was none, and places go forwards."""
    script = make_script(text)
    check_syllables(script)
    assert all(0 <= start < end <= len(text) for start, end in script.spans)
    for left, right in pairwise(script.syllables):
        assert left.start <= right.start
    spoken = {place for one in script.syllables for place in range(one.start, one.end)}
    for place, char in enumerate(text):
        if char.isdecimal() and char.isascii():
            assert place in spoken


NOTICE_FORMS = """
5月2日 2025-05-02 8:30-12:00 12345热线 请拨打0531-12345678 ¥3.5万 3.5% -5℃ 第3条 〔2025〕12号 501室 5-301室
鲁A12345
G1234次 K55路 APP e政通 www.gov.cn a@b.cn 1/3 3:0 Ⅲ级 II型 35μg/m³ 22个 2两 ½ 3、4个 B2B WiFi ≥60岁 市民 办理
一个 不是 长清 银行 ， 。 （ ） 、 ①
"""


@settings(max_examples=300, deadline=None)
@given(words=st.lists(st.sampled_from(NOTICE_FORMS.split()), max_size=8))
def test_what_is_said_is_said_the_same_again(words: list[str]) -> None:
    said = make_script("，".join(words)).normalized
    assert make_script(said).normalized == said
