"""How fast a text is read: `python -m benchmarks.text_reading [--json]`.

Milliseconds for sentences of about 30 characters (median and 99th percentile, by the clock and of the
processor alone, since a busy machine lends its time to others), seconds for texts up to 100,000 characters,
the start in a process of its own and the memory it then holds. WeTextProcessing with pypinyin runs beside it
in the same way where it is installed (requirements/bench.txt, `make bench`); nothing else needs it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec

SENTENCES = (
    "请于2025年5月2日17:30前携带身份证原件到政务服务中心办理。",
    "市民来电反映小区门口路灯自上周三开始一直没有亮影响居民出行。",
    "您反映的问题已转交相关部门，工单编号20250502，请保持电话畅通。",
    "银行行长重新调整了重庆长江大桥的收费标准，为群众办实事解难题。",
    "因供水管网维修，解放路112号周边将于5月2日8:00至18:00停水。",
)
LENGTHS = (1_000, 10_000, 100_000)
# One that a caller could send to make the reading slow, beside an ordinary text.
TEXTS = {"notice": "".join(SENTENCES), "one polyphone": "上", "fractions": "1/", "letters and Han": "单a"}

OURS = """
from synthesis.text import load, make_script as read
load()
"""
THEIRS = """
from pypinyin import Style, lazy_pinyin
from tn.chinese.normalizer import Normalizer
normalizer = Normalizer()
read = lambda text: lazy_pinyin(normalizer.normalize(text), style=Style.TONE3, tone_sandhi=True)
"""
START = """
import time
began = time.perf_counter()
{}
read("您好")
seconds = time.perf_counter() - began
with open("/proc/self/statm", encoding="ascii") as pages:
    print(seconds, int(pages.read().split()[1]) * 4096 / 2**20)
"""
Reader = Callable[[str], object]


def by_sentence(read: Reader, runs: int) -> dict[str, float]:
    """Median and 99th percentile of single sentences in milliseconds, each read once before."""
    for sentence in SENTENCES:
        read(sentence)
    taken = [_taken(read, sentence) for _ in range(runs) for sentence in SENTENCES]
    found: dict[str, float] = {}
    for clock, values in zip(("ms", "cpu_ms"), map(sorted, zip(*taken, strict=True)), strict=True):
        found[f"p50_{clock}"] = values[len(values) // 2] * 1000
        found[f"p99_{clock}"] = values[int(len(values) * 0.99)] * 1000
    return found


def _taken(read: Reader, text: str) -> tuple[float, float]:
    """Seconds by the clock, and those of this thread."""
    began, worked = time.perf_counter(), time.thread_time()
    read(text)
    return time.perf_counter() - began, time.thread_time() - worked


def ours() -> Reader:
    from synthesis.text import load, make_script

    load()
    return make_script


def theirs() -> Reader | None:
    """Normalised by one, then pinyin with tones by the other; None where they are not installed."""
    if find_spec("tn") is None or find_spec("pypinyin") is None:
        return None
    from pypinyin import Style, lazy_pinyin
    from tn.chinese.normalizer import Normalizer

    normalizer = Normalizer()
    return lambda text: lazy_pinyin(normalizer.normalize(text), style=Style.TONE3, tone_sandhi=True)


def start(code: str) -> dict[str, float]:
    """Seconds until the first reading is made in a new process, and MiB it then holds: the best of three."""
    command = [sys.executable, "-c", START.format(code)]
    answers = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(3)]
    seconds, memory = min(tuple(map(float, answer.split()[-2:])) for answer in answers)
    return {"start_s": seconds, "memory_mib": memory}


def by_length(read: Reader) -> dict[str, list[float]]:
    return {
        name: [_taken(read, (unit * length)[:length])[0] for length in LENGTHS]
        for name, unit in TEXTS.items()
    }


def measure(runs: int) -> dict[str, object]:
    read, other = ours(), theirs()
    found: dict[str, object] = {"ours": by_sentence(read, runs) | start(OURS)}
    if other:
        found["wetext and pypinyin"] = by_sentence(other, max(1, runs // 10)) | start(THEIRS)
    return found | {"seconds_by_length": by_length(read)}


def table(found: dict[str, object]) -> str:
    columns = {name: values for name, values in found.items() if name != "seconds_by_length"}
    lines = ["".join([" " * 20, *(f"{name:>22}" for name in columns)])]
    lines += [
        "".join([f"{row:>20}", *(f"{_figures(one)[row]:>22.3f}" for one in columns.values())])
        for row in _figures(columns["ours"])
    ]
    if len(columns) == 1:
        lines.append("WeTextProcessing is not installed (requirements/bench.txt): nothing beside it")
    lines.append("".join([f"{'seconds for':>20}", *(f"{length:>12,}" for length in LENGTHS)]))
    lengths = found["seconds_by_length"]
    assert isinstance(lengths, dict)
    for name, seconds in lengths.items():
        lines.append("".join([f"{name:>20}", *(f"{value:>12.3f}" for value in seconds)]))
    return "\n".join(lines)


def _figures(column: object) -> dict[str, float]:
    assert isinstance(column, dict)
    return column


def main() -> int:
    parser = argparse.ArgumentParser(description="Speed of reading text on one thread.")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--runs", type=int, default=200, help="measured runs a sentence (default: %(default)s)"
    )
    options = parser.parse_args()
    found = measure(options.runs)
    print(json.dumps(found) if options.json else table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
