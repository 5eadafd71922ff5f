"""The way in, driven in Chromium: two factors, a lock, and what each role then sees."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from django_otp.oath import TOTP

from tests.embedded.running import Platform

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.portal.screen import Screen

pytestmark = [pytest.mark.browser, pytest.mark.platform]


@pytest.fixture
def at_the_door(chromium: Browser, platform: Platform) -> Iterator[Callable[[], Screen]]:
    """at_the_door() is a fresh browser at the portal, addressed by name: passkeys know no bare addresses."""
    from tests.portal.screen import Screen, open_context

    contexts = []

    def stand() -> Screen:
        context = open_context(chromium)
        contexts.append(context)
        return Screen(context.new_page(), platform.base_url.replace("127.0.0.1", "localhost"))

    yield stand
    for context in contexts:
        context.close()


def give_password(screen: Screen, name: str, password: str) -> None:
    screen.visit("login/")
    screen.page.fill("[name=username]", name)
    screen.page.fill("[name=password]", password)
    screen.page.click("main button[type=submit]")


def code_of(seed: bytes, *, steps: int = 0) -> str:
    return f"{TOTP(seed, drift=steps).token():06d}"


def is_whole(screen: Screen) -> bool:
    """Whether the QR code is drawn to its last square, and not cut off at the frame."""
    script = """picture => {
      const drawn = picture.getBBox(), frame = picture.viewBox.baseVal;
      const fits = drawn.x + drawn.width <= frame.width && drawn.y + drawn.height <= frame.height;
      return frame.width > 20 && fits;
    }"""
    return bool(screen.page.eval_on_selector(".gv-qr svg", script))


def take_away(screen: Screen, *, password: str, code: str) -> None:
    """Removes the one factor, with both proofs: other tests log in with the password alone."""
    screen.visit("me/")
    screen.page.click(".gv-factor a")
    screen.page.fill("[name=password]", password)
    screen.page.fill("[name=code]", code)
    screen.keep("me-remove")
    screen.page.click("main button[type=submit]")
    screen.page.wait_for_selector("text=已移除")
    assert screen.page.locator(".gv-factor").count() == 0


def add_app(screen: Screen) -> tuple[bytes, str]:
    """Adds an app by the seed that the page shows for typing; the seed, and a recovery code."""
    screen.visit("me/")
    screen.keep("me")
    screen.page.click("text=添加验证器应用 >> nth=-1")
    screen.page.wait_for_selector(".gv-qr svg")
    screen.keep("me-code")
    assert is_whole(screen)
    assert screen.violations() == []
    seed = base64.b32decode(screen.page.inner_text(".gv-qr + p code").replace(" ", ""))
    screen.page.fill("[name=code]", code_of(seed, steps=-1))
    screen.page.click("text=验证并添加")
    screen.page.wait_for_selector("#recovery-codes")
    screen.keep("me-recovery")
    assert screen.violations() == []
    assert screen.page.locator("#recovery-codes li").count() == 10
    return seed, screen.page.inner_text("#recovery-codes li >> nth=0")


def test_a_login_with_a_code(at_the_door: Callable[[], Screen], platform: Platform) -> None:
    account = platform.accounts["duty_officer"]
    first = at_the_door()
    give_password(first, account["name"], account["password"])
    first.page.wait_for_selector("text=建议开启双因素登录")
    first.keep("home-without-factor")
    seed, recovery = add_app(first)
    again = at_the_door()
    give_password(again, account["name"], account["password"])
    again.page.wait_for_url("**/login/second")
    again.keep("second")
    assert again.violations() == []
    again.page.fill("[name=code]", "000000")
    again.page.click("text=验证并登录")
    again.page.wait_for_selector("text=验证码不正确")
    again.keep("second-wrong")
    again.page.fill("[name=code]", code_of(seed))
    again.page.click("text=验证并登录")
    again.page.wait_for_url("**/portal/")
    assert "值班员" in again.words()
    assert again.complaints == []
    # One session an account: the first browser is out, and is told why.
    first.visit("help/")
    assert "在别处登录" in first.words()
    first.keep("ended-elsewhere")
    take_away(again, password=account["password"], code=recovery)


def test_a_login_with_a_passkey(at_the_door: Callable[[], Screen], platform: Platform) -> None:
    """A virtual key of Chromium answers the real WebAuthn calls; leaves "factor.added" and "auth.login"."""
    account = platform.accounts["duty_officer"]
    screen = at_the_door()
    tools = screen.page.context.new_cdp_session(screen.page)
    tools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": False, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    give_password(screen, account["name"], account["password"])
    screen.page.wait_for_url("**/portal/")
    screen.visit("me/")
    screen.page.fill("[name=name]", "单位钥匙")
    screen.page.click("button:has-text('添加安全密钥')")
    screen.page.wait_for_selector("#recovery-codes")
    assert "单位钥匙" in screen.words()
    recovery = screen.page.inner_text("#recovery-codes li >> nth=0")
    screen.page.click(".gv-account summary")
    screen.page.click("text=退出登录")
    screen.page.wait_for_selector("text=已退出登录")
    give_password(screen, account["name"], account["password"])
    screen.page.wait_for_url("**/login/second")
    screen.keep("second-passkey")
    screen.page.click("text=使用安全密钥")
    screen.page.wait_for_url("**/portal/")
    assert "值班员" in screen.words()
    assert screen.complaints == []
    take_away(screen, password=account["password"], code=recovery)


def test_five_wrong_passwords_lock_the_door(at_the_door: Callable[[], Screen]) -> None:
    screen = at_the_door()
    for _ in range(5):
        give_password(screen, "nobody-at-all", "wrong-password")
    screen.page.wait_for_selector("text=登录已锁定")
    assert "已锁定 30 分钟" in screen.words()
    assert screen.violations() == []
    screen.keep("locked")


def test_the_security_administrator_sees_his_section(
    screen_of: Callable[[str], Screen], at_the_door: Callable[[], Screen]
) -> None:
    from tests.portal.screen import DESK, PHONE

    screen = screen_of("security_admin")
    for path in ("security/staff", "security/policy"):
        for size in (DESK, PHONE):
            assert screen.visit(path, size=size).status == 200
            screen.keep(path.replace("/", "-"))
            assert screen.overflow() <= 0
        assert screen.violations() == []
    screen.visit("security/staff")
    screen.page.click("tbody a >> nth=0")
    screen.page.wait_for_selector("h2:has-text('基本信息')")
    screen.keep("security-staff-one")
    assert screen.violations() == []
    menu = screen.page.inner_text("#menu")
    assert re.findall(r"账号授权|安全策略|审计日志|账号|新建播报", menu) == ["账号授权", "安全策略"]
    assert screen.complaints == []
