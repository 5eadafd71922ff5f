"""Staff of a running platform who speak HTTP themselves: a socket, a session, the token out of the page."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg

from govvoice.embedded.places import ROOT
from tests.api.test_the_table_of_abuse import log_in, token_of
from tests.embedded.running import Platform

# Everybody else calls from 127.0.0.1, and an address may not log in without end.
ADDRESS = "127.0.0.9"
PASSWORD = "correct horse battery"
Told = tuple[str, str, str, int | None]


@dataclass
class OnWire:
    """A member of staff, logged in."""

    browser: httpx.Client
    token: str

    @classmethod
    def of(cls, platform: Platform, name: str, **options: Any) -> OnWire:
        transport = httpx.HTTPTransport(local_address=ADDRESS)
        browser = httpx.Client(base_url=platform.base_url, transport=transport, timeout=60, **options)
        assert log_in(browser, name, PASSWORD).headers["Location"] == "/portal/"
        return cls(browser, token_of(browser.get("/portal/password_change/")))

    def see(self, path: str, **query: str) -> httpx.Response:
        return self.browser.get(f"/portal/{path}", params=query or None)

    def press(self, path: str, file: tuple[str, bytes] | None = None, **fields: Any) -> httpx.Response:
        form = {"csrfmiddlewaretoken": self.token, **fields}
        return self.browser.post(f"/portal/{path}", data=form, files={"file": file} if file else None)


@dataclass
class Office:
    """The people of a platform, by role; each logs in when he is first asked for."""

    platform: Platform
    names: dict[str, str]
    inside: dict[str, OnWire] = field(default_factory=dict)

    @classmethod
    def of(cls, platform: Platform) -> Office:
        made = in_platform(platform, "from tests.api.forging import people_cast; print(people_cast())")
        return cls(platform, json.loads(made))

    def __getitem__(self, role: str) -> OnWire:
        if role not in self.inside:
            self.inside[role] = OnWire.of(self.platform, self.names[role])
        return self.inside[role]

    def close(self) -> None:
        for person in self.inside.values():
            person.browser.close()


def in_platform(platform: Platform, code: str) -> str:
    """What the code prints, run beside the platform with its settings."""
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=platform.environment, check=True, capture_output=True)
    return done.stdout.decode()


def told(evidence: psycopg.Connection, answer: httpx.Response) -> list[Told]:
    """The lines of evidence that an answer left: action, outcome, code, status."""
    query = "SELECT action, outcome, code, status FROM audit_event WHERE request_id = %s ORDER BY id"
    return evidence.execute(query, [answer.headers["X-Request-Id"]]).fetchall()
