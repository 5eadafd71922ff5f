"""More web processes of a running platform, each a server of its own on a port of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import psutil

from govvoice.embedded.places import ROOT
from tests.embedded.running import Platform, free_port


@contextmanager
def another_web(platform: Platform, **changed: str) -> Iterator[str]:
    """The base address of one more process, as the platform's own is started: a memory of its own.

    `changed` is what its environment says otherwise.
    """
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--blocking-threads", "32"]
    command += ["--host", "127.0.0.1", "--port", str(port), "govvoice.wsgi:application"]
    with (platform.folder / f"web-{port}.log").open("wb") as log:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env=psutil.Process(platform.pids["web"]).environ() | changed,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        _wait(f"http://127.0.0.1:{port}", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


@contextmanager
def webs(platform: Platform, count: int) -> Iterator[list[str]]:
    """The addresses of the platform's own web process and of more, `count` together."""
    with ExitStack() as stack:
        yield [platform.base_url, *(stack.enter_context(another_web(platform)) for _ in range(count - 1))]


def _wait(address: str, server: subprocess.Popen[bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        assert server.poll() is None, "the web process ended"
        assert time.monotonic() < end, "the web process does not answer"
        try:
            if httpx.get(f"{address}/healthz", trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
