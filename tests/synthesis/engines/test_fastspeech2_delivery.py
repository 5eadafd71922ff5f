"""What is heard of rate, pitch and emotion, by measurement."""

from __future__ import annotations

import numpy as np
import pytest

from synthesis.engines import EMOTIONS, Delivery, Engine, Sound
from synthesis.engines.ends import HEAD, TAIL
from synthesis.engines.fastspeech2.emotions import NEUTRAL, PRESETS, style_of
from synthesis.engines.fastspeech2.symbols import to_symbols
from synthesis.engines.fastspeech2.voice import MAX_FRAMES, SAMPLE_RATE, Controls, Voice
from tests.synthesis.engines.cast import PAPERS, SENTENCES, WELCOME, phrase
from tests.synthesis.engines.listening import brightness, level, pitches, semitones


def median_pitch(sound: Sound) -> float:
    return float(np.median(pitches(sound)))


def say_with_shift(voice: Voice, phones: tuple[str, ...], f0: float, energy: float = 0.0) -> Sound:
    shifts = (np.full((1, 1), value, np.float32) for value in (f0, energy))
    prediction = voice.predict(voice.ids(to_symbols(phones)), Controls(1.0, 1.0, 1.0, *shifts))
    return Sound(voice.samples(voice.mel(prediction, prediction.durations)), SAMPLE_RATE)


@pytest.mark.parametrize(("shift", "expected"), [(-1.0, -2.7), (1.0, 2.0)])
def test_shift_input_moves_the_median_pitch(voice: Voice, shift: float, expected: float) -> None:
    moved = [
        semitones(*(median_pitch(say_with_shift(voice, said.phones, f0)) for f0 in (shift, 0.0)))
        for said in SENTENCES
    ]
    assert np.mean(moved) == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize(("shift", "expected"), [(-1.0, -4.6), (1.0, 2.0)])
def test_shift_input_moves_the_level(voice: Voice, shift: float, expected: float) -> None:
    plain, moved = (say_with_shift(voice, PAPERS.phones, 0.0, energy) for energy in (0.0, shift))
    assert level(moved) - level(plain) == pytest.approx(expected, abs=1.0)


def test_shift_may_differ_from_symbol_to_symbol(voice: Voice) -> None:
    ids = voice.ids(to_symbols(PAPERS.phones))
    none = np.zeros((1, 1), np.float32)
    ramp = np.linspace(-1, 1, len(ids), dtype=np.float32)[None]
    flat, raised = (voice.predict(ids, Controls(1.0, 1.0, 1.0, f0, none)).f0 for f0 in (none, ramp))
    np.testing.assert_allclose(raised - flat, ramp[0], atol=1e-5)


@pytest.mark.parametrize("pitch", [-4.0, -2.0, 2.0, 4.0])
def test_pitch_is_heard_in_semitones(embedded: Engine, pitch: float) -> None:
    moved = [
        semitones(*(median_pitch(embedded.speak(said, Delivery(pitch=p))) for p in (pitch, 0.0)))
        for said in SENTENCES
    ]
    assert np.mean(moved) == pytest.approx(pitch, abs=0.5)


@pytest.mark.parametrize("syllable", ["ni4", "bu5", "e4"])
def test_one_short_syllable_is_said_at_the_fastest(embedded: Engine, syllable: str) -> None:
    sound = embedded.speak(phrase(syllable), Delivery(emotion="happy", intensity=2.0, rate=2.0))
    assert 0.05 < sound.seconds < 0.5
    assert np.abs(sound.samples).max() > 0.05


def test_ends_are_a_known_silence(embedded: Engine) -> None:
    for said in SENTENCES:
        samples = embedded.speak(said, Delivery()).samples
        head, tail = round(HEAD * SAMPLE_RATE), round(TAIL * SAMPLE_RATE)
        assert not samples[:head].any()
        assert not samples[-tail:].any()
        assert np.abs(samples[head : head + 480]).max() > 1e-3


def test_breaks_are_heard_by_their_strength(embedded: Engine) -> None:
    lengths = [
        embedded.speak(phrase(f"ban4 li3 ye4 wu4 {mark} qing3 xie2 dai4"), Delivery()).seconds
        for mark in ("#1", "#2", "#3")
    ]
    assert lengths[0] < lengths[1] < lengths[2]
    assert lengths[2] - lengths[0] > 0.1


