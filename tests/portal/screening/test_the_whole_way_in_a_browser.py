"""A word is forbidden by two people, tried before, and a held text is passed to the hotline that waits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.embedded.running import Platform
from tests.portal.screen import DESK, OFFICE, PHONE, Screen

pytestmark = [pytest.mark.browser, pytest.mark.platform]

WORD = "内部认购"
TEXT = f"本周六开放{WORD}，请凭短信参加。"


def test_from_a_draft_to_a_text_that_is_passed(
    platform: Platform, screen_of: Callable[[str], Screen]
) -> None:
    editor, author, reviewer = screen_of("editor"), screen_of("security_admin"), screen_of("reviewer")
    assert platform.post(TEXT).status_code == 200
    write_a_broadcast(editor)
    make_a_list(author)
    try_it(reviewer)
    approve(reviewer)
    wait_for_a_decision(platform, reviewer)
    change_and_compare(author)
    count(reviewer)
    assert (editor.complaints, author.complaints, reviewer.complaints) == ([], [], [])


def look(screen: Screen, name: str) -> None:
    """At the page as it stands: accessible in both themes, and no wider than any of the windows."""
    for dark in (True, False):
        screen.page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)
        assert screen.violations() == [], name
    for width, height in (PHONE, OFFICE, DESK):
        screen.page.set_viewport_size({"width": width, "height": height})
        assert screen.overflow() <= 0, f"{name} at {width}"
        screen.keep(name)


def write_a_broadcast(editor: Screen) -> None:
    page = editor.page
    editor.visit("broadcasts/new")
    page.fill("#id_title", "认购通知")
    page.fill("#id_text", TEXT)
    page.click("text=保存草稿")


def make_a_list(author: Screen) -> None:
    page = author.page
    author.visit("screening/new")
    page.fill("#id_name", "房产用语")
    page.select_option("#id_level", "review")
    page.fill("#id_reason", "房产营销须先核实")
    look(author, "screening-settings")
    page.click("main button.gv-button--primary")
    expect(page.locator("main")).to_contain_text("已新建词库草稿")
    page.fill("#id_words", f"{WORD}\n学区房升值")
    page.click("text=添加到草稿")
    expect(page.locator("[data-difference]")).to_contain_text("新增 2 个词")
    look(author, "screening-draft")
    page.click("[data-submit]")
    expect(page.locator("main")).to_contain_text("已提交，另一位同事批准后两秒内全平台生效。")
    expect(page.locator("main")).to_contain_text("请由另一位同事审批")


def try_it(reviewer: Screen) -> None:
    page = reviewer.page
    reviewer.visit("screening/")
    look(reviewer, "screening-lists")
    page.get_by_role("link", name="房产用语").click()
    page.click("[data-difference] >> text=试运行")
    expect(page.locator("main")).to_contain_text("接口调用的文本依规定不留存")
    expect(page.locator("[data-met]")).to_have_text("1")
    expect(page.locator("main mark")).to_have_text(WORD)
    look(reviewer, "screening-trial")
    page.go_back()


def approve(reviewer: Screen) -> None:
    look(reviewer, "screening-pending")
    reviewer.page.click("[data-approve]")
    expect(reviewer.page.locator("main")).to_contain_text("已批准，两秒内全平台生效。")


def wait_for_a_decision(platform: Platform, reviewer: Screen) -> None:
    page = reviewer.page
    page.wait_for_timeout(2000)  # what the page has promised
    refused = platform.post(TEXT)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "text_needs_review")
    number = problem["errors"][0]["review"]
    reviewer.visit("screening/queue/")
    look(reviewer, "screening-queue")
    page.get_by_role("link", name=number).click()
    expect(page.locator("[data-text] mark")).to_have_text(WORD)
    expect(page.locator("main")).to_contain_text("房产营销须先核实")
    look(reviewer, "screening-held")
    page.click("text=放行一次 >> nth=-1")
    expect(page.locator("main")).to_contain_text("已放行一次")
    assert platform.post(TEXT).status_code == 200
    assert platform.post(TEXT).json()["code"] == "text_needs_review"


def change_and_compare(author: Screen) -> None:
    page = author.page
    author.visit("screening/")
    page.get_by_role("link", name="房产用语").click()
    page.click("main >> text=修改")
    page.check("input[name=word][value=学区房升值]")
    page.click("text=从草稿中删除所选")
    page.fill("#id_words", "零首付")
    page.click("text=添加到草稿")
    difference = page.locator("[data-difference]")
    expect(difference).to_contain_text("与第 1 版的差异")
    expect(difference.locator("ins")).to_contain_text("零首付")
    expect(difference.locator("del")).to_have_text("学区房升值")
    look(author, "screening-difference")


def count(reviewer: Screen) -> None:
    reviewer.visit("screening/hits")
    expect(reviewer.page.locator("main")).to_contain_text(WORD)
    expect(reviewer.page.locator("main")).to_contain_text("演示热线")
    look(reviewer, "screening-hits")
