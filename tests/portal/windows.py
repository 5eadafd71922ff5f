"""Chromium windows on a running platform, which notice whatever a visitor should never see."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.embedded.running import Platform

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
WIDTHS = (1440, 390)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Ends with the test that opened it: its event loop would keep Django from the database afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Window:
    """One person's window. `complaints` are console errors and answers of 4xx or 5xx that nobody expected."""

    page: Page
    base: str
    shots: Path
    complaints: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)

    def see(self, name: str) -> None:
        """Looks at the page: accessible in both themes, no sideways scroll in either width."""
        for dark in (True, False):
            self.page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)
            results = Axe().run(self.page)
            assert results.violations_count == 0, f"{name}: {results.generate_report()}"
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            overflow = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert overflow <= 0, f"{name} is {overflow} px too wide for {width}"
            self.page.screenshot(path=self.shots / f"{name}-{width}.png", full_page=True)
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})

    def note(self, message: ConsoleMessage) -> None:
        refused = any(f"status of {status}" in message.text for status in self.expected)
        if message.type == "error" and not refused:
            self.complaints.append(message.text)


def enter(browser: Browser, platform: Platform, role: str, shots: Path) -> Window:
    """A window of its own, signed in as the role's trial account."""
    context = browser.new_context(viewport={"width": WIDTHS[0], "height": 900}, locale="zh-CN")
    window = Window(context.new_page(), platform.base_url, shots)
    window.page.on("console", window.note)
    window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
    account = platform.accounts[role]
    window.open("/portal/login/")
    window.page.fill("[name=username]", account["name"])
    window.page.fill("[name=password]", account["password"])
    window.page.click("main [type=submit]")
    window.page.wait_for_url("**/portal/")
    return window
