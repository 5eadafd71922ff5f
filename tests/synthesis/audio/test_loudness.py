"""Loudness is what ITU-R BS.1770-4 says it is; sounds after EBU Tech 3341, for one channel."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from synthesis import audio

Samples = NDArray[np.float32]


def sine(decibels: float, seconds: float, *, rate: int = 48_000, hertz: float = 997.0) -> Samples:
    places = np.arange(round(seconds * rate)) / rate
    return (10 ** (decibels / 20) * np.sin(2 * np.pi * hertz * places)).astype(np.float32)


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 48_000])
@pytest.mark.parametrize("decibels", [0.0, -20.0, -40.0])
def test_a_sine_of_997_hz_is_three_units_under_its_peak(rate: int, decibels: float) -> None:
    loudness = audio.integrated_loudness(sine(decibels, 3, rate=rate), sample_rate=rate)
    assert loudness == pytest.approx(decibels - 3.01, abs=0.05)


def test_the_filters_are_the_standards_own_at_48_khz() -> None:
    """Gains of the standard's coefficients at a low and a high frequency, worked out from its two tables."""
    shelf = (
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [1, -1.69065929318241, 0.73248077421585],
    )
    high_pass = ([1.0, -2.0, 1.0], [1, -1.99004745483398, 0.99007225036621])
    middle = audio.integrated_loudness(sine(-20, 3), sample_rate=48_000)
    for hertz in (50.0, 300.0, 6_000.0):
        z = np.exp(-2j * np.pi * hertz / 48_000)
        by_table, at_middle = (
            np.prod([abs(np.polyval(b[::-1], at) / np.polyval(a[::-1], at)) for b, a in (shelf, high_pass)])
            for at in (z, np.exp(-2j * np.pi * 997 / 48_000))
        )
        loudness = audio.integrated_loudness(sine(-20, 3, hertz=hertz), sample_rate=48_000)
        assert loudness - middle == pytest.approx(20 * np.log10(by_table / at_middle), abs=0.02)


def test_what_is_much_softer_than_the_rest_does_not_count() -> None:
    quiet, loud = sine(-36, 3, rate=8_000), sine(-23, 12, rate=8_000)
    mixed = np.concatenate([quiet, loud, quiet])
    assert audio.integrated_loudness(mixed, sample_rate=8_000) == pytest.approx(-26.01, abs=0.1)


def test_pauses_do_not_count() -> None:
    tone = sine(-20, 5, rate=8_000)
    spread = np.concatenate([tone, np.zeros(40_000, np.float32), tone])
    alone, apart = (audio.integrated_loudness(one, sample_rate=8_000) for one in (tone, spread))
    assert apart == pytest.approx(alone, abs=0.3)


@pytest.mark.parametrize("samples", [np.zeros(48_000, np.float32), np.zeros(0, np.float32)])
def test_silence_has_no_loudness(samples: Samples) -> None:
    assert audio.integrated_loudness(samples, sample_rate=48_000) == -np.inf


def test_a_sound_shorter_than_a_block_is_measured_whole() -> None:
    assert audio.integrated_loudness(sine(-20, 0.2), sample_rate=48_000) == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize(
    ("loudness", "decibels"), [(None, 0.0), (-23.0, 0.0), (-27.5, 4.5), (-20.0, -3.0), (-60.0, 12.0)]
)
def test_a_voice_is_brought_to_the_target_as_far_as_that_is_sane(
    loudness: float | None, decibels: float
) -> None:
    assert audio.level_db(loudness) == decibels
