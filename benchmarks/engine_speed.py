"""How fast the embedded voice speaks on one thread: `python -m benchmarks.engine_speed [--json]`.

RTF is seconds of work for a second of sound, median of several runs. "pair" is both networks on all the
frames they make, by the clock, and "pair_cpu" by the processor's time, which others on the machine disturb
less. "engine" is the whole of `speak` for the sound handed out, shorter by the silence cut from its ends.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from synthesis.engines import Delivery
from synthesis.engines.fastspeech2.convert import convert, default_folder
from synthesis.engines.fastspeech2.engine import FastSpeech2
from synthesis.engines.fastspeech2.symbols import to_symbols
from synthesis.engines.fastspeech2.voice import HOP, SAMPLE_RATE, Controls, Voice
from synthesis.text.script import Phrase

# 您好，这里是政务服务热线。办理业务请携带身份证原件和复印件，今天下午三点停水，请提前准备用水。
TEXT = (
    "nin2 hao3 #3 zhe4 li3 shi4 #1 zheng4 wu4 #1 fu2 wu4 #1 re4 xian4 #3 ban4 li3 #1 ye4 wu4 #2 qing3 #1 "
    "xie2 dai4 #1 shen1 fen4 zheng4 #1 yuan2 jian4 #1 he2 #1 fu4 yin4 jian4 #3 jin1 tian1 #1 xia4 wu3 #1 "
    "san1 dian3 #1 ting2 shui3 #3 qing3 #1 ti2 qian2 #1 zhun3 bei4 #1 yong4 shui3"
)
LENGTHS = (10, 20, 40)


def opening(syllables: int) -> tuple[str, ...]:
    """The text's first syllables, with the breaks between them."""
    phones = TEXT.split()
    places = [index for index, phone in enumerate(phones) if not phone.startswith("#")]
    return tuple(phones[: places[syllables - 1] + 1])


def median_seconds(work: Callable[[], object], runs: int) -> tuple[float, float]:
    """By the clock and of the processor."""
    work()  # the first run lays out memory for this length
    clock, processor = zip(*(_seconds(work) for _ in range(runs)), strict=True)
    return statistics.median(clock), statistics.median(processor)


def _seconds(work: Callable[[], object]) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.thread_time()
    work()
    return time.perf_counter() - clock, time.thread_time() - processor


def measure(voice: Voice, engine: FastSpeech2, syllables: int, runs: int) -> dict[str, float]:
    phones = opening(syllables)
    ids, none = voice.ids(to_symbols(phones)), np.zeros((1, 1), np.float32)
    controls = Controls(1.0, 1.0, 1.0, none, none)
    prediction = voice.predict(ids, controls)
    mel = voice.mel(prediction, prediction.durations)
    phrase = Phrase("".join(phones), 0, 1, phones, 0.0)
    seconds = mel.shape[1] * HOP / SAMPLE_RATE

    def acoustic() -> object:
        spoken = voice.predict(ids, controls)
        return voice.mel(spoken, spoken.durations)

    acoustic_clock, acoustic_cpu = median_seconds(acoustic, runs)
    vocoder_clock, vocoder_cpu = median_seconds(lambda: voice.samples(mel), runs)
    whole, _ = median_seconds(lambda: engine.speak(phrase, Delivery()), runs)
    return {
        "syllables": syllables,
        "seconds": seconds,
        "acoustic_rtf": acoustic_clock / seconds,
        "vocoder_rtf": vocoder_clock / seconds,
        "pair_rtf": (acoustic_clock + vocoder_clock) / seconds,
        "pair_cpu": (acoustic_cpu + vocoder_cpu) / seconds,
        "engine_rtf": whole / engine.speak(phrase, Delivery()).seconds,
    }


def table(rows: list[dict[str, float]]) -> str:
    columns = list(rows[0])
    lines = ["".join(f"{name:>14}" for name in columns)]
    lines += ["".join(f"{row[name]:>14.4g}" for name in columns) for row in rows]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Speed of the embedded voice on one thread.")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--runs", type=int, default=9, help="measured runs a length (default: %(default)s)")
    parser.add_argument(
        "--folder", type=Path, default=default_folder(), help="the voice (default: %(default)s)"
    )
    options = parser.parse_args()
    convert(options.folder)
    voice, engine = Voice(options.folder), FastSpeech2(options.folder)
    rows = [measure(voice, engine, syllables, options.runs) for syllables in LENGTHS]
    load = os.getloadavg()[0]
    print(json.dumps({"rows": rows, "load": load}) if options.json else f"{table(rows)}\nload {load:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
