"""The embedded voice's variants: other sounds of the same woman, asked for as models of the engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from synthesis import audio
from synthesis.engines import Delivery, Engine, UnsupportedEmotion, UnsupportedPitch, get_engine
from synthesis.engines.fastspeech2.engine import FastSpeech2
from synthesis.engines.fastspeech2.variants import VARIANTS
from tests.synthesis.engines.cast import PAPERS, SENTENCES, WATER, WELCOME
from tests.synthesis.engines.listening import pitches, semitones

PLAIN = Delivery()


@pytest.fixture(params=VARIANTS)
def variant(request: pytest.FixtureRequest, voices: Path) -> Engine:
    return get_engine("fastspeech2", folder=voices, model=request.param)


def f0(engine: Engine) -> float:
    return float(np.median(np.concatenate([pitches(engine.speak(each, PLAIN)) for each in SENTENCES])))


def test_the_youthful_one_is_higher_and_as_fast(voices: Path, embedded: Engine) -> None:
    youthful = get_engine("fastspeech2", folder=voices, model="youthful")
    assert 2.0 < semitones(f0(youthful), f0(embedded)) < 3.5
    lengths = [engine.speak(PAPERS, PLAIN).seconds for engine in (youthful, embedded)]
    assert lengths[0] == pytest.approx(lengths[1], rel=0.03)


def test_the_steady_one_is_lower_and_slower(voices: Path, embedded: Engine) -> None:
    steady = get_engine("fastspeech2", folder=voices, model="steady")
    assert -5.0 < semitones(f0(steady), f0(embedded)) < -2.5
    assert steady.speak(PAPERS, PLAIN).seconds / embedded.speak(PAPERS, PLAIN).seconds == pytest.approx(
        1.2, rel=0.04
    )


def test_each_names_its_own_version_and_shares_the_graphs(variant: Engine, embedded: Engine) -> None:
    assert variant.version.startswith(embedded.version + "-")
    embedded.load()
    variant.load()
    assert isinstance(variant, FastSpeech2)
    assert isinstance(embedded, FastSpeech2)
    assert variant._voice is embedded._voice


def test_rate_is_exact_beside_its_own_pace(variant: Engine) -> None:
    plain, fast = (variant.speak(PAPERS, Delivery(rate=rate)).seconds for rate in (1.0, 1.6))
    assert plain / fast == pytest.approx(1.6, rel=0.04)


def test_its_emotions_and_its_reach_are_its_own(variant: Engine) -> None:
    sounds = {variant.speak(WATER, Delivery(name)).samples.tobytes() for name in variant.emotions}
    assert len(sounds) == len(variant.emotions)
    with pytest.raises(UnsupportedEmotion):
        variant.speak(WATER, Delivery("disgust"))
    low, high = variant.pitch_range
    for pitch in (low, high):
        assert len(variant.speak(WELCOME, Delivery(pitch=pitch)).samples)
    with pytest.raises(UnsupportedPitch):
        variant.speak(WELCOME, Delivery(pitch=high + 0.5))


def test_the_loudness_it_says_it_has_is_the_one_it_has(variant: Engine, embedded: Engine) -> None:
    for engine in (variant, embedded):
        said = np.concatenate([engine.speak(each, PLAIN).samples for each in SENTENCES])
        found = audio.integrated_loudness(said, sample_rate=engine.sample_rate)
        assert found == pytest.approx(engine.loudness, abs=1.0)
