from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from synthesis.engines import Delivery, UnknownPhone
from synthesis.engines.base import EMOTIONS, Load
from synthesis.engines.kokoro.curves import bend, durations
from synthesis.engines.kokoro.emotions import PRESETS, style_of
from synthesis.engines.kokoro.engine import Kokoro
from synthesis.engines.kokoro.files import read_manifest
from synthesis.engines.kokoro.residence import Arrangement, Residence
from synthesis.engines.kokoro.symbols import IDS, MOST, to_symbols
from synthesis.engines.pinyin import SYLLABLES
from tests.synthesis.engines.cast import WELCOME
from tests.synthesis.engines.kokoro import tiny_network


@pytest.mark.parametrize(
    ("pinyin", "expected"),
    [
        ("nin2 hao3 #3 huan1 ying2", "ni↗nxau↓, xwa→ni↗ŋ."),
        ("zhi1 shi5 #1 ci2 si4", "ꭧɨ→ʂɨ ʦʰɨ↗sɨ↘."),
        ("o2 bo1 wo3", "ɔ↗pwo→wo↓."),
        ("lv4 nve4 yuan2 yun2 ju2", "ly↘nɥe↘ɥɛ↗ny↗nʨy↗."),
        ("er2 huar1", "ɚ↗xwa→ɻ."),
        ("dian3 r5 #1 #3 #2 ê4", "tjɛ↓nɻ, ei↘."),
        ("#2 weng1 #1", "wə→ŋ."),
    ],
)
def test_pinyin_is_written_as_the_network_reads_it(pinyin: str, expected: str) -> None:
    assert to_symbols(tuple(pinyin.split())) == expected


def test_every_syllable_has_ids_and_the_longest_phrase_has_room() -> None:
    written = {to_symbols((syllable + tone,)) for syllable in SYLLABLES for tone in "12345"}
    assert IDS.keys() >= set("".join(written))
    longest = to_symbols(("chuangr2", "#3") * Kokoro.max_syllables)
    assert MOST - 9 < len(longest) <= MOST


@pytest.mark.parametrize("pinyin", ["r5", "hao3 #1 r5"])
def test_erhua_without_a_syllable_is_refused(pinyin: str) -> None:
    with pytest.raises(UnknownPhone):
        to_symbols(tuple(pinyin.split()))


@pytest.mark.parametrize("stretch", [0.3, 0.5, 0.77, 1.0, 1.6, 2.5])
def test_frames_add_up_to_the_length_asked_for(stretch: float) -> None:
    lengths = np.array([16.0, 2.2, 1.4, 0.2, 3.6, 2.0, 1.1, 26.3, 8.8, 1.0], np.float32)
    usual, changed = durations(lengths, 1.0), durations(lengths, stretch)
    assert changed[1:].sum() == round(usual[1:].sum() * stretch)
    assert (changed > 0).all()
    assert changed[0] <= 16  # the silence before the speech is never drawn out


def test_where_there_are_fewer_frames_than_symbols_the_sum_still_holds() -> None:
    assert durations(np.ones(20, np.float32), 0.5)[1:].tolist().count(1) == 10


def test_only_the_voiced_part_of_the_curve_is_bent() -> None:
    curve = np.array([5, 100, 120, 5, 100, 120, 110, 110, 110, 110, 110, 110, 5], np.float32)
    moved = bend(curve, middle=110.0, spread=2.0, scale=1.5, closing=0.2)
    assert moved[[0, 3, 12]].tolist() == [5, 5, 5]
    assert moved[1:3] == pytest.approx([135, 195])
    assert moved[11] == pytest.approx(110 * 1.5 * 1.2)
    assert moved[9] < moved[10] < moved[11]


def test_every_emotion_of_the_catalogue_has_a_preset() -> None:
    assert tuple(PRESETS) == EMOTIONS


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_intensity_is_held_within_what_stays_intelligible(emotion: str) -> None:
    assert style_of(emotion, 1.0) == PRESETS[emotion]
    assert style_of(emotion, 0.01).pitch == pytest.approx(1.0, abs=0.01)
    assert 0.7 <= style_of(emotion, 2.0).speed <= 1.2


@pytest.fixture
def residence(tmp_path: Path) -> Residence:
    folder = tiny_network.install(tmp_path / "kokoro")
    return Residence(folder, read_manifest(folder), Arrangement(idle_seconds=0.3))


def test_the_network_goes_when_nobody_comes_and_comes_back(residence: Residence) -> None:
    for _ in range(2):
        assert residence.held == Load()
        with residence.network() as network:
            assert residence.held.devices == ("cpu",)
            assert residence.held.bytes == network.bytes > 0
            residence.unload()  # not under somebody's feet
            assert residence.held.devices
        end = time.monotonic() + 10
        while residence.held.devices:
            assert time.monotonic() < end
            time.sleep(0.05)


def test_all_speakers_share_one_network(tmp_path: Path) -> None:
    folder = tiny_network.install(tmp_path / "kokoro")
    one, other = (Kokoro(folder / name) for name in ("zm_yunxi", "zm_yunjian"))
    one.speak(WELCOME, Delivery())
    assert other.held.devices == ("cpu",)
    assert one.version != other.version
