"""Emoji: refused with their place, or said by name where the caller wants that."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthesis.text import Script, make_script
from synthesis.text.emoji import names


def named(text: str) -> Script:
    return make_script(text, name_emoji=True)


def test_there_are_names_for_what_officials_use() -> None:
    assert len(names()) >= 400
    for sign in "😊👍🙏📢📞📍⚠⏰🚧🚌🏥🏫🎉🌧🔥❤✅❌":
        assert sign in names()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("感谢您的支持👍", "感谢您的支持、点赞"),
        ("你好😀世界", "你好、笑脸、世界"),
        ("👏👏", "鼓掌、鼓掌"),
        ("⚠️注意安全", "警告、注意安全"),
        ("👍🏽好", "点赞、好"),
        ("🙋‍♀️举手", "举手、举手"),
        ("👨‍👩‍👧回家", "家庭、回家"),
        ("国庆🇨🇳快乐", "国庆、中国国旗、快乐"),
        ("🎉，开学了", "庆祝，开学了"),
        ("☎️12345", "电话、幺二三四五"),
    ],
)
def test_a_name_is_said_between_short_breaks(text: str, said: str) -> None:
    script = named(text)
    assert script.normalized == said
    assert script.unreadable == ()


def test_every_name_can_be_spoken() -> None:
    for sign, name in names().items():
        script = named(sign)
        assert script.normalized == name
        assert script.unreadable == ()
        assert {(one.start, one.end) for one in script.syllables} == {(0, len(sign))}


def test_places_are_those_of_the_whole_sequence() -> None:
    script = named("请👩🏽‍⚕️来")
    assert script.normalized == "请、女医生、来"
    assert script.spans == ((0, 1), *[(1, 6)] * 5, (6, 7))


@pytest.mark.parametrize("text", ["你🫠好", "你🇦🇶好", "你👩‍🦳好"])
def test_one_without_a_name_is_still_refused(text: str) -> None:
    assert named(text).unreadable == make_script(text).unreadable != ()
    assert named(text).normalized == make_script(text).normalized


def test_without_being_asked_nothing_is_named() -> None:
    script = make_script("你好😀")
    assert [(fault.start, fault.end, fault.reason) for fault in script.unreadable] == [(2, 3, "emoji")]


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(alphabet=[*"你好12，。 \u200d\ufe0f🏽", "👍", "👩", "⚕", "🇨", "🇳", "🫠", "㐂"], max_size=20)
)
def test_places_cover_the_text(text: str) -> None:
    script = named(text)
    assert len(script.spans) == len(script.normalized)
    assert all(0 <= start < end <= len(text) for start, end in script.spans)
    seen = {place for start, end in script.spans for place in range(start, end)}
    faults = {place for fault in script.unreadable for place in range(fault.start, fault.end)}
    assert {place for place, char in enumerate(text) if char in "👍你好"} <= seen | faults
    assert named(script.normalized).normalized == script.normalized
