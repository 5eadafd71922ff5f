from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.embedded.running import Platform
from tests.portal.screen import DESK, PHONE, Screen

pytestmark = [pytest.mark.browser, pytest.mark.platform]


@pytest.fixture
def spoken(platform: Platform) -> str:
    """A hotline was answered; the id of its request."""
    answer = httpx.post(
        f"{platform.base_url}/api/v1/speech",
        headers={"Authorization": f"Bearer {platform.api_key}"},
        json={"text": "您的办件已受理。"},
        timeout=30,
    )
    assert answer.status_code == 200
    return answer.headers["X-Request-Id"]


def test_an_auditor_finds_a_request_looks_into_it_and_exports_it(
    screen_of: Callable[[str], Screen], spoken: str, tmp_path: Path
) -> None:
    screen = screen_of("auditor")
    page = screen.page
    screen.visit("evidence/")
    page.fill("#id_request_id", spoken)
    page.click("main form button[type=submit]")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("请求合成")

    page.click("tbody tr")
    panel = page.locator("#event")
    expect(panel).to_contain_text(spoken)
    expect(panel).to_contain_text("同一请求")
    assert screen.violations() == []
    screen.keep("auditor-event-panel")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()

    page.click("text=导出")
    expect(page.locator("main")).to_contain_text("1 条")
    with page.expect_download() as download:
        page.click("main form button[type=submit]")
    target = tmp_path / download.value.suggested_filename
    download.value.save_as(target)
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 2
    assert spoken in rows[1]
    assert screen.complaints == []


def test_a_row_is_opened_with_the_keyboard(screen_of: Callable[[str], Screen], spoken: str) -> None:
    screen = screen_of("auditor")
    screen.visit("evidence/", size=DESK)
    screen.page.locator("[data-event]").first.focus()
    screen.page.keyboard.press("Enter")
    expect(screen.page.locator("#event .gv-facts").first).to_be_visible()


def test_rows_are_cards_on_a_phone(screen_of: Callable[[str], Screen], spoken: str) -> None:
    screen = screen_of("auditor")
    screen.visit("evidence/", size=PHONE)
    row = screen.page.locator("tbody tr").first
    assert row.evaluate("element => getComputedStyle(element).display") == "block"
    row.click()
    expect(screen.page.locator("#event")).to_be_visible()
    assert screen.overflow() <= 0
