"""The processes of one machine, and supervisor, which keeps them alive."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from govvoice import env
from govvoice.embedded.places import Places

# Two lanes, so that whoever waits on the telephone never waits behind a long text of a large voice.
QUEUES = "fastspeech2,sambert,renders,default"
SLOW_QUEUES = "kokoro,slow"
# Two at once: a finished audio takes minutes, and somebody may want to hear a sentence meanwhile. The engine
# lets one of them speak at a time.
SLOW_THREADS = 2
# A web process holds this many requests at once; most of them only wait for a phrase to be spoken.
WEB_THREADS = 32
# A request's head may be no longer than this; granian's own 408 KB invites abuse.
HEAD_BYTES = 49_152


class SupervisorError(Exception):
    """supervisord does not answer on its socket."""


@dataclass(frozen=True, slots=True)
class Program:
    """One supervised process. Lower priority starts earlier and stops later."""

    name: str
    command: tuple[str, ...]
    priority: int = 100
    autostart: bool = False
    stop_signal: str = "TERM"
    stop_seconds: int = 10


def servers(*, postgres: bool, valkey: bool) -> list[Program]:
    """The embedded servers that no address from outside replaces."""
    programs = []
    if postgres:
        # SIGINT is Postgres' fast shutdown: it ends sessions and loses nothing.
        command = (sys.executable, "-m", "govvoice.embedded.postgres")
        programs.append(Program("postgres", command, 10, autostart=True, stop_signal="INT", stop_seconds=30))
    if valkey:
        command = (sys.executable, "-m", "govvoice.embedded.valkey")
        programs.append(Program("valkey", command, 10, autostart=True, stop_seconds=15))
    return programs


def platform_programs(here: Places, *, host: str, port: int) -> list[Program]:
    """web, worker, beat, sealer: started once the database is in step.

    A forwarder where there is a SIEM, and the slow lane's worker where the speakers for broadcasts are.
    """
    cores = len(os.sched_getaffinity(0))
    celery = (sys.executable, "-m", "celery", "-A", "govvoice")
    # HTTP/1 only, which is what proxies speak: granian's own limits for HTTP/2 are lax (16 MB of headers).
    granian = (sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1")
    limits = ("--http1-buffer-size", str(HEAD_BYTES))
    web = ("--host", host, "--port", str(port), "--workers", "1", "--blocking-threads", str(WEB_THREADS))
    # One thread a core: each speaks one phrase on one core. Two at least, since an export of the log may take
    # one for minutes. No gossip: one worker has nobody to talk to.
    worker = ("-P", "threads", "-c", str(max(2, cores)), "-Q", QUEUES, "--prefetch-multiplier", "1")
    slow = ("-P", "threads", "-c", str(SLOW_THREADS), "-Q", SLOW_QUEUES, "--prefetch-multiplier", "1")
    quiet = ("--without-gossip", "--without-mingle", "-l", "INFO")
    beat = ("-s", str(here.run / "beat-schedule"), "--pidfile=", "-l", "INFO")
    return [
        _launched("web", (*granian, *limits, *web, "govvoice.wsgi:application")),
        # A phrase under way is finished before the worker goes.
        _launched("worker", (*celery, "worker", "-n", "worker@%h", *worker, *quiet), stop_seconds=30),
        _launched("beat", (*celery, "beat", *beat)),
        _launched("sealer", (sys.executable, "manage.py", "seal")),
        *([_launched("forwarder", (sys.executable, "manage.py", "forward"))] if _has_siem() else []),
        # Nice: it takes what the live voices leave of the processor.
        *(
            [_launched("slow", ("nice", "-n", "10", *celery, "worker", "-n", "slow@%h", *slow, *quiet), 30)]
            if _has_speakers(here)
            else []
        ),
    ]


def _has_siem() -> bool:
    return bool(env.text("GOVVOICE_SIEM", ""))


def _has_speakers(here: Places) -> bool:
    voices = Path(env.text("GOVVOICE_VOICES", str(here.var / "voices")))
    return (voices / "kokoro" / "manifest.json").exists()


def _launched(name: str, command: tuple[str, ...], stop_seconds: int = 10) -> Program:
    launcher = (sys.executable, "-m", "govvoice.embedded.launch", name)
    return Program(name, (*launcher, *command), stop_seconds=stop_seconds)


def configuration(here: Places, programs: list[Program]) -> str:
    """supervisord's ini file, for a supervisord that stands in the var folder.

    Paths are relative where they can be, because supervisor expands some of them twice and no per cent sign
    survives that. No secret is named: children inherit the environment.
    """
    head: dict[str, Mapping[str, object]] = {
        "unix_http_server": {"file": here.socket_folder / "supervisor.sock", "chmod": "0700"},
        "supervisord": {
            "nodaemon": "true",
            "silent": "true",
            "logfile": "log/supervisord.log",
            "logfile_maxbytes": "5MB",
            "logfile_backups": "2",
            "pidfile": "run/supervisord.pid",
            "minfds": "1024",
            "identifier": "govvoice",
            # Said so that supervisor does not warn at every start that it runs as root.
            **({"user": "root"} if os.geteuid() == 0 else {}),
        },
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
    }
    sections = head | {f"program:{program.name}": _section(program) for program in programs}
    return "\n".join(_render(name, values) for name, values in sections.items())


def _section(program: Program) -> Mapping[str, object]:
    return {
        "command": " ".join(_quote(part) for part in program.command),
        "priority": program.priority,
        "autostart": str(program.autostart).lower(),
        "autorestart": "true",
        # Never give up: each failed start is followed by a pause one second longer, and a database that was
        # away for an hour must find its clients trying when it is back.
        "startretries": 1_000_000,
        "startsecs": 5,
        "stopsignal": program.stop_signal,
        "stopwaitsecs": program.stop_seconds,
        "stopasgroup": str(program.name == "web").lower(),
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": f"log/{program.name}.log",
        "stdout_logfile_maxbytes": "20MB",
        "stdout_logfile_backups": 3,
    }


def _render(name: str, values: Mapping[str, object]) -> str:
    # Supervisor expands %(...)s in values, so a per cent sign in a path is doubled.
    lines = [f"{key}={str(value).replace('%', '%%')}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines, ""])


def _quote(part: str) -> str:
    return '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Supervisor:
    """Talks to the running supervisord over its Unix socket."""

    def __init__(self, here: Places) -> None:
        self._address = f"unix://{here.socket_folder / 'supervisor.sock'}"

    def start(self, name: str) -> None:
        """Starts one program without waiting for it."""
        self._call("startProcess", name, False)

    def states(self) -> dict[str, tuple[str, int]]:
        """Program name -> (state, pid); pid is 0 unless it runs."""
        found: list[dict[str, Any]] = self._call("getAllProcessInfo")
        return {info["name"]: (info["statename"], info["pid"]) for info in found}

    def _call(self, method: str, *arguments: object) -> Any:
        proxy = ServerProxy("http://localhost", transport=SupervisorTransport(None, None, self._address))
        try:
            return getattr(proxy.supervisor, method)(*arguments)
        except (OSError, HTTPException, Fault) as error:
            raise SupervisorError(str(error)) from error
