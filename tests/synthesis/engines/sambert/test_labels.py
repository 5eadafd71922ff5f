"""From phones to the symbols a Sambert voice reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from synthesis.engines.base import EmptyPhrase, UnknownPhone
from synthesis.engines.sambert.config import ConfigError, LinguisticConfig
from synthesis.engines.sambert.labels import (
    Label,
    close,
    encode,
    label_phrase,
    parse_labels,
    speaker_of,
    syllable,
)
from synthesis.engines.sambert.prosody_text import label_script
from synthesis.engines.sambert.symbols import PHONES, UnknownSymbol, inventories
from synthesis.text.syllables import SYLLABLES

FRONTEND = Path(__file__).parents[5] / "shared" / "sambert" / "fixtures" / "frontend"
RELEASED = LinguisticConfig(("F7", "F74", "FBYN", "FRXL", "M7", "xiaoyu"), "PinYin", has_mask=True)


def phones(written: str) -> str:
    """`hua1 r5` as the phones of the voice, breaks included."""
    labels = label_phrase(written.split(), emotion="emotion_neutral", speaker="F7")
    return " ".join(label.phone for label in labels[:-1])


def column(written: str, field: str) -> list[str]:
    labels = label_phrase(written.split(), emotion="emotion_happy", speaker="F7")
    return [getattr(label, field) for label in labels]


def test_every_unit_has_the_released_order() -> None:
    released = json.loads((FRONTEND / "symbols_pinyin.json").read_text(encoding="utf-8"))
    for unit in inventories(RELEASED):
        symbols = [
            symbol if symbol == "@[MASK]" else symbol.removeprefix("@") for symbol in released[unit.unit]
        ]
        assert symbols == [*unit.symbols, "_", "~", "@[MASK]"]
        assert (unit.end, unit.table_sizes) == (len(symbols) - 2, (len(symbols), len(symbols) - 1))


@pytest.mark.parametrize("letters", sorted(SYLLABLES))
def test_every_syllable_is_an_onset_and_a_final(letters: str) -> None:
    [plain] = syllable(f"{letters}3", 0)
    assert len(plain.phones) == 2
    assert all(phone in PHONES for phone in plain.phones)
    assert plain.tone == "tone3"
    [coloured, *apart] = syllable(f"{letters}r4", 0)
    assert coloured.phones[0] == plain.phones[0]
    if letters == "er":
        assert apart == [(("ge", "er_c"), "tone5")]
    else:
        coda = "er_c" if plain.phones[1] == "e_c" else plain.phones[1].replace("_c", "r_c")
        assert (coloured.phones[1], apart) == (coda, [])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("xue2 jue2 yue4 lve4", "xx_c ve_c j_c ve_c y_c ve_c l_c ve_c"),
        ("yuan2 yu3 yun4 qun2 xu1", "y_c van_c y_c v_c y_c vn_c q_c vn_c xx_c v_c"),
        ("ai4 er4 ou3 a1", "ga ai_c ge er_c go ou_c ga a_c"),
        ("ya1 yan2 ye3 you3 yi1 yin1 yong4", "y_c a_c y_c an_c y_c e_c y_c ou_c y_c i_c y_c in_c y_c ong_c"),
        ("wu3 wei4 weng1 wo3 wen4", "w_c u_c w_c ei_c w_c eng_c w_c o_c w_c en_c"),
        ("zi4 ci2 si1", "z_c ii_c c_c ii_c s_c ii_c"),
        ("zhi1 chi2 shi4 ri4", "zh_c ih_c ch_c ih_c sh_c ih_c r_c ih_c"),
        ("liu4 gui4 lun2 jiu3", "l_c iou_c g_c uei_c l_c uen_c j_c iou_c"),
        ("bo1 luo2 nv3", "b_c o_c l_c uo_c n_c v_c"),
        ("hair2 wanr2 shir4 dianr3 ger1", "h_c air_c w_c anr_c sh_c ihr_c d_c ianr_c g_c er_c"),
        ("hua1 r5 er2 nar3", "h_c uar_c ge er_c n_c ar_c"),
        ("weng1 r5", "w_c engr_c"),
        ("ng2 hm5 ê4", "ge en_c h_c en_c ge ei_c"),
        ("#1 ni2 #1 #3 #2 hao3 #2", "n_c i_c #3 h_c ao_c"),
    ],
)
def test_the_rules(written: str, expected: str) -> None:
    assert phones(written) == expected


def test_marks_of_tone_change() -> None:
    assert syllable("lao6", 0)[0].tone == "tone2"
    assert syllable("zi35", 0)[0].tone == "tone5"


@pytest.mark.parametrize(
    "phone", ["", "hao", "hao7", "hao0", "Hao3", "bx3", "bzh3", "q1", "pau", "#4", "好", "v3"]
)
def test_what_is_no_syllable_is_named_with_its_place(phone: str) -> None:
    with pytest.raises(UnknownPhone) as caught:
        label_phrase(["ni3", "#1", phone], emotion="emotion_neutral", speaker="F7")
    assert (caught.value.phone, caught.value.position) == (phone, 2)


@pytest.mark.parametrize("written", [["r5"], ["hua1", "#1", "r5"]])
def test_erhua_on_its_own_needs_a_syllable_to_lean_on(written: list[str]) -> None:
    with pytest.raises(UnknownPhone, match="r5"):
        label_phrase(written, emotion="emotion_neutral", speaker="F7")


@pytest.mark.parametrize("written", [[], ["#1"], ["#1", "#3"]])
def test_a_phrase_without_a_syllable(written: list[str]) -> None:
    with pytest.raises(EmptyPhrase):
        label_phrase(written, emotion="emotion_neutral", speaker="F7")


def test_flags_tell_the_place_in_syllable_and_word() -> None:
    written = "bei3 jing1 #1 huar1"
    assert column(written, "syllable") == ["s_begin", "s_end"] * 2 + ["s_none", "s_begin", "s_end", "s_none"]
    places = ["begin", "middle", "middle", "end", "none", "begin", "end", "none"]
    assert column(written, "word") == [f"word_{place}" for place in places]
    assert column(written, "tone") == ["tone3"] * 2 + ["tone1"] * 2 + ["tone_none"] + ["tone1"] * 2 + [
        "tone_none"
    ]
    assert column(written, "phone")[-1] == "#4"


def test_breaks_feel_as_the_phrase_or_not_at_all() -> None:
    calm = label_phrase(["ni3", "#2", "hao3"], emotion="emotion_sad", speaker="M7", feeling_breaks=False)
    assert [label.emotion for label in calm if label.phone[0] == "#"] == ["emotion_none", "emotion_none"]
    assert {label.emotion for label in calm if label.phone[0] != "#"} == {"emotion_sad"}
    assert set(column("ni3 #2 hao3", "emotion")) == {"emotion_happy"}


def test_a_label_is_written_and_read() -> None:
    labels = label_phrase(["ni2", "hao3"], emotion="emotion_gentle", speaker="xiaoyu")
    line = " ".join(str(label) for label in labels)
    assert line.startswith("{n_c$tone2$s_begin$word_begin$emotion_gentle$xiaoyu} {i_c$")
    assert parse_labels(line) == labels
    rows = encode(labels, RELEASED)
    assert [row[0] for row in rows] == [34, 3, 0, 0, 9, 5]
    assert [row[-1] for row in close(rows, RELEASED)] == [145, 8, 6, 6, 34, 7]


@pytest.mark.parametrize("line", ["n_c$tone2", "{n_c$tone2}", "{n_c$tone2$s_begin$word_begin$emotion_sad$F7"])
def test_a_broken_label_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="symbol 1"):
        parse_labels("{n_c$tone2$s_begin$word_begin$emotion_sad$F7} " + line)


@pytest.mark.parametrize(
    ("field", "unit"),
    [("tone", "tone"), ("syllable", "syllable_flag"), ("word", "word_segment"), ("emotion", "emo_category"),
     ("speaker", "speaker_category")],
)  # fmt: skip
def test_an_unknown_field_is_named_with_its_unit(field: str, unit: str) -> None:
    good = Label("n_c", "tone2", "s_begin", "word_begin", "emotion_sad", "F7")
    with pytest.raises(UnknownSymbol) as caught:
        encode([good, good._replace(**{field: "loud"})], RELEASED)
    assert (caught.value.unit, caught.value.symbol, caught.value.position) == (unit, "loud", 1)
    with pytest.raises(UnknownPhone):
        encode([good._replace(phone="x_c")], RELEASED)


def test_another_language_has_other_symbols() -> None:
    with pytest.raises(ConfigError, match=r"linguistic_unit\.language: only PinYin"):
        inventories(LinguisticConfig(("F7",), "Sichuan", has_mask=True))


def test_the_speaker_a_voice_expects() -> None:
    assert speaker_of(RELEASED) == "F7"
    assert speaker_of(LinguisticConfig(("M7", "xiaoyu"), "PinYin", has_mask=True)) == "M7"


def test_breaks_of_level_0_join_words() -> None:
    joined = label_script("你#0好#3吗", "ni2 hao3 ma5", emotion="emotion_sad", speaker="F7")
    assert [label.phone for label in parse_labels(joined)] == [
        "n_c",
        "i_c",
        "h_c",
        "ao_c",
        "#3",
        "m_c",
        "a_c",
        "#4",
    ]


@pytest.mark.parametrize(
    ("prosody", "said", "what"),
    [
        ("你好#4", "ni3", "nothing is said for '好'"),
        ("你#4", "ni3 hao3", "1 syllables are said"),
        ("12#4", "shi2 er4", "numbers must be written"),
        ("#4", "", "nothing to say"),
    ],
)
def test_text_and_pronunciation_that_do_not_fit(prosody: str, said: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        label_script(prosody, said, emotion="emotion_sad", speaker="F7")


def test_english_words_have_syllables_and_stress() -> None:
    line = label_script(
        "按#1hello#1键#4", "an4 / HH AH0 . L OW1 / jian4", emotion="emotion_sad", speaker="F7"
    )
    labels = parse_labels(line)[3:7]
    assert [label.phone for label in labels] == ["hh", "ah", "l", "ow"]
    assert [label.tone for label in labels] == ["tone0", "tone0", "tone1", "tone1"]
    assert [label.syllable for label in labels] == ["s_begin", "s_end", "s_begin", "s_end"]
    with pytest.raises(UnknownPhone, match="QQ"):
        label_script("A#4", "/ QQ1 /", emotion="emotion_sad", speaker="F7")
