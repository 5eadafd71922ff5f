"""The whole platform: how it begins, what it says, and how it ends."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from govvoice.embedded.places import ROOT, Places
from govvoice.embedded.postgres import Postgres
from tests.embedded.running import Platform

pytestmark = pytest.mark.platform

PROGRAMS = {"postgres", "valkey", "web", "worker", "beat", "sealer"}


@pytest.fixture
def fresh() -> Iterator[Platform]:
    made = Platform.in_new_folder()
    try:
        yield made
    finally:
        made.stop()
        made.remove()


def wait_until_gone(platform: Platform, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while left := platform.left():
        assert time.monotonic() < end, left
        time.sleep(0.2)


def test_it_prints_what_the_next_step_needs(platform: Platform) -> None:
    assert f"{platform.base_url}/portal/" in platform.output
    for account in platform.accounts.values():
        assert f"{account['name']}\t{account['password']}" in platform.output
    assert platform.api_key in platform.output
    assert str(platform.var / "log") in platform.output


def test_the_printed_curl_line_brings_a_playable_sound(platform: Platform, tmp_path: Path) -> None:
    line = next(line for line in platform.output.splitlines() if line.startswith("curl "))
    subprocess.run(["/bin/sh", "-c", line], cwd=tmp_path, check=True)
    with wave.open(str(tmp_path / "speech.wav")) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (24000, 1, 2)
        assert sound.getnframes() / 24000 > 2
        assert any(sound.readframes(sound.getnframes()))


def test_all_its_processes_run_and_listen_on_one_port(platform: Platform) -> None:
    assert set(platform.pids) == PROGRAMS
    listening = {
        (where.laddr.ip, where.laddr.port)
        for pid in platform.pids.values()
        for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))
        for where in process.net_connections(kind="inet")
        if where.status == psutil.CONN_LISTEN
    }
    assert listening == {("127.0.0.1", platform.port)}


def test_each_process_has_its_own_account_at_the_database(platform: Platform) -> None:
    """Read from the processes themselves: what they were told, and whom the database sees."""
    owner = Postgres(Places(platform.var)).url_as("postgres")
    with psycopg.connect(owner) as connection:
        seen = connection.execute(
            "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'govvoice'"
        ).fetchall()
    assert {name for (name,) in seen} == {"postgres", "govvoice_app", "govvoice_sealer"}
    for name in ("web", "worker", "beat", "sealer"):
        told = psutil.Process(platform.pids[name]).environ()
        assert "GOVVOICE_MIGRATION_DATABASE_URL" not in told
        assert ("GOVVOICE_SEALER_DATABASE_URL" in told) == (name == "sealer")


def test_only_the_owner_may_read_its_secrets_and_none_is_in_its_configuration(platform: Platform) -> None:
    assert (platform.var / "first-run.json").stat().st_mode & 0o077 == 0
    settings = (platform.var / "run" / "supervisord.conf").read_text()
    made = [platform.first_run["secret_key"], platform.first_run["key_pepper"], platform.api_key]
    assert not [secret for secret in made if secret in settings]


def test_a_second_run_says_that_one_runs_already(platform: Platform) -> None:
    assert platform.another("second.out").wait(timeout=60) == 1
    (line,) = (platform.folder / "second.out").read_text().splitlines()
    assert line.startswith(f"错误：平台已在运行：{platform.base_url}/portal/")
    assert platform.is_ready()


def test_a_command_typed_by_hand_finds_the_running_database(platform: Platform) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"],
        cwd=ROOT,
        env=platform.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_it_ends_whole_and_begins_again_with_its_data(fresh: Platform) -> None:
    fresh.start()
    key, accounts = fresh.api_key, fresh.accounts
    assert fresh.post("您好，这里是政务热线。").status_code == 200
    bystander = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert fresh.stop() == 0
        assert not fresh.left()
        assert bystander.poll() is None
    finally:
        bystander.communicate(b"\n")
    fresh.start()
    assert (fresh.api_key, fresh.accounts) == (key, accounts)
    again = fresh.post("您好，这里是政务热线。")
    assert again.status_code == 200
    assert again.headers["X-Cache"] == "hit-l2"


def test_ctrl_c_while_it_begins_leaves_nothing(fresh: Platform) -> None:
    runner = fresh.begin()
    end = time.monotonic() + 60
    while "正在准备数据表" not in fresh.output:
        assert time.monotonic() < end, fresh.output
        time.sleep(0.05)
    runner.send_signal(signal.SIGINT)
    assert runner.wait(timeout=60) == 0
    assert not fresh.left()


def test_after_kill_9_of_everything_a_new_run_recovers(fresh: Platform) -> None:
    fresh.start()
    fresh.kill()
    assert not fresh.left()
    fresh.start()
    assert fresh.post("您好，这里是政务热线。").status_code == 200


def test_after_kill_9_of_the_runner_the_rest_ends_and_a_new_run_takes_over_at_once(fresh: Platform) -> None:
    fresh.start()
    before = fresh.pids
    assert fresh.runner is not None
    fresh.runner.kill()
    fresh.runner.wait()
    fresh.start()
    assert not set(before.values()) & set(fresh.pids.values())
    assert fresh.post("您好，这里是政务热线。").status_code == 200
    fresh.runner.kill()
    fresh.runner.wait()
    wait_until_gone(fresh)


def test_after_kill_9_of_supervisor_the_runner_says_so_and_all_ends(fresh: Platform) -> None:
    fresh.start()
    assert fresh.runner is not None
    (supervisor,) = psutil.Process(fresh.runner.pid).children()
    supervisor.kill()
    assert fresh.runner.wait(timeout=60) == 1
    assert "进程管理器" in fresh.output.splitlines()[-1]
    wait_until_gone(fresh)


def test_a_program_that_cannot_start_is_named_with_its_log(fresh: Platform) -> None:
    fresh.extra["GOVVOICE_VOICES"] = str(fresh.folder / "nothing")
    fresh.extra["GOVVOICE_START_SECONDS"] = "15"
    assert fresh.begin().wait(timeout=120) == 1
    assert str(fresh.var / "log") in fresh.output
    assert not fresh.left()


def test_in_production_it_makes_up_no_secret_and_no_account(fresh: Platform) -> None:
    fresh.extra |= {
        "GOVVOICE_ENV": "production",
        "GOVVOICE_HOSTS": "voice.example.gov.cn",
        "GOVVOICE_SECRET_KEY": secrets.token_urlsafe(50),
        "GOVVOICE_KEY_PEPPER": secrets.token_urlsafe(32),
        "GOVVOICE_DATA_KEYS": secrets.token_urlsafe(32),
        "GOVVOICE_SEAL_KEY": Ed25519PrivateKey.generate()
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode(),
    }
    fresh.start()
    assert not (fresh.var / "first-run.json").exists()
    assert "试用账号" not in fresh.output
    with psycopg.connect(Postgres(Places(fresh.var)).url) as connection:
        assert connection.execute("SELECT count(*) FROM accounts_staff").fetchone() == (0,)
    # Collected, because production serves no file straight out of a package.
    assert any((fresh.var / "static").iterdir())


def test_with_servers_from_outside_nothing_embedded_starts(fresh: Platform) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE DATABASE outside")
    fresh.extra["DATABASE_URL"] = os.environ["DATABASE_URL"].replace("@/govvoice?", "@/outside?")
    fresh.extra["REDIS_URL"] = os.environ["REDIS_URL"].replace("db=0", "db=7")
    fresh.start()
    assert set(fresh.pids) == PROGRAMS - {"postgres", "valkey"}
    assert fresh.post("您好，这里是政务热线。").status_code == 200
    assert not (fresh.var / "postgres" / "data").exists()
    assert not any((fresh.var / "valkey").iterdir())
