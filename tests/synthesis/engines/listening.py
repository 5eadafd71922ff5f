"""Measures of a sound, so that tests can say what is heard."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthesis.engines import Sound

_HOP = 0.01  # seconds
_WINDOW = 0.04
_LOWEST, _HIGHEST = 70.0, 500.0  # Hz: where a voice's pitch may lie


def pitches(sound: Sound) -> NDArray[np.float64]:
    """F0 in Hz of the voiced frames, every 10 ms.

    Autocorrelation of a Hann window, divided by the window's own (Boersma 1993); voiced where the best peak
    is over 0.6 and the frame within 25 dB of the loudest.
    """
    rate = sound.sample_rate
    frames = _frames(sound, round(_WINDOW * rate), round(_HOP * rate)) * np.hanning(round(_WINDOW * rate))
    loud = np.sqrt((frames**2).mean(axis=1))
    frames = frames[loud > loud.max() * 10 ** (-25 / 20)]
    shortest, longest = round(rate / _HIGHEST), round(rate / _LOWEST)
    window = _autocorrelation(np.hanning(round(_WINDOW * rate))[None])
    span = (_autocorrelation(frames)[:, :longest] / window[:, :longest])[:, shortest:]
    # An octave below is as periodic: of peaks almost as high take the shortest lag.
    peaks = (span[:, 1:-1] >= span[:, :-2]) & (span[:, 1:-1] >= span[:, 2:])
    high = peaks & (span[:, 1:-1] > 0.9 * span.max(axis=1, keepdims=True))
    lags = high.argmax(axis=1) + 1
    voiced = high.any(axis=1) & (span[np.arange(len(span)), lags] > 0.6)
    return np.asarray(rate / (lags[voiced] + shortest), np.float64)


def semitones(high: float, low: float) -> float:
    return float(12 * np.log2(high / low))


def level(sound: Sound) -> float:
    """RMS of the frames within 30 dB of the loudest, in dB of full scale."""
    loud = np.sqrt((_frames(sound, 480, 240) ** 2).mean(axis=1))
    return float(20 * np.log10(np.sqrt((loud[loud > loud.max() * 10**-1.5] ** 2).mean())))


def brightness(sound: Sound) -> float:
    """Energy of 1.5-8 kHz over 80-1000 Hz, in dB."""
    power = np.abs(np.fft.rfft(sound.samples)) ** 2
    hertz = np.fft.rfftfreq(len(sound.samples), 1 / sound.sample_rate)
    high = power[(hertz >= 1500) & (hertz < 8000)].sum()
    return float(10 * np.log10(high / power[(hertz >= 80) & (hertz < 1000)].sum()))


def _frames(sound: Sound, length: int, hop: int) -> NDArray[np.float64]:
    windows = np.lib.stride_tricks.sliding_window_view(sound.samples.astype(np.float64), length)
    return np.asarray(windows[::hop])


def _autocorrelation(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    length = frames.shape[1]
    spectrum = np.fft.rfft(frames, 2 * length, axis=1)
    values = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :length]
    return np.asarray(values / values[:, :1])
