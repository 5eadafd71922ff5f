"""The main job as people do it: hear a text, write it down, have it decided on, publish it, fetch it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from synthesis import audio
from tests.embedded.running import Platform
from tests.portal.screen import DESK, OFFICE, PHONE, Screen

pytestmark = [pytest.mark.browser, pytest.mark.platform]

TEXT = "您好，政务大厅明天上午九点开门，请带好证件。"


def test_from_the_desk_to_the_air(platform: Platform, screen_of: Callable[[str], Screen]) -> None:
    editor, reviewer = screen_of("editor"), screen_of("reviewer")
    be_refused_at_the_desk(editor)
    hear_at_the_desk(editor)
    code = write_and_submit(editor)
    listen_and_approve(reviewer)
    publish(reviewer)
    look_at_lists(editor)
    assert (editor.complaints, reviewer.complaints) == ([], [])
    fetched = platform.client().get(f"/api/v1/broadcasts/{code}/audio")
    assert fetched.status_code == 200
    samples, rate = audio.decode(fetched.content)
    assert len(samples) / rate > 2


def look(screen: Screen, name: str) -> None:
    """At the page as it stands: accessible in both themes, and no wider than any of the windows."""
    for dark in (True, False):
        screen.page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)
        assert screen.violations() == [], name
    for width, height in (PHONE, OFFICE, DESK):
        screen.page.set_viewport_size({"width": width, "height": height})
        assert screen.overflow() <= 0, f"{name} at {width}"
        screen.keep(name)


def be_refused_at_the_desk(editor: Screen) -> None:
    page = editor.page
    editor.visit("desk/")
    look(editor, "desk-empty")
    page.fill("#id_text", "今天😀天气好")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#text-error")).to_contain_text("第 3 个字“😀”无法朗读")
    expect(page.locator("[data-backdrop] mark")).to_have_text("😀")
    look(editor, "desk-refused")
    assert len(editor.complaints) == 1
    assert "422" in editor.complaints.pop()


def hear_at_the_desk(editor: Screen) -> None:
    page = editor.page
    page.fill("#id_text", TEXT)
    page.click("[data-speak]")
    player = page.locator("[data-slot=new]")
    expect(player.locator("[data-play]")).to_have_attribute("aria-label", "暂停")
    expect(player.locator("[data-phrases] [aria-current]")).to_be_visible()
    page.click("label[for=emotion-happy]")
    page.click("[data-speak]")
    expect(page.locator("[data-slot=last] [data-settings]")).to_contain_text("中性")
    expect(player.locator("[data-settings]")).to_contain_text("高兴")
    player.locator("[data-seek]").focus()
    page.keyboard.press("Space")
    expect(player.locator("[data-play]")).to_have_attribute("aria-label", "播放")
    with page.expect_download() as download:
        player.get_by_label("下载 WAV").click()
    assert download.value.suggested_filename.endswith(".wav")
    look(editor, "desk")


def write_and_submit(editor: Screen) -> str:
    page = editor.page
    page.click("[data-carry-link]")
    expect(page.locator("#id_text")).to_have_value(TEXT)
    expect(page.locator("#emotion-happy")).to_be_checked()
    page.fill("#id_title", "开门时间提醒")
    page.check("input[name=channels][value=hall]")
    look(editor, "compose")
    page.click("[name=step][value=audio]")
    expect(page.locator("[data-slot=finished]")).to_be_visible(timeout=60_000)
    look(editor, "compose-with-audio")
    page.click("[data-submit]")
    expect(page.locator("main")).to_contain_text("已提交审核")
    look(editor, "submitted")
    return page.url.split("/")[-2]


def listen_and_approve(reviewer: Screen) -> None:
    page = reviewer.page
    reviewer.visit("broadcasts/queue")
    look(reviewer, "queue")
    page.get_by_role("link", name="开门时间提醒").click()
    approve = page.locator("[data-approve]")
    expect(approve).to_be_disabled()
    play = page.locator("[data-slot=finished] [data-play]")
    page.locator("[data-phrases] button").last.click()
    for word in ("暂停", "播放"):
        expect(play).to_have_attribute("aria-label", word, timeout=30_000)
    expect(approve).to_be_disabled()  # the end alone is not the whole
    play.click()
    expect(approve).to_be_enabled(timeout=60_000)
    look(reviewer, "review")
    approve.click()
    expect(page.locator("main")).to_contain_text("已通过，等待发布。")


def publish(reviewer: Screen) -> None:
    page = reviewer.page
    page.click("[data-opens=return]")
    expect(page.locator("#return")).to_contain_text("批准随之作废")
    look(reviewer, "take-back")
    page.click("#return [data-shuts]")
    page.click("[data-opens=publish]")
    expect(page.locator("#publish")).to_contain_text(
        "发布后，1 个渠道（政务大厅广播）可以立即获取并播放此播报。"
    )
    look(reviewer, "publish")
    page.click("#publish .gv-button--primary")
    expect(page.locator("main")).to_contain_text("已发布")
    look(reviewer, "published")


def look_at_lists(editor: Screen) -> None:
    page = editor.page
    editor.visit("broadcasts/?state=published")
    button = page.locator("[data-row-sound]").first
    button.focus()
    page.keyboard.press("Space")
    expect(button).to_have_attribute("aria-pressed", "true")
    look(editor, "list")
    editor.visit("broadcasts/renditions")
    look(editor, "renditions")
