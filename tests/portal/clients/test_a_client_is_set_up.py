"""A security administrator brings a hotline in, in Chromium, and its key speaks."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from govvoice.api.auth import REMEMBER_SECONDS
from tests.portal.screen import Screen

pytestmark = [pytest.mark.browser, pytest.mark.platform]


def call(screen: Screen, key: str) -> httpx.Response:
    return httpx.post(
        f"{screen.base_url}/api/v1/speech",
        headers={"Authorization": f"Bearer {key}"},
        json={"text": "您好。"},
        timeout=30,
    )


def test_from_a_new_client_to_its_first_call_and_its_revoked_key(screen_of: Callable[[str], Screen]) -> None:
    screen = screen_of("security_admin")
    page = screen.page
    screen.visit("clients/new")
    page.fill("#id_name", "窗口叫号系统")
    page.fill("#id_code", "window-call")
    page.select_option("#id_organisation", index=1)
    page.click("[data-own-address]")
    expect(page.locator("#id_networks")).to_have_value("127.0.0.1")
    page.click("main button[type=submit]")
    expect(page.locator("h1")).to_have_text("窗口叫号系统")
    assert screen.violations() == []

    page.click("[data-opens=issue]")
    expect(page.locator("#issue")).to_contain_text("已有密钥不受影响")
    assert screen.violations() == []
    page.click("#issue button[type=submit]")
    key = page.inner_text("#key-value")
    assert page.inner_text("#key-curl").startswith("curl ")
    assert key in page.inner_text("#key-curl")
    page.click("[data-copy='#key-value']")
    expect(page.locator("[data-copy='#key-value']")).to_have_text("已复制")
    assert screen.violations() == []
    screen.keep("security_admin-client-key")

    page.click("[data-trial] button[type=submit]")
    expect(page.locator("[data-trial-result]")).to_contain_text("调用成功，200", timeout=30_000)
    assert page.is_visible("[data-trial] audio")
    assert call(screen, key).status_code == 200

    page.fill("#id_url", "https://window.example.gov.cn/notices")
    page.click("text=保存并生成签名密钥")
    expect(page.locator("#webhook-value")).to_contain_text("gvw_")
    assert screen.violations() == []
    screen.keep("security_admin-client-webhook")

    page.click("[data-opens=issue-access-key]")
    assert screen.violations() == []
    page.click("#issue-access-key button[type=submit]")
    expect(page.locator("#access-key-value")).to_have_text(re.compile(r"^[A-Za-z0-9]{30}$"))
    assert screen.violations() == []
    screen.keep("security_admin-client-access-key")

    screen.visit("clients/window-call")
    assert "gvw_" not in page.content()
    page.click("[data-opens=webhook-remove]")
    assert screen.violations() == []
    page.click("#webhook-remove [data-shuts]")
    assert key not in page.content(), "the key is shown once"
    page.click(f"[data-opens=revoke-{key.split('_')[1]}]")
    page.click("dialog[open] button[type=submit]")
    expect(page.locator(".gv-note--success")).to_contain_text("已吊销")
    time.sleep(REMEMBER_SECONDS)  # the door promises to know it within this time, not at once
    assert call(screen, key).status_code == 401
    assert screen.complaints == []


def test_a_refused_trial_says_why(screen_of: Callable[[str], Screen]) -> None:
    screen = screen_of("security_admin")
    screen.visit("clients/demo")
    screen.page.fill("#trial-key", "gv_aaaaaaaaaa_" + "x" * 43)
    screen.page.click("[data-trial] button[type=submit]")
    expect(screen.page.locator("[data-trial-result]")).to_contain_text("调用被拒绝，401")
