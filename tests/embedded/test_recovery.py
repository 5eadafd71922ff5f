"""kill -9 of a process while a caller waits: he gets his sound or a clear 503, and the next one his sound."""

from __future__ import annotations

import os
import secrets
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest

from tests.embedded.running import Platform

pytestmark = pytest.mark.platform

# A caller waits this long at most (SPEECH_DEADLINE is 20 s), and a busy machine answers a little later.
PATIENCE = 30


def new_text(sentences: int = 10) -> str:
    """Sentences that no cache knows: a few seconds' work at 10 of them."""
    return "".join(
        f"第{secrets.randbelow(10**8)}号申请人请携带有效身份证件，到政务服务大厅{number}号窗口办理相关业务。"
        for number in range(1, sentences + 1)
    )


def wait_for_another(platform: Platform, name: str, old: int) -> None:
    end = time.monotonic() + 60
    while platform.pids.get(name, old) == old:
        assert time.monotonic() < end, f"{name} was not started again"
        time.sleep(0.1)


def assert_sound(answer: httpx.Response) -> None:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "audio/wav"
    assert float(answer.headers["X-Audio-Duration"]) > 1


def assert_sound_or_clear_refusal(answer: httpx.Response) -> None:
    if answer.status_code == 200:
        assert_sound(answer)
        return
    assert answer.status_code == 503, answer.text
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["code"]
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.abuse(102)
@pytest.mark.parametrize("victim", ["worker", "valkey", "postgres"])
def test_the_waiting_caller_is_answered_and_the_next_one_served(platform: Platform, victim: str) -> None:
    platform.wait_until_ready()
    old = platform.pids[victim]
    with ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        waiting = pool.submit(platform.post, new_text(), seconds=PATIENCE)
        time.sleep(0.5)
        assert not waiting.done()
        os.kill(old, signal.SIGKILL)
        assert_sound_or_clear_refusal(waiting.result())
        assert time.monotonic() - began < PATIENCE
    wait_for_another(platform, victim, old)
    platform.wait_until_ready()
    assert_sound(platform.post(new_text(1)))


def test_after_kill_9_of_the_web_process_the_next_caller_is_served(platform: Platform) -> None:
    platform.wait_until_ready()
    old = platform.pids["web"]
    serving = psutil.Process(old).children(recursive=True)
    os.kill(old, signal.SIGKILL)
    wait_for_another(platform, "web", old)
    # The killed server's own children must not go on serving beside the new one.
    _, alive = psutil.wait_procs(serving, timeout=30)
    assert not alive
    platform.wait_until_ready()
    assert_sound(platform.post(new_text(1)))


@pytest.mark.parametrize("victim", ["beat", "sealer"])
def test_a_killed_helper_is_started_again_and_nobody_notices(platform: Platform, victim: str) -> None:
    platform.wait_until_ready()
    old = platform.pids[victim]
    os.kill(old, signal.SIGKILL)
    assert_sound(platform.post(new_text(1)))
    wait_for_another(platform, victim, old)
    platform.wait_until_ready()


@pytest.mark.abuse(102)
def test_no_phrase_is_lost_when_the_worker_dies_over_it(platform: Platform) -> None:
    """The answer may be 503, the work goes on: asked again, the text comes whole."""
    platform.wait_until_ready()
    text, old = new_text(), platform.pids["worker"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(platform.post, text, seconds=PATIENCE)
        time.sleep(0.5)
        os.kill(old, signal.SIGKILL)
        waiting.result()
    wait_for_another(platform, "worker", old)
    platform.wait_until_ready()
    whole = platform.post(text)
    assert_sound(whole)
    assert float(whole.headers["X-Audio-Duration"]) > 60
