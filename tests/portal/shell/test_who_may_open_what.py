"""Every page of the portal against every role."""

from __future__ import annotations

import re

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Role
from audit.models import Event
from govvoice.portal.menu import MENU, Item
from synthesis.models import Voice
from tests.portal.broadcasts.cast import official

pytestmark = pytest.mark.django_db

ROLES = (
    "system_admin",
    "security_admin",
    "auditor",
    "editor",
    "reviewer",
    "publisher",
    "duty_officer",
    "pending",
)
ALL = set(ROLES)
SPEAKERS_READERS = {"system_admin", "editor", "reviewer", "publisher", "duty_officer"}
BROADCAST_READERS = {"editor", "reviewer", "publisher", "duty_officer"}
PAGES = {
    "index": ALL,
    "help": ALL,
    "password_change": ALL,
    "desk": {"editor", "reviewer"},
    "broadcast-list": BROADCAST_READERS,
    "broadcast-new": {"editor"},
    "broadcast-queue": {"reviewer"},
    "rendition-list": BROADCAST_READERS,
    "synthesis_speech_changelist": {"editor"},
    "speaker-list": SPEAKERS_READERS,
    "synthesis_voice_changelist": SPEAKERS_READERS,
    "synthesis_emotion_changelist": SPEAKERS_READERS,
    "lexicon-list": {"editor", "reviewer"},
    "lexicon-new": {"editor"},
    "lexicon-import": {"editor"},
    "wordlist-list": {"security_admin", "reviewer"},
    "wordlist-new": {"security_admin"},
    "review-queue": {"reviewer"},
    "screening-hits": {"security_admin", "reviewer"},
    "category-list": BROADCAST_READERS | {"security_admin"},
    "category-new": {"security_admin"},
    "client-list": {"security_admin"},
    "client-new": {"security_admin"},
    "factors": ALL,
    "factor-code": ALL,
    "grant-list": {"security_admin"},
    "policy": {"security_admin", "system_admin"},
    "beginning": set(),
    "evidence": {"auditor"},
    "evidence-exports": {"auditor"},
    "evidence-integrity": {"auditor"},
    "evidence-integrity-keys": {"auditor"},
    "evidence-integrity-program": {"auditor"},
    "evidence-integrity-progress": {"auditor"},
    "evidence-keeping": {"auditor"},
    "evidence-export": {"auditor"},
    "accounts_staff_changelist": {"system_admin"},
    "accounts_staff_add": {"system_admin"},
    "accounts_organisation_changelist": {"system_admin"},
    "accounts_organisation_add": {"system_admin"},
}


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    """Roles, a voice, and no counters."""


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_its_pages_and_no_others(role: str) -> None:
    person = official(role)
    statuses = {route: person.see(route).status_code for route in PAGES}
    assert statuses == {route: 200 if role in roles else 403 for route, roles in PAGES.items()}


@pytest.mark.parametrize("role", ROLES)
def test_the_menu_offers_what_the_role_may_open(role: str) -> None:
    person = official(role)
    page = person.see("index").content.decode()
    menu = page[page.index('id="menu"') : page.index("</nav>")]
    offered = set(re.findall(r'<a href="([^"]+)"', menu))
    routes = [item.route for group in MENU for item in group.items]
    assert offered == {reverse(route) for route in routes if role in PAGES[route.removeprefix("admin:")]}


def test_every_menu_entry_asks_for_a_right_that_some_role_has() -> None:
    granted = {permission for role in Role.objects.all() for permission in role.permissions}
    items: list[Item] = [item for group in MENU for item in group.items]
    assert {name for item in items for name in item.permissions} <= granted


@pytest.mark.parametrize("route", PAGES)
def test_strangers_are_sent_to_the_login_page(route: str) -> None:
    url = reverse(f"admin:{route}")
    answer = Browser().get(url)
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('admin:login')}?next={url}"


def test_a_refused_look_is_explained_and_recorded() -> None:
    answer = official("editor").see("evidence")
    assert "该角色没有查看此页面的权限" in answer.content.decode()
    event = Event.objects.get(action="portal.refused")
    assert (event.outcome, event.code, event.status) == ("refused", "forbidden", 403)
    assert event.details["path"] == reverse("admin:evidence")


def test_a_page_that_is_not_there_says_so_in_plain_words() -> None:
    person = official("editor")
    answer = person.browser.get("/portal/no/such/page")
    assert answer.status_code == 404
    assert "没有找到此页面" in answer.content.decode()


def test_the_address_of_a_button_is_explained_when_it_is_opened() -> None:
    person = official("security_admin")
    answer = person.see("policy-propose")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "刚才没有执行任何操作" in answer.content.decode()


def test_nothing_can_be_deleted_through_the_portal() -> None:
    for app, model in (("synthesis", "voice"), ("accounts", "staff")):
        url = reverse(f"admin:{app}_{model}_delete", args=[1])
        assert official("system_admin", f"{model}1").browser.post(url, {"post": "yes"}).status_code in {
            403,
            404,
        }
        assert official("security_admin", f"{model}2").browser.post(url, {"post": "yes"}).status_code in {
            403,
            404,
        }
