"""`make run`: starts the whole platform on one machine, waits until it answers, and stops it again.

Only the runner starts and stops; what dies in between is started again by supervisor.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

import psycopg

from govvoice import connecting
from govvoice.embedded import environ, launch, places, processes, supervision
from govvoice.embedded.places import ROOT, Places
from govvoice.embedded.postgres import Postgres, PostgresError
from govvoice.embedded.secrets import FirstRun, FirstRunError, first_run
from govvoice.embedded.supervision import Program, Supervisor, SupervisorError
from govvoice.embedded.valkey import Valkey, ValkeyError

# Where to look when this part of /ready is missing.
LOGS = {"database": "postgres", "valkey": "valkey", "worker": "worker", "sealing": "sealer"}
FAILED_STARTS = 4  # after so many a program is not unlucky but broken
ROLES = {
    "system_admin": "系统管理员",
    "security_admin": "安全管理员",
    "auditor": "审计管理员",
    "editor": "播报编辑",
    "reviewer": "播报审核",
    "publisher": "播报发布",
    "duty_officer": "值班员",
}


class CannotRunError(Exception):
    """Why the platform does not start; its text is the one line shown."""


class StopRequestedError(Exception):
    """Somebody asked us to stop."""


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Choices:
    """What the environment asks for."""

    host: str
    port: int
    trial: bool
    own_postgres: bool
    own_valkey: bool
    min_free_mb: int
    patience: int  # seconds until /ready must have answered

    @property
    def address(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"


def read_choices() -> Choices:
    """Raises CannotRunError for a value that is no number or no port."""
    port = _number("GOVVOICE_PORT", 8000)
    if not 1 <= port <= 65534:
        raise CannotRunError(
            f"GOVVOICE_PORT={port} 不是可用的端口号，应在 1 到 65534 之间。(Not a usable port.)"
        )
    return Choices(
        host=os.environ.get("GOVVOICE_HOST") or "127.0.0.1",
        port=port,
        trial=os.environ.get("GOVVOICE_ENV", "trial") == "trial",
        own_postgres=not _given("DATABASE_URL"),
        own_valkey=not _given("REDIS_URL"),
        min_free_mb=_number("GOVVOICE_MIN_FREE_MB", 500),
        patience=_number("GOVVOICE_START_SECONDS", 120),
    )


def _given(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def _number(name: str, default: int) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isdecimal():
        raise CannotRunError(f"{name}={value} 不是整数。(Not a whole number.)")
    return int(value)


@dataclass
class Runner:
    """One run of the platform. `start` leaves it running; `stop` ends everything `start` began."""

    here: Places
    choices: Choices
    _supervisord: subprocess.Popen[bytes] | None = None
    _lock: IO[str] | None = None
    _secrets: FirstRun | None = None
    _programs: list[Program] = field(default_factory=list)
    _seen: dict[str, set[int]] = field(default_factory=dict)

    def start(self) -> None:
        """Raises CannotRunError, StopRequestedError."""
        self._make_places()
        self._take_lock()
        self._end_left_behind()
        self._check_machine()
        self._set_environment()
        self._start_supervisor()
        self._wait_for_servers()
        self._prepare_database()
        self._start_programs()
        self._wait_until_ready()

    def watch(self) -> None:
        """Waits. Raises CannotRunError when supervisord goes away, StopRequestedError at a signal."""
        if self._supervisord is not None:
            code, log = self._supervisord.wait(), self.here.log / "supervisord.log"
            raise CannotRunError(f"进程管理器意外退出（代码 {code}），见 {log}。(supervisord ended.)")

    def stop(self) -> None:
        """Ends everything that this run started, in order, and whatever of it does not listen by force."""
        if self._supervisord is not None:
            with suppress(subprocess.TimeoutExpired):
                self._supervisord.terminate()
                self._supervisord.wait(timeout=60)
            if self._supervisord.poll() is None:
                self._supervisord.kill()
                self._supervisord.wait()
            self._end_left_behind()
            self._supervisord = None

    def _make_places(self) -> None:
        try:
            self.here.prepare()
        except places.UnsafeFolderError as error:
            raise CannotRunError(f"{error}。") from None
        except OSError as error:
            raise CannotRunError(_disk_line(self.here.var, error)) from None

    def _take_lock(self) -> None:
        """Holds the lock until this process ends, however it ends."""
        self._lock = (self.here.run / "runner.lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.seek(0)
            who = self._lock.read().strip() or "?"
            raise CannotRunError(f"平台已在运行：{who}；要重新启动，先停止它。(Already running.)") from None
        self._lock.truncate(0)
        self._lock.write(f"{self.choices.address}/portal/ (pid {os.getpid()})")
        self._lock.flush()

    def _end_left_behind(self) -> None:
        """Ends what a killed run left: first its supervisor, which would start the others again."""
        var = self.here.var
        supervisors = list(processes.of_platform(var, launch.SUPERVISOR))
        processes.end(supervisors, first=signal.SIGTERM, patience=45)
        processes.end(list(processes.of_platform(var)), first=signal.SIGTERM, patience=5)
        if self.choices.own_postgres:
            data = Postgres(self.here).data
            processes.end(list(processes.of_database(data)), first=signal.SIGINT, patience=15)

    def _check_machine(self) -> None:
        free = shutil.disk_usage(self.here.var).free // 2**20
        if free < self.choices.min_free_mb:
            raise CannotRunError(
                f"磁盘空间不足：{self.here.var} 所在磁盘只剩 {free} MB，"
                f"至少需要 {self.choices.min_free_mb} MB。(Disk full: {free} MB free.)"
            )
        for port in (self.choices.port, self.choices.port + 1):
            self._check_port(port)

    def _check_port(self, port: int) -> None:
        host = self.choices.host.strip("[]")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise CannotRunError(_port_line(host, port, self.choices.port, error)) from None

    def _set_environment(self) -> None:
        os.environ[processes.MARK] = os.environ["GOVVOICE_VAR"] = str(self.here.var)
        os.environ["GOVVOICE_PORT"] = str(self.choices.port)
        os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
        if self.choices.own_postgres:
            os.environ |= Postgres(self.here).environment
        if self.choices.own_valkey:
            os.environ["REDIS_URL"] = Valkey(self.here).url
        if self.choices.trial:
            try:
                self._secrets = first_run(self.here.first_run)
            except FirstRunError as error:
                raise CannotRunError(f"{error}。") from None
            environ.set_secrets(self._secrets)

    def _start_supervisor(self) -> None:
        own = supervision.servers(postgres=self.choices.own_postgres, valkey=self.choices.own_valkey)
        self._programs = supervision.platform_programs(
            self.here, host=self.choices.host, port=self.choices.port
        )
        settings = self.here.run / "supervisord.conf"
        settings.write_text(supervision.configuration(self.here, [*own, *self._programs]), encoding="utf-8")
        say("正在启动数据库与缓存 …" if own else "正在启动 …")
        # A session of its own: Ctrl-C reaches us alone, and we stop the others in order. Should we be killed,
        # the launcher's tie to our life stops them.
        launcher = (sys.executable, "-m", "govvoice.embedded.launch", launch.SUPERVISOR)
        self._supervisord = subprocess.Popen(  # noqa: S603 - our own command
            [*launcher, sys.executable, "-m", "supervisor.supervisord", "-c", str(settings)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=(self.here.log / "supervisord.out").open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _wait_for_servers(self) -> None:
        try:
            if self.choices.own_postgres:
                postgres = Postgres(self.here)
                postgres.wait(60, self._supervisord)
                postgres.ensure_database()
            if self.choices.own_valkey:
                Valkey(self.here).wait(60, self._supervisord)
        except (PostgresError, psycopg.Error) as error:
            raise CannotRunError(self._failed("postgres", f"Postgres 没有启动：{error}")) from None
        except ValkeyError as error:
            raise CannotRunError(self._failed("valkey", f"Valkey 没有启动：{error}")) from None

    def _prepare_database(self) -> None:
        say("正在准备数据表与基础数据 …")
        self._reach_database()
        with (self.here.log / "setup.log").open("ab") as output:
            done = subprocess.run(
                [sys.executable, "-m", "govvoice.embedded.database"],
                cwd=ROOT,
                stdout=output,
                stderr=output,
                check=False,
            )
        if done.returncode:
            raise CannotRunError(self._failed("setup", "数据库准备失败 (the database cannot be prepared)"))

    def _reach_database(self) -> None:
        try:
            psycopg.connect(connecting.url_of("migrator"), connect_timeout=10).close()
        except psycopg.Error as error:
            why = str(error).strip().splitlines()[0]
            raise CannotRunError(f"无法连接数据库（DATABASE_URL）：{why} (No database.)") from None

    def _start_programs(self) -> None:
        say("正在启动网页、语音与后台服务 …")
        supervisor = Supervisor(self.here)
        try:
            for program in self._programs:
                supervisor.start(program.name)
        except SupervisorError as error:
            raise CannotRunError(self._failed("supervisord", f"进程管理器无响应：{error}")) from None

    def _wait_until_ready(self) -> None:
        began = told = time.monotonic()
        while missing := _missing(f"{self.choices.address}/ready"):
            now = time.monotonic()
            if broken := self._broken():
                raise CannotRunError(self._failed(broken, f"{broken} 无法启动 (cannot start)"))
            if now - began > self.choices.patience:
                late = f"平台在 {self.choices.patience} 秒内没有就绪，缺少：{missing} (not ready in time)"
                raise CannotRunError(self._failed(LOGS.get(missing, "web"), late))
            if now - told >= 5:
                say(f"等待平台就绪 … 已 {now - began:.0f} 秒")
                told = now
            time.sleep(0.2)

    def _broken(self) -> str | None:
        """A program that has ended at every one of its first starts."""
        if self._supervisord is not None and self._supervisord.poll() is not None:
            return "supervisord"
        with suppress(SupervisorError):
            for name, (_, pid) in Supervisor(self.here).states().items():
                seen = self._seen.setdefault(name, set())
                seen.add(pid)
                if len(seen - {0}) >= FAILED_STARTS:
                    return name
        return None

    def _failed(self, name: str, text: str) -> str:
        log = self.here.log / f"{name}.log"
        tail = _tail(log)
        return f"{text}；日志 {log}:\n{tail}" if tail else f"{text}；日志 {log}。"

    def announce(self) -> None:
        """What the person at the keyboard needs next."""
        address = self.choices.address
        say(f"\n平台已就绪：{address}/portal/")
        if self._secrets is not None:
            say("\n试用账号（另存于 " + str(self.here.first_run) + "）：")
            for role, account in self._secrets.accounts.items():
                say(f"  {ROLES[role]}\t{account['name']}\t{account['password']}")
            say(f"\n演示接入系统的密钥（仅限本机）：{self._secrets.api_key}")
            say("\n试一试，把下面一行粘贴到另一个终端：")
            say(_curl(address, self._secrets.api_key))
        say(f"\n日志：{self.here.log}")
        say("按 Ctrl-C 停止。")


def _curl(address: str, key: str) -> str:
    body = '{"text": "您好，这里是政务服务便民热线，请问有什么可以帮您？", "format": "wav"}'
    return (
        f"curl -sS -f -o speech.wav -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' "
        f"-d '{body}' {address}/api/v1/speech"
    )


def _missing(url: str) -> str:
    """What /ready says is not there yet, "web" when nobody answers, nothing when all is well."""
    # No proxy: a proxy variable for the internet must not swallow a call to this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    # Production answers to its own names only.
    names = os.environ.get("GOVVOICE_HOSTS", "").split(",")
    headers = {"Host": names[0].strip().removeprefix(".")} if names[0].strip(" .*") else {}
    try:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - our own address
        opener.open(request, timeout=5).close()
    except urllib.error.HTTPError as answer:
        with suppress(ValueError, KeyError, AttributeError):
            return ", ".join(name for name, well in json.load(answer)["checks"].items() if not well)
        return f"web ({answer.code})"
    except OSError:
        return "web"
    return ""


def _tail(log: Path, lines: int = 12) -> str:
    with suppress(OSError):
        return "\n".join(f"  {line}" for line in log.read_text(errors="replace").splitlines()[-lines:])
    return ""


def _port_line(host: str, port: int, first: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        what = "" if port == first else f"（流式端口，等于 GOVVOICE_PORT {first} 加 1）"
        return (
            f"端口 {port} 已被占用{what}；用 GOVVOICE_PORT 换一个，如 GOVVOICE_PORT={first + 100} make run。"
            f"(Port {port} is taken; choose another with GOVVOICE_PORT.)"
        )
    return f"不能在 {host}:{port} 上监听：{error.strerror}；见 GOVVOICE_HOST、GOVVOICE_PORT。(Cannot listen.)"


def _disk_line(folder: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"磁盘已满：{folder} 不能写入。(Disk full.)"
    return f"不能写入 {folder}:{error.strerror}。(Cannot write there.)"


def _on_signal(stopping: list[bool]) -> Callable[[int, FrameType | None], None]:
    def handle(_number: int, _frame: FrameType | None) -> None:
        if not stopping:  # a second Ctrl-C must not cut the orderly end short
            stopping.append(True)
            raise StopRequestedError

    return handle


def main() -> int:
    handle = _on_signal([])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means: outlive the terminal
        signal.signal(signal.SIGHUP, handle)
    runner: Runner | None = None
    try:
        runner = Runner(places.here(), read_choices())
        runner.start()
        runner.announce()
        runner.watch()
    except CannotRunError as error:
        sys.stderr.write(f"错误：{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"错误：{_disk_line(places.here().var, error)}\n")
        return 1
    except StopRequestedError:
        say("\n正在停止 …")
        return 0
    finally:
        if runner is not None:
            runner.stop()
    say("已停止。")
    return 0


if __name__ == "__main__":
    sys.exit(main())