def test_phrase_too_long_for_the_decoder_is_said_whole(embedded: Engine, voice: Voice) -> None:
    many = phrase("ban4 li3 ye4 wu4 #3 " * 14 + "qing3")
    plain = embedded.speak(many, Delivery())
    slow = embedded.speak(many, Delivery(rate=0.5))
    assert slow.seconds > MAX_FRAMES / 80
    # Each part ends as a phrase does, a little drawn out.
    assert slow.seconds / plain.seconds == pytest.approx(2.0, rel=0.1)


# Of the strongest cues of each emotion: how the phrase differs from the neutral one. Seconds as a ratio,
# pitch in semitones, level and brightness in dB.
HEARD = {
    "happy": {"seconds": (0.80, 0.95), "pitch": (0.7, 2.5), "level": (1.0, 5.0)},
    "angry": {"seconds": (0.85, 0.99), "level": (3.0, 8.0), "brightness": (2.0, 7.0)},
    "sad": {"seconds": (1.10, 1.40), "pitch": (-3.0, -0.8), "level": (-8.0, -2.5)},
    "fear": {"seconds": (0.80, 0.97), "pitch": (0.5, 2.5), "level": (-5.0, -1.0)},
    "disgust": {"seconds": (1.08, 1.35), "pitch": (-3.0, -0.7), "brightness": (-2.0, 2.0)},
    "surprise": {"seconds": (0.98, 1.15), "pitch": (1.5, 3.5), "level": (0.8, 5.0)},
    "gentle": {"seconds": (1.02, 1.20), "level": (-6.0, -2.0), "brightness": (-5.0, -0.8)},
    "serious": {"pitch": (-2.0, -0.4), "level": (0.8, 4.0), "brightness": (0.8, 4.0)},
}


def heard(engine: Engine, emotion: str) -> dict[str, float]:
    def difference(said: int) -> list[float]:
        plain = engine.speak(SENTENCES[said], Delivery())
        moved = engine.speak(SENTENCES[said], Delivery(emotion=emotion))
        return [
            moved.seconds / plain.seconds,
            semitones(median_pitch(moved), median_pitch(plain)),
            level(moved) - level(plain),
            brightness(moved) - brightness(plain),
        ]

    mean = np.mean([difference(said) for said in range(len(SENTENCES))], axis=0)
    return dict(zip(("seconds", "pitch", "level", "brightness"), mean.tolist(), strict=True))


@pytest.mark.parametrize("emotion", HEARD)
def test_emotion_is_heard_as_measured(embedded: Engine, emotion: str) -> None:
    measured = heard(embedded, emotion)
    for cue, (low, high) in HEARD[emotion].items():
        assert low < measured[cue] < high, f"{emotion} {cue}: {measured[cue]:.2f}"


def test_surprise_rises_at_the_end_and_anger_falls(embedded: Engine) -> None:
    def ending(emotion: str) -> float:
        track = pitches(embedded.speak(WELCOME, Delivery(emotion=emotion)))
        return semitones(float(np.median(track[-15:])), float(np.median(track)))

    assert ending("surprise") > ending("neutral") + 1
    assert ending("angry") < ending("neutral")


def test_every_emotion_of_the_catalogue_has_a_preset() -> None:
    assert tuple(PRESETS) == EMOTIONS


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_intensity_goes_from_almost_neutral_to_the_preset(emotion: str) -> None:
    faint, full = style_of(emotion, 0.01), style_of(emotion, 1.0)
    assert full == PRESETS[emotion]
    assert faint.f0_shift == pytest.approx(0.01 * full.f0_shift)
    assert faint.stretch == pytest.approx(NEUTRAL.stretch, abs=0.003)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_full_intensity_stays_within_what_is_intelligible(emotion: str) -> None:
    style = style_of(emotion, 2.0)
    assert 0.86 <= style.stretch <= 1.4
    assert -0.9 <= style.f0_shift <= 1.2
    assert -0.6 <= style.energy_shift <= 1.2
    assert style.f0_ratio >= 0.4


def test_fear_stops_growing_where_words_get_lost() -> None:
    assert style_of("fear", 2.0) == style_of("fear", 1.4)
    assert style_of("happy", 2.0) != style_of("happy", 1.4)
