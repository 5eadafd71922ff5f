from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.portal.screen import DESK, PHONE, Screen

pytestmark = [pytest.mark.browser, pytest.mark.platform]


def test_an_auditor_verifies_the_log_and_compares_a_head(
    screen_of: Callable[[str], Screen], tmp_path: Path
) -> None:
    screen = screen_of("auditor")
    page = screen.page
    screen.visit("evidence/integrity")
    expect(page.locator("[data-head]")).to_contain_text("govvoice/")
    page.get_by_role("button", name="立即校验").click()
    done = page.locator("[data-verifications] tbody tr")
    expect(done.first).to_contain_text("通过", timeout=60_000)
    expect(page.locator("[data-unfinished]")).to_have_count(0)
    expect(done.first).to_contain_text("全部")

    paper = page.locator("[data-head]").inner_text()
    page.fill("#id_head", paper)
    page.get_by_role("button", name="比对").click()
    expect(page.locator("#compare .gv-note")).to_contain_text("一致：数据库中的树头与纸上的相同")
    page.fill("#id_head", re.sub(r"^number \d+$", "number 99999", paper, flags=re.MULTILINE))
    page.get_by_role("button", name="比对").click()
    expect(page.locator("#compare .gv-note")).to_contain_text("没有本系统的有效签名")

    for size in (DESK, PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert screen.violations() == []
        assert screen.overflow() <= 0
        screen.keep("auditor-integrity")

    with page.expect_download() as download:
        page.get_by_text("下载校验程序").click()
    program = tmp_path / "audit-verify.py"
    download.value.save_as(program)
    ran = subprocess.run([sys.executable, "-I", program, "--help"], capture_output=True, check=True)
    assert "--key" in ran.stdout.decode()
    assert screen.complaints == []
