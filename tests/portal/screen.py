"""A member of staff in front of Chromium: his page, what it complained of, and how it measures up."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

EXECUTABLE = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
DESK = (1440, 900)
OFFICE = (1366, 768)
PHONE = (390, 844)

HEADINGS = """() => [...document.querySelectorAll('h1, h2, h3, h4')]
  .filter((heading) => heading.checkVisibility()).map((heading) => Number(heading.tagName[1]))"""
PRESSED = "a, button, input, select, textarea, summary"
TINY = """(pressed) => [...document.querySelectorAll(pressed)].filter((one) => {
  if (!one.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
  const label = one.labels?.[0]?.getBoundingClientRect();
  const box = one.getBoundingClientRect();
  const size = Math.min(Math.max(box.width, label?.width ?? 0), Math.max(box.height, label?.height ?? 0));
  const inText = one.tagName === 'A' && getComputedStyle(one).display === 'inline';
  return size > 1 && size < 24 && !inText;
}).map((one) => `${one.tagName} ${one.name ?? ''} ${one.innerText}`.trim())"""


@dataclass
class Screen:
    """`complaints` are console errors, exceptions, and requests that left the platform."""

    page: Page
    base_url: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(20_000)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._asked)

    def visit(self, path: str, *, size: tuple[int, int] = DESK) -> Response:
        """Opens a page of the portal and waits until its parts are there; `path` is below /portal/."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        response = self.page.goto(f"{self.base_url}/portal/{path}")
        assert response is not None
        self.page.wait_for_load_state("networkidle")
        return response

    def violations(self) -> list[str]:
        """What axe-core finds, as rule and place."""
        found = Axe().run(self.page).response["violations"]
        return [f"{rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]]

    def overflow(self) -> int:
        """How many pixels the page is wider than the window."""
        wider: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return wider

    def headings(self) -> list[int]:
        """The levels of what is shown, in order."""
        levels: list[int] = self.page.evaluate(HEADINGS)
        return levels

    def tiny(self) -> list[str]:
        """What is pressed and has less than 24 pixels either way; links in running text may (WCAG 2.5.8)."""
        found: list[str] = self.page.evaluate(TINY, PRESSED)
        return found

    def words(self) -> str:
        return self.page.inner_text("body")

    def keep(self, name: str) -> None:
        """A picture into the folder that GOVVOICE_SCREENSHOTS names, for people to look at."""
        if folder := os.environ.get("GOVVOICE_SCREENSHOTS"):
            width = (self.page.viewport_size or {"width": 0})["width"]
            self.page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.base_url, "blob:", "data:")):
            self.complaints.append(f"left the platform: {request.url}")


def open_context(browser: Browser, **options: Any) -> BrowserContext:
    return browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True, **options)


def log_in(screen: Screen, *, name: str, password: str) -> None:
    screen.visit("login/")
    screen.page.fill("[name=username]", name)
    screen.page.fill("[name=password]", password)
    screen.page.click("main button[type=submit]")
    screen.page.wait_for_url(f"{screen.base_url}/portal/")
