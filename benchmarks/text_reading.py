"""How fast a text is read: `python -m benchmarks.text_reading [--json]`.

Milliseconds for sentences of about 30 characters (median and 99th percentile), seconds for texts up to
100,000 characters, the start in a process of its own and the memory it then holds. wetextprocessing with
pypinyin runs beside it where both are installed (`pip install wetextprocessing`); nothing else needs them.
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

START = """
import time
began = time.perf_counter()
from synthesis.text import load, make_script
load()
make_script("您好")
seconds = time.perf_counter() - began
with open("/proc/self/statm", encoding="ascii") as pages:
    print(seconds, int(pages.read().split()[1]) * 4096 / 2**20)
"""


def milliseconds(read: Callable[[str], object], runs: int) -> tuple[float, float]:
    """Median and 99th percentile of single sentences, each read once before."""
    for sentence in SENTENCES:
        read(sentence)
    taken = sorted(_seconds(read, sentence) * 1000 for _ in range(runs) for sentence in SENTENCES)
    return taken[len(taken) // 2], taken[int(len(taken) * 0.99)]


def _seconds(read: Callable[[str], object], text: str) -> float:
    began = time.perf_counter()
    read(text)
    return time.perf_counter() - began


def ours() -> Callable[[str], object]:
    from synthesis.text import load, make_script

    load()
    return make_script


def theirs() -> Callable[[str], object] | None:
    """Normalised by one, then pinyin with tones by the other; None where they are not installed."""
    if find_spec("tn") is None or find_spec("pypinyin") is None:
        return None
    from pypinyin import Style, lazy_pinyin
    from tn.chinese.normalizer import Normalizer

    normalizer = Normalizer()
    return lambda text: lazy_pinyin(normalizer.normalize(text), style=Style.TONE3, tone_sandhi=True)


def start() -> tuple[float, float]:
    """Seconds until the first reading is made in a new process, and MiB it then holds."""
    answer = subprocess.run([sys.executable, "-c", START], check=True, capture_output=True, text=True).stdout
    seconds, memory = answer.split()
    return float(seconds), float(memory)


def by_length(read: Callable[[str], object]) -> dict[str, list[float]]:
    return {
        name: [_seconds(read, (unit * length)[:length]) for length in LENGTHS] for name, unit in TEXTS.items()
    }


def measure(runs: int) -> dict[str, object]:
    seconds, memory = min(start() for _ in range(3))
    read = ours()
    median, worst = milliseconds(read, runs)
    found: dict[str, object] = {"p50_ms": median, "p99_ms": worst, "start_s": seconds, "memory_mib": memory}
    found["seconds_by_length"] = by_length(read)
    other = theirs()
    if other:
        found["wetext_pypinyin_p50_ms"], found["wetext_pypinyin_p99_ms"] = milliseconds(
            other, max(1, runs // 10)
        )
    return found


def table(found: dict[str, object]) -> str:
    lines = [f"{name:>24}  {value:.3f}" for name, value in found.items() if isinstance(value, float)]
    lengths = found["seconds_by_length"]
    assert isinstance(lengths, dict)
    lines.append("".join([f"{'seconds for':>24}  ", *(f"{length:>12,}" for length in LENGTHS)]))
    for name, seconds in lengths.items():
        lines.append("".join([f"{name:>24}  ", *(f"{value:>12.3f}" for value in seconds)]))
    if "wetext_pypinyin_p50_ms" not in found:
        lines.append("wetextprocessing and pypinyin are not installed: nothing beside it")
    return "\n".join(lines)


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
