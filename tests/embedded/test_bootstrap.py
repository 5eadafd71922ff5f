"""Set-up says in one line what stands in its way."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from govvoice.embedded.places import ROOT

SCRIPTS = ("bootstrap.sh", "bootstrap.py")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project that holds no more than what set-up needs, with no .venv."""
    embedded = tmp_path / "clone" / "platform" / "govvoice" / "embedded"
    embedded.mkdir(parents=True)
    for name in SCRIPTS:
        shutil.copy(ROOT / "platform" / "govvoice" / "embedded" / name, embedded)
    (tmp_path / "clone" / "requirements").mkdir()
    return tmp_path / "clone"


def with_fonts(clone: Path, *, system: str) -> None:
    """The module that looks for fonts, with `system` as the only place where it looks."""
    source = (ROOT / "audit" / "exports" / "fonts.py").read_text(encoding="utf-8")
    places = re.sub(r"_SYSTEM: Final = \(.*?\n\)", f"_SYSTEM: Final = ({system!r},)", source, flags=re.DOTALL)
    (clone / "audit" / "exports").mkdir(parents=True)
    (clone / "audit" / "exports" / "fonts.py").write_text(places, encoding="utf-8")


def lock(clone: Path, name: str, text: str) -> None:
    (clone / "requirements" / f"{name}.lock").write_text(text)


def set_up(clone: Path, *names: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs set-up with no index but what `environment` names."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    offline = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_NO_CACHE_DIR": "1",
    }
    return subprocess.run(
        ["/bin/sh", str(clone / "platform" / "govvoice" / "embedded" / "bootstrap.sh"), *names],
        env=kept | offline | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that a failed set-up leaves."""
    assert done.returncode != 0
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("错误：")
    return lines[0]


@pytest.mark.parametrize("version", ["2.7", "3.9", "3.13"])
def test_another_python_is_named(clone: Path, tmp_path: Path, version: str) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "dirname").symlink_to(str(shutil.which("dirname")))
    for name in ("python3", "python"):
        (programs / name).write_text(f"#!/bin/sh\necho {version}\n")
        (programs / name).chmod(0o755)
    line = one_line(set_up(clone, "base", PATH=str(programs), PYTHON=""))
    assert "Python 3.11" in line
    assert f"python3={version}" in line


def test_a_full_disk_is_named_before_anything_is_made(clone: Path) -> None:
    lock(clone, "base", "")
    line = one_line(set_up(clone, "base", GOVVOICE_MIN_FREE_MB=str(10**9)))
    assert "磁盘空间不足" in line
    assert not (clone / ".venv").exists()


def test_being_offline_is_named_and_the_next_try_goes_on(clone: Path, tmp_path: Path) -> None:
    lock(clone, "base", f"nowhere==1.0 --hash=sha256:{'0' * 64}\n")
    assert "无法连接软件包源" in one_line(set_up(clone, "base"))
    lock(clone, "base", "")
    assert set_up(clone, "base").returncode == 0


def test_a_package_that_is_not_the_locked_one_is_refused(clone: Path, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    lock(clone, "base", f"sample==1.0 --hash=sha256:{'0' * 64}\n")
    line = one_line(set_up(clone, "base", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(wheel.parent)))
    assert "哈希不符" in line
    assert "requirements/base.lock" in line


def test_what_is_installed_is_not_installed_again_until_its_lock_changes(clone: Path) -> None:
    lock(clone, "base", "# first\n")
    assert "正在安装 requirements/base.lock" in set_up(clone, "base").stdout
    assert set_up(clone, "base").stdout == ""
    lock(clone, "base", "# second\n")
    assert "正在安装 requirements/base.lock" in set_up(clone, "base").stdout


def test_a_font_is_fetched_only_where_there_is_none_and_all_else_runs_without(
    clone: Path, tmp_path: Path
) -> None:
    lock(clone, "base", "")
    lock(clone, "fonts", f"nowhere==1.0 --hash=sha256:{'0' * 64}\n")
    font = tmp_path / "some.otf"
    with_fonts(clone, system=str(font))
    font.write_bytes(b"OTTO")
    assert "fonts.lock" not in set_up(clone, "base", "fonts").stdout
    font.unlink()
    done = set_up(clone, "base", "fonts")
    assert done.returncode == 0
    assert "PDF 报告暂不可用" in done.stdout
    lock(clone, "fonts", "# fonts\n")
    assert "已安装 requirements/fonts.lock" in set_up(clone, "base", "fonts").stdout
    assert set_up(clone, "base", "fonts").stdout == ""


def test_the_embedded_default_needs_neither_torch_nor_tensorflow() -> None:
    for name in ("base", "voice"):
        names = {
            line.split("==")[0].lower()
            for line in (ROOT / "requirements" / f"{name}.lock").read_text().splitlines()
            if "==" in line
        }
        assert not {
            part for part in names if part.startswith(("torch", "tensorflow", "nvidia", "modelscope"))
        }


def test_every_lock_is_hashed_whole_and_names_no_index() -> None:
    for path in (ROOT / "requirements").glob("*.lock"):
        text = path.read_text()
        packages = [part for part in text.replace("\\\n", " ").splitlines() if "==" in part]
        assert packages
        assert all("--hash=sha256:" in package for package in packages), path
        assert "nvidia" not in text
        assert "://" not in text


def make_wheel(folder: Path) -> Path:
    """The smallest wheel that pip takes."""
    source = folder / "wheel"
    info = source / "sample-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n")
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    (info / "RECORD").write_text("")
    links = folder / "links"
    links.mkdir()
    packed = Path(shutil.make_archive(str(links / "sample"), "zip", source))
    return packed.rename(links / "sample-1.0-py3-none-any.whl")


def imported_packages() -> set[str]:
    """The top-level names that the platform's own code imports."""
    found = set()
    for folder in ("platform", "synthesis", "accounts", "audit"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"govvoice", "synthesis", "accounts", "audit"}


def test_what_the_code_imports_is_asked_for_by_name() -> None:
    """A package that only came along with another may go with it."""
    listed = {
        re.split(r"[\s=\[#]", line)[0].lower().replace("_", "-")
        for name in ("base", "sambert")
        for line in (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
        if line and not line.startswith("#")
    }
    providers = packages_distributions()
    # kombu is a part of Celery's interface; babel serves a developer's command, `make messages`.
    for package in imported_packages() - {"kombu", "babel"}:
        names = {name.lower().replace("_", "-") for name in providers[package]}
        assert names & listed, f"{package} ({names}) is imported and not in requirements/base.txt"
