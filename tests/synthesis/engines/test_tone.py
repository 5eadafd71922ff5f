from __future__ import annotations

import numpy as np
import pytest

from synthesis.engines import Delivery, Sound
from synthesis.engines.tone.engine import SYLLABLE_SECONDS, Tone
from tests.synthesis.engines.cast import WATER, phrase
from tests.synthesis.engines.listening import pitches, semitones


def syllables_heard(sound: Sound) -> int:
    loud = np.abs(sound.samples) > 0.1
    step = round(0.02 * sound.sample_rate)
    heard = np.array([loud[at : at + step].any() for at in range(0, len(loud), step)])
    return int((heard[1:] & ~heard[:-1]).sum() + heard[0])


def test_length_counts_syllables_and_not_breaks() -> None:
    assert Tone().speak(WATER, Delivery()).seconds == pytest.approx(8 * SYLLABLE_SECONDS)


def test_syllables_are_set_apart() -> None:
    assert syllables_heard(Tone().speak(WATER, Delivery())) == 8


@pytest.mark.parametrize("pitch", [-12.0, -3.5, 7.0])
def test_pitch_is_exact(pitch: float) -> None:
    plain, moved = (pitches(Tone().speak(phrase("ma1"), Delivery(pitch=p))) for p in (0.0, pitch))
    assert semitones(float(np.median(moved)), float(np.median(plain))) == pytest.approx(pitch, abs=0.3)


def test_lexical_tones_are_heard() -> None:
    rising, falling = (pitches(Tone().speak(phrase(f"ma{tone}"), Delivery())) for tone in (2, 4))
    assert rising[-1] > rising[0] * 1.1
    assert falling[-1] < falling[0] / 1.1
