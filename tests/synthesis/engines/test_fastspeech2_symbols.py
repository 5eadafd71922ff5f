from __future__ import annotations

import json

import pytest

from synthesis.engines import UnknownPhone
from synthesis.engines.fastspeech2 import assets
from synthesis.engines.fastspeech2.symbols import to_symbols
from synthesis.engines.pinyin import SYLLABLES


def symbols(pinyin: str) -> str:
    return " ".join(to_symbols(tuple(pinyin.split())))


@pytest.fixture(scope="module")
def mapper() -> dict[str, dict[str, object]]:
    folder = assets._wheel_folder()
    return dict(json.loads((folder / assets.SYMBOLS).read_text(encoding="utf-8")))


def test_phrase_stands_between_silences() -> None:
    assert symbols("nin2 hao3") == "sil n in2 #0 h ao3 sil eos"


@pytest.mark.parametrize(
    ("pinyin", "expected"),
    [
        ("zi4", "z ii4"),
        ("zhi1", "zh iii1"),
        ("ri4", "r iii4"),
        ("ji1", "j i1"),
        ("liu4", "l iou4"),
        ("gui4", "g uei4"),
        ("lun2", "l uen2"),
        ("lv4", "l v4"),
        ("nve4", "n ve4"),
        ("lue4", "l ve4"),
        ("ju2", "j v2"),
        ("quan2", "q van2"),
        ("xun4", "x vn4"),
        ("er2", "^ er2"),
        ("yi1", "^ i1"),
        ("wu3", "^ u3"),
        ("yue4", "^ ve4"),
        ("weng1", "^ ueng1"),
        ("ng4", "^ en4"),
        ("huar1", "h ua1 er5"),
        ("yuanr2", "^ van2 er5"),
    ],
)
def test_syllable(pinyin: str, expected: str) -> None:
    assert symbols(pinyin) == f"sil {expected} sil eos"


def test_erhua_on_its_own_leans_on_the_syllable_before() -> None:
    assert symbols("yi4 dian3 r5 #1 shi4") == "sil ^ i4 #0 d ian3 er5 #1 sh iii4 sil eos"


@pytest.mark.parametrize("pinyin", ["r5", "hua1 #1 r5"])
def test_erhua_with_nothing_to_lean_on_is_refused(pinyin: str) -> None:
    with pytest.raises(UnknownPhone, match="'r5'"):
        symbols(pinyin)


def test_strongest_of_several_breaks_is_kept_and_none_at_the_ends() -> None:
    assert symbols("#2 ma1 #1 #3 #2 ma1 #3") == "sil m a1 #3 m a1 sil eos"


@pytest.mark.parametrize("odd", ["bong1", "fi4", "jang2", "zhv4", "rr5", "vr4"])
def test_what_is_no_syllable_is_refused(odd: str) -> None:
    with pytest.raises(UnknownPhone, match=f"phone 1 '{odd}'"):
        symbols(f"ni3 {odd}")


def test_every_syllable_in_every_tone_has_ids(mapper: dict[str, dict[str, object]]) -> None:
    known = mapper["symbol_to_id"]
    for syllable in SYLLABLES:
        for tone in "12345":
            assert known.keys() >= set(to_symbols((syllable + tone,)))


def test_chart_agrees_with_the_syllables_the_voice_was_trained_on(
    mapper: dict[str, dict[str, object]],
) -> None:
    trained = mapper["pinyin_dict"]
    assert {
        syllable: [SYLLABLES[syllable][0] or "^", SYLLABLES[syllable][1]] for syllable in trained
    } == trained
