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

    page.locator(".gv-heading__actions").get_by_text("导出").click()
    expect(page.locator("main")).to_contain_text("1 条")
    assert screen.violations() == []
    screen.keep("auditor-export-new")
    page.get_by_label("CSV 表格").check()
    page.click("main form button[type=submit]")
    expect(page.locator(".gv-file")).to_be_visible()
    expect(page.locator("[data-progress]")).to_contain_text("可下载")
    assert screen.violations() == []
    screen.keep("auditor-export-ready")
    with page.expect_download() as download:
        page.click(".gv-file a")
    target = tmp_path / download.value.suggested_filename
    download.value.save_as(target)
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 2
    assert spoken in rows[1]
    screen.visit("evidence/exports")
    expect(page.locator("tbody tr").first).to_contain_text("可下载")
    assert screen.complaints == []


def test_a_requests_whole_way_is_a_page_to_print(screen_of: Callable[[str], Screen], spoken: str) -> None:
    screen = screen_of("auditor")
    screen.visit(f"evidence/timeline?request_id={spoken}")
    expect(screen.page.locator(".gv-timeline")).to_contain_text("请求合成")
    assert screen.violations() == []
    screen.keep("auditor-timeline")
    screen.page.emulate_media(media="print")
    expect(screen.page.locator("#menu")).to_be_hidden()
    screen.page.emulate_media(media="screen")
    screen.visit(f"evidence/timeline?request_id={spoken}", size=PHONE)
    assert screen.overflow() <= 0
    screen.keep("auditor-timeline")


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
