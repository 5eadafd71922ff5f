"""Attribute values of SSML that ask for a manner of speaking, turned into our own scales.

Percentages, keywords and factors as W3C's SSML 1.1 has them; whole numbers from -500 to 500 as Alibaba's NLS.
A percentage, semitones or decibels with a sign change what holds around the element; everything else is meant
on the scale of the request, where 100 %, 0 semitones and volume 50 leave it as it is.
"""

from __future__ import annotations

import math
import re

from synthesis.text.script import Manner

RATES = (0.5, 2.0)  # factor
PITCHES = (-12.0, 12.0)  # semitones
VOLUMES = (0, 100)
USUAL_VOLUME = 50  # leaves the level as it is
INTENSITIES = (0.01, 2.0)
LONGEST_BREAK = 10.0  # seconds

# Theirs -> ours, where the names differ.
EMOTIONS = {name: name for name in
            ("neutral", "happy", "angry", "sad", "fear", "disgust", "surprise", "gentle", "serious")} | {
    "hate": "disgust",
    "newscast": "serious",
}  # fmt: skip
_RATE_WORDS = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.5}
_PITCH_WORDS = {"x-low": -6.0, "low": -3.0, "medium": 0.0, "default": 0.0, "high": 3.0, "x-high": 6.0}
_VOLUME_WORDS = {
    "silent": 0,
    "x-soft": 20,
    "soft": 35,
    "medium": 50,
    "default": 50,
    "loud": 75,
    "x-loud": 100,
}
_STRENGTHS = {"none": 0.0, "x-weak": 0.1, "weak": 0.15, "medium": 0.3, "strong": 0.5, "x-strong": 0.8}
_NUMBER = re.compile(r"[+-]?\d{1,6}(?:\.\d{1,6})?")
_NLS_SCALE = 500.0
_DIGITS = 4  # of a rate or pitch that was reckoned: two ways to write one should be one sound


class ValueRefused(ValueError):
    """A value that cannot be used; `code` says which kind."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def manner(attributes: dict[str, str], *, around: Manner) -> Manner:
    """What the attributes of speak, prosody, emotion and voice ask for inside of `around`.

    An emotion without an intensity is meant as it was designed, however strong the one around it is.
    """
    category = attributes.get("category")
    plain = None if category is None else 1.0
    return Manner(
        rate=_rate(attributes["rate"], around.rate) if "rate" in attributes else None,
        pitch=_pitch(attributes["pitch"], around.pitch) if "pitch" in attributes else None,
        volume=_volume(attributes["volume"], around.volume) if "volume" in attributes else None,
        emotion=None if category is None else _emotion(category),
        intensity=_intensity(attributes["intensity"]) if "intensity" in attributes else plain,
        voice=attributes.get("voice") or attributes.get("name"),
    )


def break_seconds(attributes: dict[str, str]) -> float:
    """`time` in s or ms, or `strength`; a break that says neither is of medium strength."""
    if "time" not in attributes:
        strength = attributes.get("strength", "medium")
        if strength not in _STRENGTHS:
            raise ValueRefused("break_range", f"strength {strength!r} is none of {', '.join(_STRENGTHS)}")
        return _STRENGTHS[strength]
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)(ms|s)", attributes["time"].strip())
    seconds = float(found[1]) / (1000 if found[2] == "ms" else 1) if found else math.inf
    if seconds > LONGEST_BREAK:
        raise ValueRefused("break_range", f"time {attributes['time']!r} is not from 0s to {LONGEST_BREAK:g}s")
    return seconds


def _rate(value: str, around: float | None) -> float:
    if value in _RATE_WORDS:
        return _RATE_WORDS[value]
    number, unit = _split(value, "rate")
    if unit == "%":
        factor = _signed(value, around, 1.0) * (1 + number / 100) if _is_signed(value) else number / 100
    elif "." in value or unit:
        factor = number if not unit else math.nan
    else:
        factor = (
            1 / (1 - number * (0.002 if number < 0 else 0.001)) if abs(number) <= _NLS_SCALE else math.nan
        )
    return _within(round(factor, _DIGITS), RATES, "rate", value)


def _pitch(value: str, around: float | None) -> float:
    if value in _PITCH_WORDS:
        return _PITCH_WORDS[value]
    number, unit = _split(value, "pitch")
    if unit == "%":
        ratio = 1 + number / 100
        semitones = _signed(value, around, 0.0) + (12 * math.log2(ratio) if ratio > 0 else math.nan)
    elif unit == "st":
        semitones = _signed(value, around, 0.0) + number
    else:
        semitones = number * PITCHES[1] / _NLS_SCALE if not unit else math.nan
    return _within(round(semitones, _DIGITS), PITCHES, "pitch", value)


def _volume(value: str, around: int | None) -> int:
    if value in _VOLUME_WORDS:
        return _VOLUME_WORDS[value]
    number, unit = _split(value, "volume")
    if unit == "dB":
        level = _signed(value, around, USUAL_VOLUME) * 10 ** (number / 20)
    else:
        level = number if not unit and value.isdigit() else math.nan
    return round(_within(level, VOLUMES, "volume", value))


def _is_signed(value: str) -> bool:
    return value[0] in "+-"


def _signed(value: str, around: float | None, usual: float) -> float:
    """What a change begins from: what holds around it when it is signed, else what is usual."""
    return around if _is_signed(value) and around is not None else usual


def _intensity(value: str) -> float:
    number, unit = _split(value, "intensity")
    return _within(math.nan if unit else number, INTENSITIES, "intensity", value)


def _emotion(value: str) -> str:
    if value not in EMOTIONS:
        raise ValueRefused("emotion_unknown", f"category {value!r} is none of {', '.join(EMOTIONS)}")
    return EMOTIONS[value]


def _split(value: str, name: str) -> tuple[float, str]:
    number = _NUMBER.match(value)
    if number is None:
        raise ValueRefused(f"{name}_range", f"{name} {value!r} is neither a number nor a word of SSML")
    return float(number[0]), value[number.end() :]


def _within(number: float, limits: tuple[float, float], name: str, value: str) -> float:
    if not limits[0] <= number <= limits[1]:
        raise ValueRefused(f"{name}_range", f"{name} {value!r} is not within {limits[0]:g} to {limits[1]:g}")
    return number
