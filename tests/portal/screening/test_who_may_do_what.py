"""The pages and buttons of 内容安全, role by role."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from synthesis.models import Voice
from synthesis.screening.models import ListVersion
from tests.portal.broadcasts.cast import Official, official
from tests.portal.screening.cast import held
from tests.synthesis.screening.cast import draft, now

pytestmark = pytest.mark.django_db

ROLES = ("editor", "reviewer", "publisher", "auditor", "system_admin", "security_admin")
READERS, WRITERS, DECIDERS = (
    {"security_admin", "reviewer"},
    {"security_admin"},
    {"security_admin", "reviewer"},
)
REVIEWERS = {"reviewer"}
PAGES = {
    "wordlist-list": READERS,
    "wordlist-new": WRITERS,
    "screening-hits": READERS,
    "review-queue": REVIEWERS,
}
PAGES_OF_ONE = {
    "wordlist-version": READERS,
    "wordlist-settings": WRITERS,
    "wordlist-import": WRITERS,
    "wordlist-export": READERS,
    "wordlist-trial": READERS,
}
BUTTONS = {
    **dict.fromkeys(
        [
            "wordlist-settings", "wordlist-words", "wordlist-words-drop", "wordlist-allowed",
            "wordlist-rule", "wordlist-rule-drop", "wordlist-import", "wordlist-submit",
            "wordlist-discard", "wordlist-restore",
        ],
        WRITERS,
    ),
    "wordlist-approve": DECIDERS,
    "wordlist-refuse": DECIDERS,
}  # fmt: skip


def of(version: ListVersion) -> tuple[int, int]:
    return version.word_list_id, version.number


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_its_pages_only(voice: Voice, role: str) -> None:
    version, item = draft(official("security_admin", "author"), "新词"), held()
    visitor = official(role, "visitor")
    seen = {route for route in PAGES if visitor.see(route).status_code == 200}
    seen |= {route for route in PAGES_OF_ONE if visitor.see(route, *of(version)).status_code == 200}
    assert seen == {route for route, roles in (PAGES | PAGES_OF_ONE).items() if role in roles}
    assert (visitor.see("review-item", item.code).status_code == 200) == (role in REVIEWERS)
    assert (visitor.see("wordlist", version.word_list_id).status_code == 302) == (role in READERS)


@pytest.mark.parametrize("role", ROLES)
def test_a_button_is_only_for_those_who_may_press_it(voice: Voice, role: str) -> None:
    version, item = draft(official("security_admin", "author"), "新词"), held()
    visitor = official(role, "visitor")
    for route, roles in BUTTONS.items():
        assert (visitor.press(route, *of(version)).status_code == 403) == (role not in roles), route
    for route in ("review-decide", "review-revoke"):
        assert (visitor.press(route, item.code).status_code == 403) == (role not in REVIEWERS), route
    assert (visitor.press("wordlist-draft", version.word_list_id).status_code == 403) == (role not in WRITERS)


def test_strangers_are_sent_to_the_login_page(reviewer: Official) -> None:
    for route in PAGES:
        assert Browser().get(reverse(f"admin:{route}")).status_code == 302
    for route in BUTTONS:
        assert Browser().post(reverse(f"admin:{route}", args=[1, 1])).status_code == 302


def test_without_the_token_nothing_happens(voice: Voice) -> None:
    version = draft(official("security_admin", "author"), "新词")
    second = official("security_admin", enforce_csrf_checks=True)
    for route in BUTTONS:
        assert second.press(route, *of(version)).status_code == 403
    assert now(version).state == "draft"


def test_another_departments_held_text_is_not_there(voice: Voice) -> None:
    item = held(organisation="water")
    reviewer = official("reviewer")
    assert reviewer.see("review-item", item.code).status_code == 404
    assert reviewer.press("review-decide", item.code, decision="once").status_code == 404
    assert item.code not in reviewer.see("review-queue").content.decode()


@pytest.mark.parametrize("args", [(999, 1), (1, 999)])
def test_what_is_not_there_is_not_found(reviewer: Official, args: tuple[Any, ...]) -> None:
    for route in ("wordlist-version", "wordlist-trial", "wordlist-export"):
        assert reviewer.see(route, *args).status_code == 404
    assert reviewer.see("review-item", "RV20260101-0001").status_code == 404
