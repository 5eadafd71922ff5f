"""A word is read wrong: heard, corrected, decided on by a second person, and then read as staff say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.embedded.running import Platform
from tests.portal.screen import DESK, OFFICE, PHONE, Screen

pytestmark = [pytest.mark.browser, pytest.mark.platform]

TEXT = "请到好处街道办事处2号窗口。"


def test_from_a_wrong_reading_to_the_right_one(
    platform: Platform, screen_of: Callable[[str], Screen]
) -> None:
    editor, reviewer = screen_of("editor"), screen_of("reviewer")
    write_a_draft(editor)
    see_and_try_readings(editor)
    propose(editor)
    approve(reviewer)
    speak_anew(reviewer)
    read_the_new_way(editor)
    retire(reviewer)
    assert (editor.complaints, reviewer.complaints) == ([], [])


def look(screen: Screen, name: str) -> None:
    """At the page as it stands: accessible in both themes, and no wider than any of the windows."""
    for dark in (True, False):
        screen.page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)
        assert screen.violations() == [], name
    for width, height in (PHONE, OFFICE, DESK):
        screen.page.set_viewport_size({"width": width, "height": height})
        assert screen.overflow() <= 0, f"{name} at {width}"
        screen.keep(name)


def write_a_draft(editor: Screen) -> None:
    page = editor.page
    editor.visit("broadcasts/new")
    page.fill("#id_title", "窗口指引")
    page.fill("#id_text", TEXT)
    page.check("input[name=channels][value=hall]")
    page.click("[name=step][value=audio]")
    expect(page.locator("[data-slot=finished]")).to_be_visible(timeout=60_000)


def character(page: Page, sign: str) -> str:
    """The pinyin that stands above a character."""
    return page.locator(".gv-ruby", has_text=sign).first.locator("rt").inner_text()


def see_and_try_readings(editor: Screen) -> None:
    page = editor.page
    editor.visit("desk/")
    page.fill("#id_text", TEXT)
    page.click("[data-readings-toggle]")
    expect(page.locator(".gv-ruby--spoken small")).to_have_text("二")
    assert character(page, "好") == "hǎo"
    look(editor, "lexicon-desk")
    page.locator(".gv-ruby", has_text="好").click()
    popover = page.locator("[data-readings-popover]")
    expect(popover).to_contain_text("“好”读 hǎo（多音字）")
    popover.get_by_role("button", name="hào").click()
    expect(popover.locator("[data-readings-reading]")).to_have_value("hao4 chu4")
    expect(popover.locator("[data-readings-marked]")).to_have_text("hào chù")
    look(editor, "lexicon-desk-popover")
    popover.locator("[data-readings-try]").click()
    expect(page.locator("[data-readings-trials]")).to_contain_text("好处：hao4 chu4")
    expect(page.locator(".gv-ruby", has_text="好").locator("rt")).to_have_text("hào")
    page.click("[data-speak]")
    expect(page.locator("[data-slot=new]")).to_be_visible()


def propose(editor: Screen) -> None:
    page = editor.page
    page.locator(".gv-ruby", has_text="好").click()
    with page.expect_popup() as opened:
        page.click("[data-readings-propose]")
    form = Screen(opened.value, editor.base_url, editor.complaints)
    expect(form.page.locator("#id_word")).to_have_value("好处")
    expect(form.page.locator("#id_examples")).to_have_value(TEXT)
    form.page.fill("#id_reading", "hào")
    expect(form.page.locator("[data-live-problem]")).to_contain_text("应一字一音")
    form.page.fill("#id_reading", "hào chǔ")
    expect(form.page.locator("[data-marked]")).to_have_text("hào chǔ")
    form.page.click("[data-listen]")
    expect(form.page.locator("[data-heard] li")).to_have_count(2)
    look(form, "lexicon-form")
    form.page.click("[name=step][value=propose]")
    expect(form.page.locator("main")).to_contain_text("已提交，另一位同事批准后生效。")
    look(form, "lexicon-proposed")
    form.page.close()


def approve(reviewer: Screen) -> None:
    page = reviewer.page
    reviewer.visit("lexicon/?state=pending")
    look(reviewer, "lexicon-list")
    page.get_by_role("link", name="好处").click()
    expect(page.locator("main")).to_contain_text("影响范围：1 个播报")
    expect(page.locator("main")).to_contain_text("窗口指引")
    button = page.locator("[data-says]").first
    button.click()
    expect(button.locator("[data-when=playing]")).to_be_visible()
    look(reviewer, "lexicon-decide")
    page.click("[data-approve]")
    expect(page.locator("main")).to_contain_text("已批准，两秒内全平台生效。")


def speak_anew(reviewer: Screen) -> None:
    page = reviewer.page
    expect(page.locator("main")).to_contain_text("已过时")
    page.click("[data-opens=respeak]")
    expect(page.locator("#respeak")).to_contain_text("将重新合成 1 个播报的成品音频")
    look(reviewer, "lexicon-respeak")
    page.click("#respeak .gv-button--primary")
    expect(page.locator("main")).to_contain_text("已开始重新合成 1 个播报。")
    look(reviewer, "lexicon-approved")


def read_the_new_way(editor: Screen) -> None:
    page = editor.page
    editor.visit("desk/")
    page.fill("#id_text", TEXT)
    page.click("[data-readings-toggle]")
    expect(page.locator(".gv-ruby", has_text="好").locator("rt")).to_have_text("hào")
    expect(page.locator(".gv-ruby", has_text="处").first.locator("rt")).to_have_text("chǔ")


def retire(reviewer: Screen) -> None:
    page = reviewer.page
    page.click("[data-opens=retire]")
    expect(page.locator("#retire")).to_contain_text("停用后，两秒内全平台不再按此词条读“好处”")
    look(reviewer, "lexicon-retire")
    page.click("#retire .gv-button--danger")
    expect(page.locator("main")).to_contain_text("已停用，该词改由平台判断读音。")


def test_a_file_with_a_broken_row_is_not_brought_in(
    screen_of: Callable[[str], Screen], tmp_path: Path
) -> None:
    editor = screen_of("editor")
    page = editor.page
    file = tmp_path / "words.csv"
    editor.visit("lexicon/import")
    look(editor, "lexicon-import")
    file.write_text("词语,读音\n单县,shan4 xian4\n六安,liu\n", encoding="utf-8")
    page.set_input_files("[name=file]", file)
    page.click("main button[type=submit]")
    report = page.locator("[data-report]")
    expect(report).to_contain_text("不是带声调的拼音")
    expect(page.locator("main")).to_contain_text("没有导入任何词条")
    look(editor, "lexicon-import-refused")
    assert len(editor.complaints) == 1
    assert "422" in editor.complaints.pop()
    file.write_text("词语,读音\n单县,shan4 xian4\n六安,lu4 an1\n", encoding="utf-8")
    page.set_input_files("[name=file]", file)
    page.click("main button[type=submit]")
    expect(page.locator("main")).to_contain_text("已导入 2 条")
    editor.visit("lexicon/")
    expect(page.locator("main")).to_contain_text("shàn xiàn")
    look(editor, "lexicon-imported")
    assert editor.complaints == []
