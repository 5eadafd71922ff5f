"""How much of the engine's raw speed a caller gets through HTTP, uncached.

Raw: the embedded voice in this process, one thread, phrase after phrase. Platform: the whole stack as
`make run` starts it (one worker slot a core), eight callers at once, every text new, one phrase of about 20
characters each. The share is seconds of sound per second of the platform over cores times raw.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from govvoice.embedded.places import ROOT
from tests.embedded.running import Platform

PLACES = ("一号窗口", "二楼大厅", "社区中心", "便民服务站", "政务大厅")
THINGS = ("社保转移", "户口迁移", "公积金提取", "营业执照变更", "居住证续签", "医保报销")
PEOPLE = ("王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙")
CALLERS = 8
TEXTS = 96


def texts(count: int) -> list[str]:
    """Distinct sentences of 19 to 22 characters, none of which needs cutting."""
    found = []
    for number in range(count):
        person = PEOPLE[number % 12]
        place = PLACES[number // 12 % 5]
        thing = THINGS[number // 60 % 6]
        found.append(f"请{person}先生带好证件到{place}办理{thing}")
    return found


def raw_rate(sample: list[str]) -> float:
    """Seconds of sound per second of one thread."""
    from synthesis.engines.base import Delivery
    from synthesis.engines.registry import get_engine
    from synthesis.text import make_script

    folder = Path(os.environ.get("GOVVOICE_VOICES", ROOT / "var" / "voices"))
    engine = get_engine("fastspeech2", folder=folder)
    phrases = [phrase for text in sample for phrase in make_script(text).phrases]
    engine.speak(phrases[0], Delivery())
    rates = []
    for phrase in phrases:
        begun = time.perf_counter()
        sound = engine.speak(phrase, Delivery())
        rates.append(sound.seconds / (time.perf_counter() - begun))
    return statistics.median(rates)


def platform_rate(platform: Platform, sample: list[str]) -> tuple[float, list[float]]:
    """Seconds of sound per second of all callers together, and each call's own time in seconds."""
    with ThreadPoolExecutor(CALLERS) as pool, platform.client() as client:
        begun = time.perf_counter()
        answers = list(pool.map(lambda text: call(client, text), sample))
        elapsed = time.perf_counter() - begun
    return sum(seconds for seconds, _took in answers) / elapsed, [took for _seconds, took in answers]


def call(client: httpx.Client, text: str) -> tuple[float, float]:
    """One uncached request: seconds of sound, seconds it took."""
    begun = time.perf_counter()
    answer = client.post("/api/v1/speech", json={"text": text})
    took = time.perf_counter() - begun
    if answer.status_code != 200:
        raise RuntimeError(f"{answer.status_code}: {answer.text[:300]}")
    if answer.headers["X-Cache"] != "miss":
        raise RuntimeError(f"{text!r} was cached: {answer.headers['X-Cache']}")
    return float(answer.headers["X-Audio-Duration"]), took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    as_json = parser.parse_args().json
    cores = len(os.sched_getaffinity(0))
    sample = texts(TEXTS)
    raw = raw_rate(sample[:24])
    rate, times = measure(sample)
    result = {
        "cores": cores,
        "raw_rtf": round(1 / raw, 4),
        "platform_seconds_of_sound_per_second": round(rate, 1),
        "share_of_raw": round(rate / (cores * raw), 3),
        "call_p50_seconds": round(statistics.median(times), 3),
        "call_p95_seconds": round(sorted(times)[int(len(times) * 0.95)], 3),
        "calls": len(times),
    }
    print(json.dumps(result, ensure_ascii=False) if as_json else table(result))


def measure(sample: list[str]) -> tuple[float, list[float]]:
    """`platform_rate` of a platform made for this, which is gone afterwards."""
    platform = Platform.in_new_folder()
    try:
        platform.start()
        platform.lift_limits()
        platform_rate(platform, [f"{text}谢谢" for text in sample[:8]])  # warm
        return platform_rate(platform, sample)
    finally:
        platform.stop()
        platform.remove()


def table(result: dict[str, float]) -> str:
    return "\n".join(f"{name:40} {value}" for name, value in result.items())


if __name__ == "__main__":
    main()
