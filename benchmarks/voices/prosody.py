"""What a sentence's melody, pace and colour are, in eleven numbers, and whether emotions differ in them.

The classifier is told how each emotion sounds in nineteen sentences and has to name it in the twentieth, for
every sentence in turn. That the emotions are different signals is all it can show: not that people would give
them our names. Level and colour are set outright by our presets, so the figure is given without them too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

_HOP = 0.01  # seconds
_FRAME = 0.05
_F0 = (60.0, 500.0)  # Hz
_VOICED = 0.5  # of the autocorrelation's peak
_ENDS = 0.08  # share of voiced frames that counts as beginning or end
_QUIET = 0.05  # of the loudest frame: below it is a pause
_SPLIT = (80.0, 1000.0, 1500.0, 8000.0)  # Hz: the low band, the high band
_TREMOR = (5.5, 9.0)  # Hz


@dataclass(frozen=True, slots=True)
class Prosody:
    pace: float  # seconds a syllable
    pauses: float  # share of frames
    f0: float  # semitones over 100 Hz, median
    f0_range: float  # semitones, 5th to 95th percentile
    f0_spread: float
    ending: float  # of the last voiced frames, over the median
    beginning: float
    tremor: float  # semitones of swing
    roughness: float  # semitones from frame to frame
    level: float  # dB
    tilt: float  # dB, high band over low band


SET_OUTRIGHT = ("level", "tilt")


def prosody_of(samples: NDArray[np.float32], sample_rate: int, syllables: int) -> Prosody:
    frames = _frames(samples, sample_rate)
    levels = np.sqrt((frames**2).mean(axis=1))
    f0 = _f0(frames, sample_rate)
    voiced = 12 * np.log2(f0[np.isfinite(f0)] / 100)
    ends = max(1, round(_ENDS * len(voiced)))
    low, middle, high = np.percentile(voiced, (5, 50, 95))
    smooth = np.convolve(voiced, np.ones(9) / 9, "same")
    return Prosody(
        pace=len(samples) / sample_rate / syllables,
        pauses=float((levels < _QUIET * levels.max()).mean()),
        f0=float(middle),
        f0_range=float(high - low),
        f0_spread=float(voiced.std()),
        ending=float(voiced[-ends:].mean() - middle),
        beginning=float(voiced[:ends].mean() - middle),
        tremor=_swing(voiced - smooth),
        roughness=float(np.median(np.abs(np.diff(voiced, n=2)))),
        level=float(10 * np.log10((samples**2).mean())),
        tilt=_tilt(samples, sample_rate),
    )


def told_apart(rows: Sequence[tuple[int, str, Prosody]], *, without: Sequence[str] = ()) -> float:
    """Share of (sentence, emotion, prosody) that is named rightly by what the other sentences teach."""
    names = [field.name for field in fields(Prosody)]
    kept = [at for at, name in enumerate(names) if name not in without]
    features = np.array([astuple(row[2]) for row in rows])[:, kept]
    emotions = np.array([row[1] for row in rows])
    judge = make_pipeline(StandardScaler(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"))
    groups = [row[0] for row in rows]
    said = cross_val_predict(judge, features, emotions, groups=groups, cv=LeaveOneGroupOut())
    return float((said == emotions).mean())


def _frames(samples: NDArray[np.float32], sample_rate: int) -> NDArray[np.float64]:
    size, hop = round(_FRAME * sample_rate), round(_HOP * sample_rate)
    windows = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), size)[::hop]
    return windows - windows.mean(axis=1, keepdims=True)


def _f0(frames: NDArray[np.float64], sample_rate: int) -> NDArray[np.float64]:
    """Hz by autocorrelation, frame by frame; NaN where nothing repeats itself."""
    size = frames.shape[1]
    window = np.hanning(size)
    spectrum = np.fft.rfft(frames * window, 2 * size)
    own = np.fft.irfft(np.abs(spectrum) ** 2)[:, :size]
    shape = np.fft.irfft(np.abs(np.fft.rfft(window, 2 * size)) ** 2)[:size]
    normal = own / np.maximum(own[:, :1], 1e-12) / (shape / shape[0])  # Boersma 1993: the window's share
    first, last = int(sample_rate / _F0[1]), int(sample_rate / _F0[0])
    part = normal[:, first:last]
    # The shortest lag that is nearly as good: twice a period repeats itself as well.
    good = part >= 0.9 * part.max(axis=1, keepdims=True)
    peak = (part[:, 1:-1] >= part[:, :-2]) & (part[:, 1:-1] >= part[:, 2:]) & good[:, 1:-1]
    lag = first + 1 + peak.argmax(axis=1)
    loud = own[:, 0] > 1e-3 * own[:, 0].max()
    is_voiced = peak.any(axis=1) & (part.max(axis=1) > _VOICED) & loud
    return np.where(is_voiced, sample_rate / lag, np.nan)


def _swing(melody: NDArray[np.float64]) -> float:
    """Root mean square of what swings at a tremor's speed."""
    spectrum = np.abs(np.fft.rfft(melody * np.hanning(len(melody)))) ** 2
    hertz = np.fft.rfftfreq(len(melody), _HOP)
    inside = (hertz >= _TREMOR[0]) & (hertz <= _TREMOR[1])
    return float(np.sqrt(spectrum[inside].sum()) / len(melody))


def _tilt(samples: NDArray[np.float32], sample_rate: int) -> float:
    power = np.abs(np.fft.rfft(samples)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / sample_rate)
    low, high = (
        power[(hertz >= begin) & (hertz < end)].sum()
        for begin, end in zip(_SPLIT[::2], _SPLIT[1::2], strict=True)
    )
    return float(10 * np.log10(high / low))
