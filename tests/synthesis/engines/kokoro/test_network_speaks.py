"""What is heard of the real network, by measurement."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from synthesis.engines import Delivery, Engine, EngineNotInstalled, Sound, get_engine
from synthesis.engines.ends import HEAD, TAIL
from synthesis.engines.graphs.session import open_session, run
from synthesis.engines.kokoro import parts
from synthesis.engines.kokoro.files import read_manifest, styles_file
from synthesis.engines.kokoro.network import SAMPLE_RATE, Network, read_styles
from synthesis.engines.kokoro.symbols import to_symbols
from tests.synthesis.engines.cast import WATER
from tests.synthesis.engines.conftest import ROOT
from tests.synthesis.engines.listening import pitches, semitones

FOLDER = ROOT / "var" / "voices" / "kokoro"


@pytest.fixture(scope="module")
def man() -> Engine:
    return get_engine("kokoro", folder=FOLDER.parent, model="zm_yunjian")


@cache
def said(engine: Engine, delivery: Delivery) -> Sound:
    return engine.speak(WATER, delivery)


def median_pitch(engine: Engine, delivery: Delivery) -> float:
    return float(np.median(pitches(said(engine, delivery))))


def test_cutting_the_network_changes_no_sample() -> None:
    manifest = read_manifest(FOLDER)
    styles = read_styles(FOLDER, styles_file("zm_yunjian"), manifest)
    network = Network(FOLDER, manifest)
    reading = network.read(to_symbols(("nin2", "hao3")), styles)
    frames = np.maximum(np.round(reading.lengths), 1).astype(np.int64)
    ours = network.samples(reading, frames, *network.melody(reading, frames))
    whole = open_session(parts.read_network(parts.wheel_folders()))
    feed = {"tokens": reading.tokens, "style": reading.style, "speed": np.ones(1, np.float32)}
    np.testing.assert_array_equal(ours, run(whole, ["audio"], feed)[0])


def test_the_same_phrase_is_the_same_sound(man: Engine) -> None:
    again = man.speak(WATER, Delivery())
    np.testing.assert_array_equal(again.samples, said(man, Delivery()).samples)


@pytest.mark.parametrize("rate", [0.8, 1.5])
def test_rate_is_exact(man: Engine, rate: float) -> None:
    edges = HEAD + TAIL
    plain, changed = (said(man, Delivery(rate=r)).seconds - edges for r in (1.0, rate))
    assert plain / changed == pytest.approx(rate, rel=0.04)


@pytest.mark.parametrize("pitch", [-3.0, 3.0])
def test_pitch_is_heard_in_semitones(man: Engine, pitch: float) -> None:
    moved = semitones(median_pitch(man, Delivery(pitch=pitch)), median_pitch(man, Delivery()))
    assert moved == pytest.approx(pitch, abs=0.6)


def test_sadness_is_slow_and_low_and_surprise_high(man: Engine) -> None:
    sad, surprised, plain = (Delivery(emotion=name) for name in ("sad", "surprise", "neutral"))
    assert said(man, sad).seconds > 1.15 * said(man, plain).seconds
    assert median_pitch(man, sad) < 0.95 * median_pitch(man, plain) < median_pitch(man, surprised)


def test_a_man_speaks_lower_than_a_woman(man: Engine) -> None:
    woman = get_engine("kokoro", folder=FOLDER.parent, model="zf_xiaoxiao")
    assert semitones(median_pitch(woman, Delivery()), median_pitch(man, Delivery())) > 8
    assert said(woman, Delivery()).sample_rate == SAMPLE_RATE


def test_a_speaker_left_out_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EngineNotInstalled, match="no speaker 'zf_xiaoni', there are: zm_yunjian"):
        get_engine("kokoro", folder=FOLDER.parent, model="zf_xiaoni")
    with pytest.raises(EngineNotInstalled, match="make speakers brings it"):
        get_engine("kokoro", folder=tmp_path, model="zm_yunjian")
