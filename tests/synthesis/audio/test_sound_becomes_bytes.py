"""Sounds are joined, resampled, set to a volume and encoded, exact to the sample."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest
from numpy.typing import NDArray

from synthesis import audio

Samples = NDArray[np.float32]


def tone(seconds: float, *, hertz: float = 440.0, height: float = 0.5) -> Samples:
    places = np.arange(round(seconds * 24000)) / 24000
    return (height * np.sin(2 * np.pi * hertz * places)).astype(np.float32)


def render_wav(parts: list[tuple[Samples, float]], *, out_rate: int = 24000, volume: int = 50) -> bytes:
    return audio.render(parts, sample_rate=24000, out_rate=out_rate, format="wav", volume=volume)


def test_pauses_stand_between_sounds_to_the_sample() -> None:
    first, second = tone(0.1), tone(0.05, hertz=300)
    joined = audio.join([(first, 0.2), (second, 0.0125)], sample_rate=24000)
    assert joined.size == 2400 + 4800 + 1200 + 300
    np.testing.assert_array_equal(joined[:2400], first)
    assert not joined[2400:7200].any()
    np.testing.assert_array_equal(joined[7200:8400], second)
    assert not joined[8400:].any()


def test_no_parts_make_an_empty_file_that_opens() -> None:
    samples, rate = audio.decode(render_wav([]))
    assert (samples.size, rate) == (0, 24000)


def test_neutral_volume_leaves_every_sample_alone() -> None:
    source = tone(0.3)
    samples, _ = audio.decode(render_wav([(source, 0.0)]))
    assert float(np.max(np.abs(samples - source))) <= 0.5 / 32767 + 1e-7


@pytest.mark.parametrize(("volume", "gain"), [(0, 0.0), (1, 0.02), (25, 0.5), (50, 1.0), (100, 2.0)])
def test_volume_is_a_share_of_the_amplitude(volume: int, gain: float) -> None:
    source = tone(0.2, height=0.4)
    louder = audio.apply_volume(source, volume=volume, sample_rate=24000)
    np.testing.assert_allclose(louder, source * gain, atol=1e-6)


@pytest.mark.parametrize("volume", [-1, 101])
def test_a_volume_outside_the_scale_is_refused(volume: int) -> None:
    with pytest.raises(ValueError, match="volume must be 0-100"):
        render_wav([(tone(0.01), 0.0)], volume=volume)


def test_peaks_are_turned_down_not_cut_flat() -> None:
    loud = audio.apply_volume(tone(0.5, hertz=220, height=0.9), volume=100, sample_rate=24000)
    assert float(np.max(np.abs(loud))) <= 0.98 + 1e-6
    at_the_ceiling = np.abs(loud) > 0.9799
    assert not np.any(at_the_ceiling[:-2] & at_the_ceiling[1:-1] & at_the_ceiling[2:])
    reference = tone(0.5, hertz=220, height=1.0)[2400:-2400]
    inner = loud[2400:-2400]
    assert float(np.corrcoef(reference, inner)[0, 1]) > 0.9999


def test_a_short_peak_does_not_turn_down_what_is_far_from_it() -> None:
    sound = tone(1.0, height=0.3)
    sound[12000] = 1.8
    limited = audio.limit_peaks(sound, sample_rate=24000)
    assert float(np.max(np.abs(limited))) <= 0.98 + 1e-6
    np.testing.assert_array_equal(limited[:11000], sound[:11000])
    np.testing.assert_array_equal(limited[13000:], sound[13000:])


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 48000])
def test_resampling_keeps_length_and_tone(rate: int) -> None:
    samples, out_rate = audio.decode(render_wav([(tone(1.0, hertz=1000), 0.25)], out_rate=rate))
    assert (out_rate, samples.size) == (rate, round(1.25 * rate))
    spectrum = np.abs(np.fft.rfft(samples[:rate]))
    assert abs(int(np.argmax(spectrum)) - 1000) <= 1


def test_nothing_above_the_new_band_is_folded_back() -> None:
    samples, _ = audio.decode(render_wav([(tone(1.0, hertz=9000), 0.0)], out_rate=8000))
    assert float(np.max(np.abs(samples[400:-400]))) < 1e-3


def test_unknown_rate_and_format_are_named() -> None:
    with pytest.raises(ValueError, match="12345"):
        render_wav([(tone(0.01), 0.0)], out_rate=12345)
    with pytest.raises(ValueError, match=r"exe.*wav, pcm"):
        audio.render([], sample_rate=24000, out_rate=24000, format="exe", volume=50)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_refused(bad: float) -> None:
    broken = tone(0.01)
    broken[3] = bad
    with pytest.raises(ValueError, match="part 1 holds samples that are not finite"):
        audio.join([(tone(0.01), 0.0), (broken, 0.0)], sample_rate=24000)


def test_stereo_and_negative_pauses_are_refused() -> None:
    with pytest.raises(ValueError, match="not mono"):
        audio.join([(np.zeros((4, 2), dtype=np.float32), 0.0)], sample_rate=24000)
    with pytest.raises(ValueError, match=r"-0\.1 seconds"):
        audio.join([(tone(0.01), -0.1)], sample_rate=24000)


def test_the_header_says_what_the_file_holds() -> None:
    data = render_wav([(tone(0.5), 0.1)], out_rate=16000)
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"WAVE"
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    assert int.from_bytes(data[40:44], "little") == len(data) - 44 == round(0.6 * 16000) * 2


def test_another_reader_opens_our_file() -> None:
    source = tone(0.4)
    with wave.open(io.BytesIO(render_wav([(source, 0.0)]))) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24000, 1, 2)
        levels = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    np.testing.assert_allclose(levels / 32767, source, atol=1e-4)


def test_bare_pcm_is_the_file_without_its_header() -> None:
    parts = [(tone(0.1), 0.1)]
    bare = audio.render(parts, sample_rate=24000, out_rate=24000, format="pcm", volume=50)
    assert bare == render_wav(parts)[44:]
    assert audio.FORMATS["pcm"].media_type == "audio/pcm"


def test_a_damaged_file_is_refused() -> None:
    good = render_wav([(tone(0.05), 0.0)])
    for damaged in (b"", good[:20], good[:-2], good + b"\0\0", b"X" + good[1:]):
        with pytest.raises(ValueError, match=r"WAV|header"):
            audio.decode(damaged)


def test_levels_stay_inside_sixteen_bits() -> None:
    samples = np.array([2.0, -2.0, 1.0, -1.0, 0.0], dtype=np.float32)
    levels = np.frombuffer(audio.FORMATS["pcm"].encode(samples, 8000), dtype="<i2")
    assert levels.tolist() == [32767, -32767, 32767, -32767, 0]


def test_the_outline_is_the_peak_of_each_share() -> None:
    samples = np.array([0.1, -0.5, 0.2, 0.25, -1.0, 0.0], dtype=np.float32)
    assert audio.peaks(samples, 3) == [50, 25, 100]
    assert audio.peaks(samples[:2], 4) == [10, 10, 50, 50]
    assert audio.peaks(np.zeros(0, dtype=np.float32), 2) == [0, 0]
    with pytest.raises(ValueError, match="at least 1"):
        audio.peaks(samples, 0)


def test_duration_counts_samples() -> None:
    assert audio.duration(tone(1.5), sample_rate=24000) == 1.5
