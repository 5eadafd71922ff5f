"""What every engine must do. A new engine joins by its name in the registry."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from synthesis.engines import (
    Delivery,
    EmptyPhrase,
    Engine,
    PhraseTooLong,
    UnknownPhone,
    UnsupportedEmotion,
    UnsupportedPitch,
)
from tests.synthesis.engines.cast import PAPERS, WATER, WELCOME, phrase

PLAIN = Delivery()


def test_sound_is_mono_float_at_the_engines_rate(engine: Engine) -> None:
    sound = engine.speak(WELCOME, PLAIN)
    assert sound.sample_rate == engine.sample_rate
    assert sound.samples.dtype == np.float32
    assert sound.samples.ndim == 1
    assert sound.seconds == len(sound.samples) / engine.sample_rate


def test_same_phrase_gives_the_same_bytes(engine: Engine) -> None:
    middle = engine.emotions[len(engine.emotions) // 2]  # of all nine it is fear, whose tremor is drawn
    delivery = Delivery(emotion=middle, intensity=1.3, rate=1.1, pitch=1.5)
    first, second = (engine.speak(PAPERS, delivery).samples.tobytes() for _ in range(2))
    assert first == second


def test_four_threads_at_once_hear_what_one_hears(engine: Engine) -> None:
    phrases = (WELCOME, PAPERS, WATER, WELCOME) * 2
    alone = [engine.speak(phrase, PLAIN).samples for phrase in phrases]
    with ThreadPoolExecutor(4) as pool:
        together = [sound.samples for sound in pool.map(lambda p: engine.speak(p, PLAIN), phrases)]
    noise = 1e-4 if engine.joins_callers else 0.0
    for mine, ours in zip(alone, together, strict=True):
        np.testing.assert_allclose(ours, mine, rtol=0, atol=noise)


@pytest.mark.parametrize("rate", [0.5, 0.8, 1.25, 2.0])
def test_rate_divides_the_length(engine: Engine, rate: float) -> None:
    plain, changed = engine.speak(PAPERS, PLAIN), engine.speak(PAPERS, Delivery(rate=rate))
    assert plain.seconds / changed.seconds == pytest.approx(rate, rel=0.04)


def test_pitch_leaves_the_length(engine: Engine) -> None:
    low, high = engine.pitch_range
    lengths = [engine.speak(WELCOME, Delivery(pitch=pitch)).seconds for pitch in (low, 0.0, high)]
    assert lengths == pytest.approx([lengths[1]] * 3, rel=0.03)


def test_pitch_moves_the_sound_both_ways(engine: Engine) -> None:
    low, high = engine.pitch_range
    sounds = {engine.speak(WELCOME, Delivery(pitch=pitch)).samples.tobytes() for pitch in (low, 0.0, high)}
    assert len(sounds) == 3


def test_an_unloaded_engine_comes_back_by_itself(engine: Engine) -> None:
    engine.load()
    assert engine.held.devices
    before = engine.speak(WELCOME, PLAIN)
    engine.unload()
    np.testing.assert_array_equal(engine.speak(WELCOME, PLAIN).samples, before.samples)
    assert engine.held.devices


@pytest.mark.parametrize("intensity", [0.01, 1.0, 2.0])
def test_no_emotion_clips_or_falls_silent(engine: Engine, intensity: float) -> None:
    for emotion in engine.emotions:
        samples = engine.speak(WATER, Delivery(emotion=emotion, intensity=intensity)).samples
        assert np.isfinite(samples).all(), emotion
        assert 0.05 < np.abs(samples).max() <= 1.0, emotion


def test_each_emotion_is_another_sound(engine: Engine) -> None:
    sounds = {engine.speak(WATER, Delivery(emotion=name)).samples.tobytes() for name in engine.emotions}
    assert len(sounds) == len(engine.emotions)


def test_little_silence_at_the_ends(engine: Engine) -> None:
    sound = engine.speak(WELCOME, PLAIN)
    audible = np.flatnonzero(np.abs(sound.samples) > 0.01) / sound.sample_rate
    assert audible[0] < 0.1
    assert sound.seconds - audible[-1] < 0.15


def test_longest_phrase_is_said_at_the_slowest(engine: Engine) -> None:
    longest = phrase("zhuang4 #1 " * (engine.max_syllables - 1) + "zhuang4")
    plain = engine.speak(longest, PLAIN)
    slow = engine.speak(longest, Delivery(emotion="sad", intensity=2.0, rate=0.5))
    assert slow.seconds >= 1.95 * plain.seconds


def test_one_syllable_more_is_refused(engine: Engine) -> None:
    with pytest.raises(PhraseTooLong, match=str(engine.max_syllables)) as refusal:
        engine.speak(phrase("ma1 " * (engine.max_syllables + 1)), PLAIN)
    assert refusal.value.permanent


def test_shortest_phrase_is_said_at_the_fastest(engine: Engine) -> None:
    assert 0.05 < engine.speak(phrase("e2"), Delivery(rate=2.0)).seconds < 1.0


@pytest.mark.parametrize("pinyin", ["", "#1", "#3 #2"])
def test_phrase_without_syllables_is_refused(engine: Engine, pinyin: str) -> None:
    with pytest.raises(EmptyPhrase):
        engine.speak(phrase(pinyin), PLAIN)


@pytest.mark.parametrize("odd", ["ni", "ni6", "ni0", "NI3", "你", "#4", "#0", "sil", "3", "nǐ"])
def test_odd_phone_is_refused_by_name_and_place(engine: Engine, odd: str) -> None:
    with pytest.raises(UnknownPhone) as refusal:
        engine.speak(phrase(f"hao3 #1 {odd} ma5"), PLAIN)
    assert (refusal.value.phone, refusal.value.position) == (odd, 2)
    assert repr(odd) in str(refusal.value)


def test_unknown_emotion_is_refused(engine: Engine) -> None:
    with pytest.raises(UnsupportedEmotion, match=f"bored.*, it has: {', '.join(engine.emotions)}"):
        engine.speak(WATER, Delivery(emotion="bored"))


@pytest.mark.parametrize("control", ["rate", "intensity", "pitch"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 12.5])
def test_delivery_out_of_range_is_refused_by_name(control: str, value: float) -> None:
    controls: dict[str, Any] = {control: value}
    with pytest.raises(ValueError, match=f"{control} is {value}, must be"):
        Delivery(**controls)


def test_engine_refuses_pitch_beyond_its_range(engine: Engine) -> None:
    low, high = engine.pitch_range
    beyond = [pitch for pitch in (low - 0.5, high + 0.5) if -12 <= pitch <= 12]
    for pitch in beyond:
        with pytest.raises(UnsupportedPitch, match=engine.name):
            engine.speak(WATER, Delivery(pitch=pitch))
    assert beyond or engine.pitch_range == (-12.0, 12.0)
