"""Secrets are made once, closed to others, and never replaced."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from govvoice import connecting
from govvoice.embedded import environ
from govvoice.embedded.places import ROOT
from govvoice.embedded.secrets import FirstRunError, first_run

ROLES = {"system_admin", "security_admin", "auditor", "editor", "reviewer", "publisher", "duty_officer"}


def test_the_file_is_closed_to_others_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        first_run(tmp_path / "var" / "first-run.json")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "var" / "first-run.json").stat().st_mode) == 0o600


def test_it_names_a_key_and_an_account_for_every_role(tmp_path: Path) -> None:
    made = first_run(tmp_path / "first-run.json")
    written = json.loads((tmp_path / "first-run.json").read_text())
    assert written["api_key"] == made.api_key
    assert set(written["accounts"]) == ROLES
    passwords = [account["password"] for account in written["accounts"].values()]
    assert len({*passwords, made.api_key, made.secret_key, made.key_pepper}) == len(ROLES) + 3
    assert min(map(len, passwords)) >= 16


def test_a_second_run_reads_the_same_secrets(tmp_path: Path) -> None:
    assert first_run(tmp_path / "first-run.json") == first_run(tmp_path / "first-run.json")


def test_runs_that_begin_at_once_agree_on_one_set(tmp_path: Path) -> None:
    path = tmp_path / "first-run.json"
    script = (
        "import pathlib; from govvoice.embedded.secrets import first_run;"
        f"print(first_run(pathlib.Path({str(path)!r})).api_key)"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert len({process.communicate()[0] for process in running}) == 1
    assert all(process.returncode == 0 for process in running)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"api_key": "gv_x"}'])
def test_a_damaged_file_is_named_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "first-run.json"
    path.write_text(content)
    with pytest.raises(FirstRunError, match=str(path)):
        first_run(path)
    assert path.read_text() == content


def fill(monkeypatch: pytest.MonkeyPatch, var: Path, **given: str) -> None:
    secrets = ("GOVVOICE_SECRET_KEY", "GOVVOICE_KEY_PEPPER")
    names = (*connecting.URLS.values(), "REDIS_URL", *secrets, "GOVVOICE_ENV")
    for name in names:
        # Set first, so that what fill() sets is taken back too.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    for name, value in (given | {"GOVVOICE_VAR": str(var)}).items():
        monkeypatch.setenv(name, value)
    environ.fill()


def test_a_command_typed_by_hand_finds_the_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = first_run(tmp_path / "first-run.json")
    fill(monkeypatch, tmp_path)
    assert os.environ["GOVVOICE_SECRET_KEY"] == made.secret_key
    assert os.environ["GOVVOICE_KEY_PEPPER"] == made.key_pepper


def test_before_the_first_run_a_command_finds_enough_to_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fill(monkeypatch, tmp_path)
    assert os.environ["GOVVOICE_SECRET_KEY"]
    assert os.environ["DATABASE_URL"].startswith("postgresql://govvoice_app@")
    assert os.environ["GOVVOICE_SEALER_DATABASE_URL"].startswith("postgresql://govvoice_sealer@")
    assert os.environ["GOVVOICE_MIGRATION_DATABASE_URL"].startswith("postgresql://govvoice@")
    assert list(tmp_path.iterdir()) == []


def test_what_the_environment_says_goes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first_run(tmp_path / "first-run.json")
    fill(monkeypatch, tmp_path, GOVVOICE_SECRET_KEY="given", GOVVOICE_KEY_PEPPER_FILE="/run/secrets/pepper")
    assert os.environ["GOVVOICE_SECRET_KEY"] == "given"
    assert "GOVVOICE_KEY_PEPPER" not in os.environ


def test_production_never_takes_a_trial_s_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first_run(tmp_path / "first-run.json")
    fill(monkeypatch, tmp_path, GOVVOICE_ENV="production")
    assert "GOVVOICE_SECRET_KEY" not in os.environ
    assert "DATABASE_URL" not in os.environ
