"""`python -m benchmarks.voices [--voices ENGINE[/MODEL] ...] [--only loudness ear emotions prosody]`.

Measures every voice on the same twenty sentences of our own (sentences.txt):

- loudness: integrated loudness (BS.1770-4) of neutral speech as the platform hands it out, ours and
  pyloudnorm's, the spread between voices, and what each emotion makes of it;
- ear: syllable errors of an outside recogniser in neutral, without and with tones;
- emotions: the same for each emotion at intensity 1 and 2;
- prosody: how well seven emotions are told apart (leave one sentence out), with and without level and tilt.

`ear` is slow: half a second of one core and more for a second of sound. Targets and results: docs/voices.md.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pyloudnorm

from benchmarks.voices.hearing import Ear, Heard, rates
from benchmarks.voices.prosody import SET_OUTRIGHT, prosody_of, told_apart
from benchmarks.voices.speaking import Speaking, installed, sentences
from synthesis import audio
from synthesis.engines.base import Delivery
from synthesis.text import make_script

SEVEN = ("neutral", "happy", "angry", "sad", "fear", "disgust", "surprise")
_VAR = Path(os.environ.get("GOVVOICE_VAR", "var"))


def loudness(voices: list[Speaking]) -> None:
    print("== loudness: neutral LUFS, ours and pyloudnorm's; then each emotion beside neutral, LU")
    levels = []
    for voice in voices:
        neutral, other = _loudness(voice, "neutral")
        levels.append(neutral)
        rest = (f"{emotion} {_loudness(voice, emotion)[0] - neutral:+.1f}" for emotion in _others(voice))
        print(f"{voice.name:24} {neutral:7.2f} {other:7.2f}   {', '.join(rest)}", flush=True)
    print(f"spread between voices in neutral: {max(levels) - min(levels):.2f} LU")


def _loudness(voice: Speaking, emotion: str) -> tuple[float, float]:
    rate = voice.engine.sample_rate
    whole = np.concatenate([voice.say(text, Delivery(emotion)) for text in voice.sentences])
    ours = audio.integrated_loudness(whole, sample_rate=rate)
    return ours, float(pyloudnorm.Meter(rate).integrated_loudness(whole.astype(np.float64)))


def ear(voices: list[Speaking]) -> None:
    print("== ear: syllable errors in neutral, toneless / toned")
    listener = _listener()
    for voice in voices:
        print(f"{voice.name:24} {rates(_heard(listener, voice, Delivery()))}", flush=True)


def emotions(voices: list[Speaking]) -> None:
    print("== emotions: syllable errors at intensity 1 and 2, toneless / toned")
    listener = _listener()
    for voice in voices:
        for emotion in _others(voice):
            for intensity in (1.0, 2.0):
                heard = _heard(listener, voice, Delivery(emotion, intensity))
                print(f"{voice.name:24} {emotion:9} {intensity:.0f}  {rates(heard)}", flush=True)


def prosody(voices: list[Speaking]) -> None:
    print("== prosody: of seven emotions, and of all, told apart; in brackets without level and tilt")
    for voice in voices:
        rows = [
            (number, emotion, _prosody(voice, text, emotion))
            for number, text in enumerate(voice.sentences)
            for emotion in voice.engine.emotions
        ]
        seven = [row for row in rows if row[1] in SEVEN]
        print(
            f"{voice.name:24} {_share(seven)}   all {len(voice.engine.emotions)}: {_share(rows)}", flush=True
        )


def _prosody(voice: Speaking, text: str, emotion: str) -> object:
    samples = voice.say(text, Delivery(emotion))
    return prosody_of(samples, voice.engine.sample_rate, len(make_script(text).syllables))


def _share(rows: list) -> str:
    return f"{100 * told_apart(rows):5.1f} % ({100 * told_apart(rows, without=SET_OUTRIGHT):.1f} %)"


def _others(voice: Speaking) -> Iterable[str]:
    return (emotion for emotion in voice.engine.emotions if emotion != "neutral")


def _listener() -> Ear:
    return Ear(_VAR / "measuring")


def _heard(listener: Ear, voice: Speaking, delivery: Delivery) -> list[Heard]:
    rate = voice.engine.sample_rate
    return [listener.hear(voice.say(text, delivery), rate, text) for text in voice.sentences]


_KINDS: dict[str, Callable[[list[Speaking]], None]] = {
    "loudness": loudness,
    "prosody": prosody,
    "ear": ear,
    "emotions": emotions,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.voices", description="Measure the voices.")
    folder = Path(os.environ.get("GOVVOICE_VOICES") or _VAR / "voices")
    parser.add_argument("--voices", nargs="+", default=installed(folder), metavar="ENGINE[/MODEL]")
    parser.add_argument("--only", nargs="+", choices=_KINDS, default=list(_KINDS))
    parser.add_argument("--sentences", type=int, default=20, help="the first so many (default: all 20)")
    chosen = parser.parse_args()
    voices = [Speaking(name, folder, sentences()[: chosen.sentences]) for name in chosen.voices]
    for kind in chosen.only:
        _KINDS[kind](voices)


if __name__ == "__main__":
    main()
