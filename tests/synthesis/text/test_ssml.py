"""SSML: what it asks for is done, what it may not ask for is refused with its place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthesis.text import Entry, Lexicon, Manner, Script, SsmlError, make_markup_script, read_markup
from synthesis.text.script import Phrase


def script_of(ssml: str) -> Script:
    return make_markup_script(read_markup(ssml))


def read(inside: str) -> Script:
    return script_of(f"<speak>{inside}</speak>")


def phrases(inside: str) -> tuple[Phrase, ...]:
    return read(inside).phrases


SAID = """
<sub alias="互联网">WWW</sub>办事 | 互联网办事
<say-as interpret-as="telephone">12345</say-as> | 幺二三四五
<say-as interpret-as="digits">1203</say-as> | 一二零三
<say-as interpret-as="cardinal">12345</say-as> | 一万两千三百四十五
<say-as interpret-as="number">110</say-as> | 一百一十
<say-as interpret-as="ordinal">3</say-as> | 第三
<say-as interpret-as="id">A1203</say-as> | A幺二零三
<say-as interpret-as="address">5-301</say-as> | 五杠三零幺
<say-as interpret-as="date">5/2</say-as> | 五月二日
<say-as interpret-as="date">2025-05-02</say-as> | 二零二五年五月二日
<say-as interpret-as="time">8:30</say-as> | 八点三十分
<say-as interpret-as="currency">¥12.50</say-as> | 十二点五元
<say-as interpret-as="measure">5kg</say-as> | 五千克
<say-as interpret-as="score">3:1</say-as> | 三比一
<say-as interpret-as="fraction">1/3</say-as> | 三分之一
<say-as interpret-as="verbatim">A-1</say-as> | A杠一
&lt;&#x4f60;好 | <你好
<w>长清</w>楚 | 长清楚
"""


@pytest.mark.parametrize(
    ("inside", "normalized"), [tuple(row.split(" | ")) for row in SAID.strip().splitlines()]
)
def test_elements_that_say_how(inside: str, normalized: str) -> None:
    assert read(inside).normalized == normalized


def test_given_syllables_are_said() -> None:
    (phrase,) = phrases('去<phoneme alphabet="py" ph="zhang3 qing1">长清</phoneme>')
    assert phrase.phones[-2:] == ("zhang3", "qing1")


def test_a_name_begins_with_a_surname() -> None:
    (phrase,) = phrases('<say-as interpret-as="name">单志强</say-as>')
    assert phrase.phones[0] == "shan4"


@pytest.mark.parametrize(
    ("mark", "pause"),
    [
        ('<break time="500ms"/>', 0.5),
        ('<break time="1.5s"/>', 1.5),
        ('<break strength="strong"/>', 0.5),
        ("<break/>", 0.3),
        ('，<break time="1s"/>', 1.0),
        ('。<break time="100ms"/>', 0.4),
    ],
)
def test_breaks_are_pauses(mark: str, pause: float) -> None:
    first, second = phrases(f"你好{mark}世界")
    assert (first.text, first.pause, second.text) == ("你好", pause, "世界")


def test_sentences_and_paragraphs_rest() -> None:
    assert [one.pause for one in phrases("<p><s>一</s><s>二</s></p><p>三</p>四")] == [0.4, 0.6, 0.6, 0.0]


def test_the_innermost_manner_wins() -> None:
    inner = '<emotion category="happy" intensity="1.5">真好</emotion>'
    plain, slow, happy, after = phrases(f'好<prosody rate="50%" volume="80">很好{inner}</prosody>行')
    assert plain.delivery is None
    assert slow.delivery == Manner(rate=0.5, volume=80)
    assert happy.delivery == Manner(rate=0.5, volume=80, emotion="happy", intensity=1.5)
    assert after.delivery is None


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        ('rate="-500"', Manner(rate=0.5)),
        ('rate="500"', Manner(rate=2.0)),
        ('rate="fast"', Manner(rate=1.25)),
        ('rate="1.2"', Manner(rate=1.2)),
        ('pitch="+2st"', Manner(pitch=2.0)),
        ('pitch="500"', Manner(pitch=12.0)),
        ('volume="loud"', Manner(volume=75)),
    ],
)
def test_scales(attribute: str, expected: Manner) -> None:
    (phrase,) = phrases(f"<prosody {attribute}>好</prosody>")
    assert phrase.delivery == expected


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ('rate="50%"', 'rate="+50%"', Manner(rate=0.75)),
        ('rate="-20%"', 'rate="-20%"', Manner(rate=0.64)),
        ('rate="50%"', 'rate="150%"', Manner(rate=1.5)),
        ('rate="slow"', 'rate="fast"', Manner(rate=1.25)),
        ('pitch="+2st"', 'pitch="+3st"', Manner(pitch=5.0)),
        ('pitch="2st"', 'pitch="3st"', Manner(pitch=3.0)),
        ('pitch="-12st"', 'pitch="+100%"', Manner(pitch=0.0)),
        ('volume="25"', 'volume="+6.0206dB"', Manner(volume=50)),
        ('volume="loud"', 'volume="-3dB"', Manner(volume=53)),
        ('volume="loud"', 'volume="20"', Manner(volume=20)),
    ],
)
def test_what_has_a_sign_changes_what_is_around_it(outer: str, inner: str, expected: Manner) -> None:
    (phrase,) = phrases(f"<prosody {outer}><prosody {inner}>好</prosody></prosody>")
    assert phrase.delivery == expected


def test_an_emotion_is_as_strong_as_it_says_itself() -> None:
    first, second = phrases(
        '<emotion category="sad" intensity="2">好<emotion category="happy">好</emotion></emotion>'
    )
    assert first.delivery == Manner(emotion="sad", intensity=2.0)
    assert second.delivery == Manner(emotion="happy", intensity=1.0)


def test_each_voice_has_a_lexicon_of_its_own() -> None:
    lexicons = {None: Lexicon([Entry("长清", "chang2 qing1")]), "b": Lexicon([Entry("长清", "zhang3 qing1")])}
    markup = read_markup('<speak>长清<voice name="b">长清<break/>长清</voice>长清</speak>')
    found = make_markup_script(markup, lexicons=lexicons)
    assert [phrase.phones[0] for phrase in found.phrases] == ["chang2", "zhang3", "zhang3", "chang2"]


def test_the_voices_are_known_before_anything_is_read() -> None:
    ssml = '<speak voice="a">好<voice name="b">行</voice><voice name="a"/></speak>'
    assert read_markup(ssml).voices == {"a": 0, "b": ssml.index("<voice")}


def test_white_space_between_tags_is_not_counted() -> None:
    assert read_markup("<speak>\n  <s>你好 吗</s>\n  <s>好</s>\n</speak>").spoken == "你好 吗 好"


def test_speak_and_voice_name_a_voice() -> None:
    ssml = '<speak voice="zhiyan">好<voice name="zhibei">行</voice></speak>'
    first, second = script_of(ssml).phrases
    assert (first.delivery, second.delivery) == (Manner(voice="zhiyan"), Manner(voice="zhibei"))


def test_places_point_into_the_ssml_and_texts_have_no_tags() -> None:
    ssml = '<speak>\r\n去<w>长清</w>&amp;<sub alias="互联网">WWW</sub></speak>'
    script = script_of(ssml)
    (phrase,) = script.phrases
    assert phrase.text == "去长清&互联网"
    assert ssml[phrase.start : phrase.end].startswith("去<w>长清")
    assert ssml[slice(*script.spans[script.normalized.index("互")])] == "WWW"
    assert ssml[slice(*script.spans[script.normalized.index("和")])] == "&amp;"


def test_screening_sees_the_joined_text() -> None:
    assert read_markup("<speak>敏<break/>感<!-- x -->词</speak>").text == "敏感词"


def test_screening_hears_given_syllables() -> None:
    ssml = '<speak>请<phoneme ph="wei1 xin4">转账</phoneme>联系<phoneme ph="wo3">你</phoneme></speak>'
    heard, places = read_markup(ssml).heard()
    assert heard == "请wei1 xin4联系wo3"
    assert [ssml[slice(*places[heard.index(sign)])] for sign in ("请", "x", "联", "o")] == list("请转联你")
    assert read_markup("<speak>好<w>好</w></speak>").heard()[0] == "好好"


def test_the_authors_word_comes_before_the_lexicons() -> None:
    lexicon = Lexicon([Entry("长清", "chang2 qing1"), Entry("银行", "ying2 hang2")])
    ssml = '<speak><phoneme ph="zhang3 qing1">长清</phoneme>银行</speak>'
    script = make_markup_script(read_markup(ssml), lexicons={None: lexicon})
    assert [one.pinyin for one in script.syllables] == ["zhang3", "qing1", "ying2", "hang2"]


LAUGHS = (
    "<!DOCTYPE l [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {b} '{('&' + a + ';') * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><speak>&i;</speak>"
)
REFUSED = [
    (LAUGHS, "ssml_entity_forbidden"),
    ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><speak>a</speak>', "ssml_entity_forbidden"),
    ('<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1/">%p;]><speak/>', "ssml_entity_forbidden"),
    ("<speak>&unknown;</speak>", "ssml_entity_forbidden"),
    ("<speak>" + "<s>" * 1000 + "</s>" * 1000 + "</speak>", "ssml_too_deep"),
    ("<speak " + " ".join(f'a{n}="1"' for n in range(10_000)) + "/>", "ssml_too_deep"),
    ("<speak>" + "好" * 200_001 + "</speak>", "ssml_too_long"),
    ('<speak><audio src="http://169.254.169.254/"/></speak>', "ssml_tag_forbidden"),
    ('<speak><lexicon uri="x"/></speak>', "ssml_tag_forbidden"),
    ('<speak><xi:include href="x"/></speak>', "ssml_tag_forbidden"),
    ("<speak><?php x?></speak>", "ssml_tag_forbidden"),
    ('<speak><break time="99999999s"/></speak>', "break_range"),
    ('<speak><break time="-1s"/></speak>', "break_range"),
    ('<speak><break time="1e9s"/></speak>', "break_range"),
    ('<speak><break strength="huge"/></speak>', "break_range"),
    ("<speak>" + '<break time="10s"/>' * 31 + "</speak>", "break_range"),
    ('<speak><prosody rate="-500%">a</prosody></speak>', "rate_range"),
    ('<speak><prosody rate="nan">a</prosody></speak>', "rate_range"),
    ('<speak><prosody rate="slow"><prosody rate="-50%">a</prosody></prosody></speak>', "rate_range"),
    ('<speak><prosody volume="+7dB">a</prosody></speak>', "volume_range"),
    ('<speak><prosody pitch="+13st">a</prosody></speak>', "pitch_range"),
    ('<speak><prosody volume="101">a</prosody></speak>', "volume_range"),
    ('<speak><emotion category="bored">a</emotion></speak>', "emotion_unknown"),
    ('<speak><emotion category="sad" intensity="3">a</emotion></speak>', "intensity_range"),
    ('<speak><phoneme ph="xyz9">你</phoneme></speak>', "phoneme_invalid"),
    ('<speak><phoneme alphabet="ipa" ph="ni3">你</phoneme></speak>', "phoneme_invalid"),
    ('<speak><say-as interpret-as="haiku">a</say-as></speak>', "say_as_unknown"),
    ("<speak>你好", "ssml_invalid"),
    ("你好", "ssml_invalid"),
    ("", "ssml_invalid"),
    ("<s>a</s>", "ssml_invalid"),
    ("<speak/><speak/>", "ssml_invalid"),
    ("<speak><![CDATA[a]]></speak>", "ssml_invalid"),
    ('<speak xmlns:x="urn:x">a</speak>', "ssml_invalid"),
    ('<speak xmlns="urn:x">a</speak>', "ssml_invalid"),
    ('<?xml version="1.0" encoding="utf-7"?><speak>a</speak>', "ssml_invalid"),
    ('<speak rate="1" rate="2">a</speak>', "ssml_invalid"),
    ("<speak><sub>a</sub></speak>", "ssml_invalid"),
    ('<speak><sub alias="x"><break/></sub></speak>', "ssml_invalid"),
    ('<speak><sub alias="x"></sub></speak>', "ssml_invalid"),
    ("<speak><break>a</break></speak>", "ssml_invalid"),
    ("<speak>\ud800</speak>", "ssml_invalid"),
    ("<speak>\x00</speak>", "ssml_invalid"),
]


@pytest.mark.parametrize(("ssml", "code"), REFUSED, ids=[f"{code}-{ssml[:40]}" for ssml, code in REFUSED])
def test_what_is_refused(ssml: str, code: str) -> None:
    with pytest.raises(SsmlError) as refused:
        script_of(ssml)
    assert refused.value.code == code
    assert 0 <= refused.value.position <= len(ssml)


def test_errors_say_where() -> None:
    with pytest.raises(SsmlError) as refused:
        script_of('<speak>\n你好\n  <prosody rate="9.0">a</prosody>\n</speak>')
    error = refused.value
    assert (error.line, error.column, error.position) == (3, 3, 13)


def read_or_place(ssml: str) -> Script | int:
    """The script, or the place where it is refused."""
    try:
        return script_of(ssml)
    except SsmlError as error:
        return error.position


PIECES = [
    "<speak>", "</speak>", "<s>", "</s>", '<break time="1s"/>', '<sub alias="好">', "</sub>", "你好", "12345",
    "&lt;", "😀", '<prosody rate="2.0">', "</prosody>", '<say-as interpret-as="digits">', "</say-as>", "\r\n",
    "<w>", "</w>",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=12), wrapped=st.booleans())
def test_any_arrangement_is_read_or_refused(pieces: list[str], wrapped: bool) -> None:
    ssml = "".join(["<speak>", *pieces, "</speak>"] if wrapped else pieces)
    script = read_or_place(ssml)
    if isinstance(script, int):
        assert 0 <= script <= len(ssml)
        return
    assert len(script.spans) == len(script.normalized)
    for one in (*script.phrases, *script.syllables, *script.unreadable):
        assert 0 <= one.start <= one.end <= len(ssml)


def test_the_author_may_read_what_no_dictionary_has() -> None:
    script = read('<phoneme ph="xi3">㐂</phoneme>和<w>㐂乐</w>')
    assert " ".join(one.pinyin for one in script.syllables) == "xi3 he2 le4"
    assert [fault.text for fault in script.unreadable] == ["㐂"]


def test_emoji_are_named_where_that_is_wanted() -> None:
    found = make_markup_script(read_markup("<speak>谢谢👍</speak>"), name_emoji=True)
    assert (found.normalized, found.unreadable) == ("谢谢、点赞", ())
    inside = make_markup_script(read_markup("<speak>谢谢<w>👍好</w></speak>"), name_emoji=True)
    assert [fault.text for fault in inside.unreadable] == ["👍"]


def test_a_rest_that_is_asked_for_stays_one() -> None:
    found = read('大家上午好，各位<break time="200ms"/>来宾，请坐')
    assert [(phrase.text, phrase.pause) for phrase in found.phrases] == [
        ("大家上午好", 0.2), ("各位", 0.2), ("来宾，请坐", 0.0)
    ]  # fmt: skip
