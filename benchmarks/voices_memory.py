"""What each voice takes: `python -m benchmarks.voices_memory`. Resident memory in MB, a process each.

"base" is Python with the front end of the engines and no model; "loaded" and "speaking" are on top of that,
and "after" is what is left when the voice was let go. Load time is the median of three fresh processes.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil

from synthesis.engines.base import Delivery
from synthesis.engines.kokoro.speakers import SPEAKERS
from synthesis.engines.registry import get_engine
from synthesis.text.script import Phrase

# 办理业务请携带身份证原件。
PINYIN = "ban4 li3 #1 ye4 wu4 #2 qing3 #1 xie2 dai4 #1 shen1 fen4 zheng4 #1 yuan2 jian4"
PHRASE = Phrase(PINYIN, 0, len(PINYIN), tuple(PINYIN.split()), 0.0)
RUNS = 3


def resident() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1e6


def measure(folder: Path, name: str, model: str) -> dict[str, float]:
    """In this process, which should have done nothing else."""
    base = resident()
    begun = time.perf_counter()
    engine = get_engine(name, folder=folder, model=model)
    engine.load()
    seconds, loaded = time.perf_counter() - begun, resident()
    engine.speak(PHRASE, Delivery())
    begun = time.perf_counter()
    sound = engine.speak(PHRASE, Delivery())
    factor, speaking = (time.perf_counter() - begun) / sound.seconds, resident()
    engine.unload()
    return {
        "base": base,
        "load_s": seconds,
        "loaded": loaded - base,
        "speaking": speaking - base,
        "after": resident() - base,
        "rtf": factor,
    }


def in_own_process(folder: Path, name: str, model: str) -> dict[str, float]:
    """Medians of fresh processes."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.voices_memory",
        "--one",
        name,
        model,
        "--folder",
        str(folder),
    ]
    runs = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(RUNS)]
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def main() -> int:
    parser = argparse.ArgumentParser(description="Memory and load time of each voice.")
    parser.add_argument("--one", nargs=2, metavar=("ENGINE", "MODEL"), help="only this, as JSON")
    default = Path(os.environ.get("GOVVOICE_VOICES", "var/voices"))
    parser.add_argument("--folder", type=Path, default=default, help="all voices (default: %(default)s)")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.folder, *options.one)))
        return 0
    voices = [("fastspeech2", "")]
    voices += [("kokoro", name) for name in SPEAKERS if (options.folder / "kokoro" / f"{name}.bin").exists()]
    print(f"{'voice':<24}{'load s':>8}{'base':>8}{'loaded':>8}{'speaking':>10}{'after':>8}{'RTF':>7}")
    for name, model in voices:
        found = in_own_process(options.folder, name, model)
        print(
            f"{name + ' ' + model:<24}{found['load_s']:>8.2f}{found['base']:>8.0f}{found['loaded']:>8.0f}"
            f"{found['speaking']:>10.0f}{found['after']:>8.0f}{found['rtf']:>7.2f}",
            flush=True,
        )
    print(f"load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores")
    return 0


if __name__ == "__main__":
    sys.exit(main())
