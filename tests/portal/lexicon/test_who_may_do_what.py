"""The lexicon's pages and buttons, role by role."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.urls import reverse

from synthesis.lexicon.models import Entry
from synthesis.models import Voice
from tests.portal.broadcasts.cast import Official, official
from tests.portal.lexicon.cast import POSTED, now, proposed

pytestmark = pytest.mark.django_db

ROLES = ("editor", "reviewer", "publisher", "auditor", "system_admin", "security_admin")
READERS, WRITERS, DECIDERS = {"editor", "reviewer"}, {"editor"}, {"reviewer"}
PAGES = {
    "lexicon-list": READERS,
    "lexicon-new": WRITERS,
    "lexicon-import": WRITERS,
    "lexicon-export": READERS,
}
PAGES_OF_ONE = {"lexicon-entry": READERS, "lexicon-change": WRITERS}
BUTTONS = {
    "lexicon-change": WRITERS,
    "lexicon-approve": DECIDERS,
    "lexicon-refuse": DECIDERS,
    "lexicon-retire": DECIDERS,
    "lexicon-respeak": DECIDERS,
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_its_pages_only(voice: Voice, role: str) -> None:
    visitor = official(role, "visitor")
    entry = proposed(official("editor", "author"))
    seen = {route for route in PAGES if visitor.see(route).status_code == 200}
    seen |= {route for route in PAGES_OF_ONE if visitor.see(route, entry.pk).status_code == 200}
    assert seen == {route for route, roles in (PAGES | PAGES_OF_ONE).items() if role in roles}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", BUTTONS)
def test_a_button_is_only_for_those_who_may_press_it(voice: Voice, role: str, route: str) -> None:
    entry = proposed(official("editor", "author"))
    response = official(role, "visitor").press(route, entry.pk)
    assert (response.status_code == 403) == (role not in BUTTONS[route])


def test_strangers_are_sent_to_the_login_page(editor: Official) -> None:
    entry = proposed(editor)
    for route in (*PAGES, "desk-readings", "desk-reading-check"):
        assert Browser().get(reverse(f"admin:{route}")).status_code == 302
    for route in BUTTONS:
        assert Browser().post(reverse(f"admin:{route}", args=[entry.pk])).status_code == 302


def test_without_the_token_nothing_happens(editor: Official) -> None:
    entry = proposed(editor)
    reviewer = official("reviewer", enforce_csrf_checks=True)
    for route in ("lexicon-approve", "lexicon-refuse", "lexicon-retire"):
        assert reviewer.press(route, entry.pk, reason="改").status_code == 403
    author = official("editor", "second", enforce_csrf_checks=True)
    assert author.press("lexicon-new", **POSTED | {"word": "水管"}).status_code == 403
    assert (now(entry).state, Entry.objects.count()) == (Entry.State.PENDING, 1)


def test_what_is_not_there_is_not_found(reviewer: Official) -> None:
    assert reviewer.see("lexicon-entry", 999).status_code == 404
    for route in ("lexicon-approve", "lexicon-refuse", "lexicon-retire", "lexicon-respeak"):
        assert reviewer.press(route, 999).status_code == 404
