"""Postgres out of the wheel: for any account, after any end, in any folder."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from govvoice.embedded import places, processes
from govvoice.embedded.places import ROOT, Places
from govvoice.embedded.postgres import Postgres
from tests.embedded.launching import ACCOUNTS, launch, launched, log_of, open_folder, places_for


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made


def start(here: Places, process: subprocess.Popen[bytes]) -> Postgres:
    server = Postgres(here)
    server.wait(60, process)
    server.ensure_database()
    return server


@pytest.mark.parametrize("account", ACCOUNTS)
def test_it_serves_a_database_that_no_superuser_owns(folder: Path, account: str) -> None:
    here = places_for(account, folder)
    with launched("postgres", here, account) as process:
        server = start(here, process)
        with psycopg.connect(server.url) as connection:
            row = connection.execute(
                "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles"
                " WHERE rolname = current_user"
            ).fetchone()
            assert row == ("govvoice", False, True, True)
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            assert connection.execute("SELECT '政务' < '语音', lower('ÄÖ')").fetchone() == (True, "äö")
            connection.execute("CREATE EXTENSION pg_trgm")


@pytest.mark.parametrize("account", ACCOUNTS)
def test_nobody_else_may_read_its_files_or_reach_its_socket(folder: Path, account: str) -> None:
    here = places_for(account, folder)
    with launched("postgres", here, account) as process:
        server = start(here, process)
        assert psutil.Process(process.pid).uids().real != 0
        for private in (server.data, server.socket_folder):
            assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_a_second_start_finds_the_data_again(folder: Path) -> None:
    here = places_for("ourselves", folder)
    with launched("postgres", here) as process:
        server = start(here, process)
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    with launched("postgres", here) as process:
        start(here, process)
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_after_kill_9_of_the_server_a_new_start_recovers(folder: Path) -> None:
    here = places_for("ourselves", folder)
    with launched("postgres", here) as process:
        server = start(here, process)
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        process.kill()
        process.wait(timeout=30)
        assert (server.data / "postmaster.pid").exists()
    with launched("postgres", here) as process:
        start(here, process)
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_pid_file_whose_number_somebody_else_has_by_now_does_not_stop_it(folder: Path) -> None:
    here = places_for("ourselves", folder)
    with launched("postgres", here) as process:
        server = start(here, process)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        (server.data / "postmaster.pid").write_text(f"{bystander.pid}\n{server.data}\n1\n5432\n")
        with launched("postgres", here) as process:
            start(here, process)
            assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.communicate()


def test_a_second_server_on_the_same_data_gives_way(folder: Path) -> None:
    here = places_for("ourselves", folder)
    with launched("postgres", here) as process:
        server = start(here, process)
        second = launch("postgres", here)
        assert second.wait(timeout=60) != 0
        assert f"pid {process.pid}" in log_of("postgres", here)
        assert server.is_ready()


def test_it_ends_with_the_process_that_started_it(folder: Path) -> None:
    here = places_for("ourselves", folder)
    start_it = [sys.executable, "-m", "govvoice.embedded.postgres"]
    parent = subprocess.Popen(
        [sys.executable, "-c", f"import subprocess; subprocess.run({start_it!r})"],
        cwd=ROOT,
        env=os.environ | {"GOVVOICE_VAR": str(here.var)},
        stderr=subprocess.DEVNULL,
    )
    server = Postgres(here)
    server.wait(60, parent)
    running = list(processes.of_database(server.data))
    parent.kill()
    parent.wait()
    gone, alive = psutil.wait_procs(running, timeout=30)
    assert gone
    assert not alive


def test_a_var_folder_too_deep_for_a_socket_is_served_by_a_short_link(folder: Path) -> None:
    deep = folder.joinpath(*["政务语音平台"] * 8)
    here = places_for("ourselves", deep)
    for part in (here.var, *here.var.parents):
        if part.is_relative_to(folder):
            part.chmod(0o711)
    with launched("postgres", here) as process:
        server = start(here, process)
        assert (
            len(os.fsencode(here.sockets))
            > places.LONGEST_SOCKET_FOLDER
            >= len(os.fsencode(server.socket_folder))
        )
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    here.socket_folder.rename(folder / "sockets-done")


def test_only_the_tests_do_without_fsync(folder: Path) -> None:
    here = places_for("ourselves", folder)
    assert "fsync=off" in Postgres(here, durable=False).command()
    assert not any("fsync" in part for part in Postgres(here).command())


def test_data_of_another_major_version_is_named_and_left_alone(folder: Path) -> None:
    here = places_for("ourselves", folder)
    with launched("postgres", here) as process:
        server = start(here, process)
    (server.data / "PG_VERSION").write_text("17\n")
    assert launch("postgres", here).wait(timeout=30) != 0
    assert "Postgres 17" in log_of("postgres", here)
