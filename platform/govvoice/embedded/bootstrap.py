"""Makes `.venv` from the lock files. Runs under the system's Python, so it uses the standard library only.

Every way to fail that an operator can do something about ends in one line, Chinese first.
"""

from __future__ import annotations

import argparse
import os
import re
import runpy
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
VENV = ROOT / ".venv"
# What each lock takes on disk once installed, with pip's own copies while it works, in MB.
NEEDED_MB = {
    "base": 650,
    "voice": 200,
    "fonts": 200,
    "speakers": 350,
    "node": 300,
    "sambert": 1500,
    "dev": 500,
    "bench": 1100,
    "measure": 900,
}

OFFLINE = re.compile(
    r"NewConnectionError|ConnectionError|ConnectTimeout|ReadTimeout|ProxyError|MaxRetryError|"
    r"name resolution|Name or service not known|Network is unreachable|Connection refused|"
    r"Connection broken|timed out",
    re.IGNORECASE,
)
DISK_FULL = re.compile(r"No space left on device|Errno 28|Disk quota exceeded", re.IGNORECASE)
WRONG_HASH = re.compile(r"DO NOT MATCH THE HASHES", re.IGNORECASE)
NOT_FOUND = re.compile(r"(?:No matching distribution found for|Could not find a version[^\n]*?) ([^\s(]+)")


class SetupError(Exception):
    """Something the operator can mend; its text is the one line shown."""


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def check_disk(names: Sequence[str]) -> None:
    needed = int(os.environ.get("GOVVOICE_MIN_FREE_MB", sum(NEEDED_MB[name] for name in names)))
    free = shutil.disk_usage(ROOT).free // 2**20
    if free < needed:
        raise SetupError(
            f"磁盘空间不足：{ROOT} 所在磁盘只剩 {free} MB，安装需要 {needed} MB。"
            f"(Disk full: {free} MB free, {needed} MB needed.)"
        )


def make_venv() -> None:
    # A Python that was upgraded or removed leaves a link to nowhere.
    if is_usable():
        return
    shutil.rmtree(VENV, ignore_errors=True)
    say("正在建立 Python 环境 .venv …")
    try:
        venv.create(VENV, with_pip=True, symlinks=True)
    except subprocess.CalledProcessError as error:
        # Debian splits ensurepip off; a venv without pip would be taken for a good one next time.
        shutil.rmtree(VENV, ignore_errors=True)
        text = error.output.decode(errors="replace") if error.output else ""
        raise SetupError(explain(text, "python3.11-venv")) from error
    except OSError as error:
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetupError(explain(str(error), ".venv")) from error


def is_usable() -> bool:
    return (VENV / "bin" / "python").exists() and (VENV / "bin" / "pip").exists()


def explain(output: str, what: str) -> str:
    """The one line for a failed pip or venv run, from what it printed."""
    if DISK_FULL.search(output):
        return (
            f"磁盘已满，{what} 没有装完；清出空间后重新运行同一条命令。(Disk full while installing {what}.)"
        )
    if OFFLINE.search(output):
        return (
            f"无法连接软件包源，{what} 没有装上；请检查网络、代理或 pip 源设置后重试。"
            f"(Offline: the package index cannot be reached while installing {what}.)"
        )
    if WRONG_HASH.search(output):
        return (
            f"下载的软件包与 {what} 中锁定的哈希不符，已拒绝安装。"
            f"(A downloaded package does not match the hash locked in {what}; refused.)"
        )
    missing = NOT_FOUND.search(output)
    if missing and "torch" in missing.group(1):
        return (
            "软件包源里没有锁定的 CPU 版 torch：请按 requirements/sambert.txt 添加 PyTorch 的 CPU 源。"
            "(The CPU build of torch is not on this index; see requirements/sambert.txt.)"
        )
    if missing:
        return (
            f"软件包源里没有 {missing.group(1)}（{what}）。"
            f"(The package index does not have {missing.group(1)}, locked in {what}.)"
        )
    last = [line for line in output.splitlines() if line.strip()][-1:] or ["?"]
    return f"安装 {what} 失败：{last[0].strip()} (Installing {what} failed.)"


def install(name: str) -> None:
    lock = Path("requirements") / f"{name}.lock"
    say(f"正在安装 {lock} …")
    started = time.monotonic()
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # --no-deps: the lock names every package; two retries: a machine without network says so soon.
    options = ["--no-input", "--retries", "2", "--no-deps", "--require-hashes", "-r", str(lock)]
    done = subprocess.run(  # noqa: S603 - our own command
        [*pip, *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SetupError(explain(done.stdout, str(lock)))
    say(f"已安装 {lock}（用时 {time.monotonic() - started:.0f} 秒）")


def wanted(names: Sequence[str]) -> list[str]:
    """Without the download of a font where the system has one."""
    return [name for name in names if name != "fonts" or not has_font()]


def has_font() -> bool:
    find_font = runpy.run_path(str(ROOT / "audit" / "exports" / "fonts.py"))["find_font"]
    return find_font(os.environ.get("GOVVOICE_REPORT_FONT", "")) is not None


def install_font() -> None:
    """Only PDF reports need it: all else runs without."""
    try:
        install("fonts")
    except SetupError as error:
        say(f"提示：{error} 其他功能照常，PDF 报告暂不可用。(Going on without: no PDF reports.)")
    else:
        keep_stamp("fonts")


def keep_stamp(name: str) -> None:
    # The stamp is the lock itself: a changed lock, and nothing else, installs again.
    shutil.copyfile(ROOT / "requirements" / f"{name}.lock", stamp(name))


def stamp(name: str) -> Path:
    return VENV / f".installed-{name}"


def is_current(name: str) -> bool:
    lock = (ROOT / "requirements" / f"{name}.lock").read_bytes()
    return stamp(name).exists() and stamp(name).read_bytes() == lock


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", choices=sorted(NEEDED_MB), help="lock files to install")
    names = wanted(parser.parse_args().names)
    if is_usable() and all(is_current(name) for name in names):
        return
    try:
        check_disk(names)
        make_venv()
        for name in names:
            if is_current(name):
                continue
            if name == "fonts":
                install_font()
            else:
                install(name)
                keep_stamp(name)
    except SetupError as error:
        sys.exit(f"错误：{error}")
    except OSError as error:
        sys.exit(f"错误：{explain(str(error), '.venv')}")
    except KeyboardInterrupt:
        sys.exit("已中断。(Interrupted.)")


if __name__ == "__main__":
    main()
