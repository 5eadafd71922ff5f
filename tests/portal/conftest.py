"""Chromium, and people without one, against a running platform.

Imports stand inside, as in tests.stage and for its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.portal.officials import editor, reviewer
from tests.stage import flushable, nothing_remembered, voice, worker

if TYPE_CHECKING:
    import psycopg
    from playwright.sync_api import Browser

    from tests.embedded.running import Platform
    from tests.portal.screen import Screen
    from tests.portal.wire import Office

__all__ = ["editor", "flushable", "nothing_remembered", "reviewer", "voice", "worker"]


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """Cookies by role, so that each role logs in once a run: an address may not log in without end."""
    return {}


@pytest.fixture(scope="session")
def office(platform: Platform) -> Iterator[Office]:
    """office["auditor"]: who speaks HTTP to the platform himself, logged in."""
    from tests.portal.wire import Office

    made = Office.of(platform)
    yield made
    made.close()


@pytest.fixture
def evidence(platform: Platform) -> Iterator[psycopg.Connection]:
    """The platform's own log, and whatever else its database holds."""
    import psycopg

    from govvoice.embedded.places import Places
    from govvoice.embedded.postgres import Postgres

    with psycopg.connect(Postgres(Places(platform.var)).url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """For one module, not longer: while Playwright runs, Django takes this thread for an asynchronous one."""
    from playwright.sync_api import sync_playwright

    from tests.portal.screen import ARGUMENTS, EXECUTABLE

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def screen_of(
    chromium: Browser, platform: Platform, sessions: dict[str, Any]
) -> Iterator[Callable[[str], Screen]]:
    """screen_of("auditor"): that role's screen, logged in."""
    from tests.portal.screen import Screen, log_in, open_context

    contexts = []

    def open_screen(role: str) -> Screen:
        context = open_context(chromium, storage_state=sessions.get(role))
        contexts.append(context)
        screen = Screen(context.new_page(), platform.base_url)
        if role not in sessions:
            log_in(screen, **platform.accounts[role])
            sessions[role] = context.storage_state()
        return screen

    yield open_screen
    for context in contexts:
        context.close()
