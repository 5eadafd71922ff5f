"""How long a live caller waits while the slow lane speaks: `python -m benchmarks.two_lanes [--calls 40]`.

The whole platform as `make run` starts it, with the speakers for broadcasts (make speakers). A caller of the
embedded voice asks for short new sentences one by one; his wait is that for the first audio, since a sentence
is one phrase. Blocks alone and blocks with two callers of a large voice at once, who never pause, take turns;
the ratio is that of the medians.
"""

from __future__ import annotations

import argparse
import os
import secrets
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import httpx

from tests.embedded.running import Platform

BLOCKS = 2
SLOW_VOICE = "male-deep"
LONG = (
    "请{number}号市民携带有效身份证原件和近期照片，到政务服务大厅二楼办理居住证续签，"
    "工作时间为上午九点到下午五点。"
)
SHORT = "请{number}号到三号窗口。"


def ask(platform: Platform, text: str, voice: str) -> float:
    """Seconds until the sound is there."""
    number = " ".join(str(secrets.randbelow(10**5)))  # no cache knows it
    begun = time.perf_counter()
    with platform.client(60) as client:
        answer = client.post("/api/v1/speech", json={"text": text.format(number=number), "voice": voice})
    answer.raise_for_status()
    return time.perf_counter() - begun


@contextmanager
def speaking_slowly(platform: Platform) -> Iterator[list[float]]:
    """Two callers who keep the large voice busy; the list collects how long they waited."""
    done, waits = Event(), list[float]()

    def call() -> None:
        while not done.is_set():
            with suppress(httpx.HTTPStatusError):  # on a busy machine it may pass its deadline
                waits.append(ask(platform, LONG, SLOW_VOICE))

    callers = [Thread(target=call) for _ in range(2)]
    for caller in callers:
        caller.start()
    try:
        time.sleep(5)  # the network is loaded by then
        yield waits
    finally:
        done.set()
        for caller in callers:
            caller.join()


def measure(platform: Platform, calls: int) -> tuple[list[float], list[float], list[float]]:
    """Waits of the live caller alone, and beside the slow lane, and those of the slow lane's callers."""
    alone, beside, slow = list[float](), list[float](), list[float]()
    for _ in range(BLOCKS):
        alone += [ask(platform, SHORT, "qinghe") for _ in range(calls // BLOCKS)]
        with speaking_slowly(platform) as waits:
            beside += [ask(platform, SHORT, "qinghe") for _ in range(calls // BLOCKS)]
        slow += waits
    return alone, beside, slow


def main() -> int:
    parser = argparse.ArgumentParser(description="A live caller beside the slow lane.")
    parser.add_argument("--calls", type=int, default=40, help="live calls of each kind (%(default)s)")
    calls = parser.parse_args().calls
    platform = Platform.in_new_folder()
    try:
        platform.start()
        if "slow" not in platform.pids:
            print("the speakers for broadcasts are not here: make speakers")
            return 1
        platform.lift_limits()
        ask(platform, SHORT, "qinghe")
        alone, beside, slow = measure(platform, calls)
    finally:
        platform.stop()
        platform.remove()
    print(f"alone:  median {statistics.median(alone) * 1000:.0f} ms, worst {max(alone) * 1000:.0f} ms")
    print(f"beside: median {statistics.median(beside) * 1000:.0f} ms, worst {max(beside) * 1000:.0f} ms")
    print(f"ratio:  {statistics.median(beside) / statistics.median(alone):.2f}")
    print(f"slow:   {len(slow)} texts" + (f", median {statistics.median(slow):.1f} s" if slow else ""))
    print(f"load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores")
    return 0


if __name__ == "__main__":
    sys.exit(main())
