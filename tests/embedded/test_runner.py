"""`make run` says in one line why it does not start, and touches nothing then."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from govvoice.embedded import supervision
from govvoice.embedded.places import Places
from tests.embedded.running import Platform


@pytest.fixture
def fresh() -> Iterator[Platform]:
    made = Platform.in_new_folder()
    try:
        yield made
    finally:
        made.stop()
        made.remove()


def refusal(platform: Platform) -> str:
    """The one line of a runner that did not start; nothing of it is left."""
    assert platform.begin().wait(timeout=60) == 1
    lines = platform.output.splitlines()
    assert len(lines) == 1, platform.output
    assert lines[0].startswith("错误：")
    assert not platform.left()
    assert not (platform.var / "postgres" / "data").exists()
    return lines[0]


@pytest.mark.parametrize("offset", [0, 1])
def test_a_taken_port_is_named_with_the_variable_that_changes_it(fresh: Platform, offset: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", fresh.port + offset))
        other.listen()
        line = refusal(fresh)
    assert f"端口 {fresh.port + offset} 已被占用" in line
    assert "GOVVOICE_PORT" in line


def test_an_address_of_another_machine_is_named(fresh: Platform) -> None:
    fresh.extra["GOVVOICE_HOST"] = "192.0.2.1"
    line = refusal(fresh)
    assert "192.0.2.1" in line
    assert "GOVVOICE_HOST" in line


@pytest.mark.parametrize("port", ["0", "65535", "http", "-1"])
def test_a_port_that_is_none_is_named(fresh: Platform, port: str) -> None:
    fresh.extra["GOVVOICE_PORT"] = port
    assert f"GOVVOICE_PORT={port}" in refusal(fresh)


def test_a_full_disk_is_named(fresh: Platform) -> None:
    fresh.extra["GOVVOICE_MIN_FREE_MB"] = str(10**9)
    assert "磁盘空间不足" in refusal(fresh)


def test_a_var_folder_that_cannot_be_made_is_named(fresh: Platform) -> None:
    (fresh.folder / "file").write_text("")
    fresh.extra["GOVVOICE_VAR"] = str(fresh.folder / "file" / "var")
    assert str(fresh.folder / "file") in refusal(fresh)


def test_a_damaged_secrets_file_is_named(fresh: Platform) -> None:
    fresh.var.mkdir()
    (fresh.var / "first-run.json").write_text("{}")
    assert "first-run.json" in refusal(fresh)


def test_a_database_from_outside_that_is_not_there_is_named(fresh: Platform) -> None:
    fresh.extra["DATABASE_URL"] = "postgresql://govvoice@127.0.0.1:9/govvoice"
    assert fresh.begin().wait(timeout=60) == 1
    assert "DATABASE_URL" in fresh.output.splitlines()[-1]
    assert "Traceback" not in fresh.output
    assert not fresh.left()


def test_a_path_full_of_odd_marks_reaches_every_program(fresh: Platform) -> None:
    here = Places(fresh.folder / '政务 100% "语音"; a,b' / "var")
    command = (
        sys.executable,
        "-c",
        "import os, sys; print(os.environ['GOVVOICE_VAR'], sys.argv[1])",
        str(here.var),
    )
    here.prepare()
    settings = here.run / "supervisord.conf"
    program = supervision.Program("echo", command, autostart=True)
    settings.write_text(supervision.configuration(here, [program]), encoding="utf-8")
    running = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(settings)],
        cwd=here.var,
        env=os.environ | {"GOVVOICE_VAR": str(here.var)},
    )
    try:
        log = here.log / "echo.log"
        for _ in range(100):
            if log.exists() and log.read_text():
                break
            with pytest.raises(subprocess.TimeoutExpired):
                running.wait(0.1)
        assert log.read_text().splitlines()[0] == f"{here.var} {here.var}"
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=30)
