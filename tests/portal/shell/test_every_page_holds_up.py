"""Every page, role by role, wide and narrow: it renders, complains of nothing, and is accessible."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.portal.screen import DESK, OFFICE, PHONE, Screen

pytestmark = [pytest.mark.browser, pytest.mark.platform]

VOICES = ("speakers/", "speakers/qinghe", "synthesis/voice/", "synthesis/emotion/")
LEXICON = ("lexicon/", "lexicon/new", "lexicon/import")
BROADCASTS = ("broadcasts/", "broadcasts/renditions")
PAGES = {
    "editor": ("", "help/", "desk/", "speakers/compare", *BROADCASTS, "broadcasts/new",
               "synthesis/speech/", *VOICES, *LEXICON),
    "reviewer": ("", "desk/", *BROADCASTS, "broadcasts/queue", *VOICES, "lexicon/", "screening/",
                 "screening/queue/", "screening/hits"),
    "publisher": ("", *BROADCASTS, *VOICES, "me/"),
    "auditor": ("", "evidence/", "evidence/months", "evidence/exports", "evidence/exports/new",
                "evidence/integrity",
                "evidence/1", "password_change/"),
    "security_admin": ("", "clients/", "clients/new", "clients/demo", "clients/demo/change",
                       "screening/", "screening/new", "screening/hits", "categories/", "categories/notice",
                       "security/staff", "security/policy"),
    "system_admin": ("", "accounts/staff/", "accounts/staff/add/", "accounts/organisation/",
                     "synthesis/voice/1/change/", "speakers/qinghe/change", "speakers/defaults",
                     "speakers/voices/qinghe/off", *VOICES),
}  # fmt: skip
# What Django's and the theme's own pages say, and ours must not.
FOREIGN_WORDS = re.compile(
    r"\b(add another|select|history|delete|save and|search|filter|log in|log out|models?|unfold|django)\b",
    re.I,
)


@pytest.mark.parametrize("role", PAGES)
def test_its_pages_hold_up(screen_of: Callable[[str], Screen], role: str) -> None:
    screen = screen_of(role)
    for path in PAGES[role]:
        for size in (DESK, OFFICE, PHONE):
            where = f"{role} /{path} at {size[0]}"
            assert screen.visit(path, size=size).status == 200, where
            screen.keep(f"{role}-{path.strip('/').replace('/', '-') or 'home'}")
            assert screen.complaints == [], where
            assert screen.overflow() <= 0, where
            assert FOREIGN_WORDS.findall(screen.words()) == [], where
        assert screen.tiny() == [], f"{role} /{path}"
        assert screen.headings()[0] == 1, f"{role} /{path}"
        assert screen.violations() == [], f"{role} /{path}"


def test_the_login_page_holds_up(screen_of: Callable[[str], Screen]) -> None:
    screen = screen_of("editor")
    screen.page.context.clear_cookies()
    assert screen.visit("login/", size=PHONE).status == 200
    assert screen.violations() == []
    assert screen.complaints == []
    assert "登录名" in screen.words()


def test_dark_pages_are_as_readable(screen_of: Callable[[str], Screen]) -> None:
    screen = screen_of("auditor")
    screen.visit("evidence/")
    screen.page.click("[data-theme-toggle]")
    assert screen.page.evaluate("document.documentElement.classList.contains('dark')")
    assert screen.violations() == []
    screen.visit("")
    assert screen.page.evaluate("document.documentElement.classList.contains('dark')"), "the choice is kept"
    assert screen.violations() == []


def test_the_menu_opens_on_a_phone(screen_of: Callable[[str], Screen]) -> None:
    screen = screen_of("editor")
    screen.visit("", size=PHONE)
    assert not screen.page.is_visible("#menu")
    screen.page.click("[data-menu-toggle]")
    assert screen.page.is_visible("#menu")
    assert screen.violations() == []
    screen.page.click("#menu a:has-text('试听台')")
    screen.page.wait_for_url("**/portal/desk/")


def test_the_start_page_tells_the_platforms_state(screen_of: Callable[[str], Screen]) -> None:
    screen = screen_of("editor")
    screen.visit("")
    screen.page.wait_for_selector("text=各部分工作正常")
    assert screen.page.locator(".gv-lines--states li").count() == 5


def test_the_page_speaks_english_when_asked(screen_of: Callable[[str], Screen]) -> None:
    screen = screen_of("publisher")
    screen.visit("")
    screen.page.click("button[name=language]")
    screen.page.wait_for_selector("html[lang=en]")
    screen.page.click("button[name=language]")
    screen.page.wait_for_selector("html[lang=zh-hans]")
