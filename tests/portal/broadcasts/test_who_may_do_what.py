"""The pages and buttons of broadcasts, role by role; and what belongs to another department is not there."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.urls import reverse

from govvoice.broadcasts.models import Broadcast
from synthesis.models import Voice
from tests.portal.broadcasts.cast import FIELDS, Official, draft, official, sha256_of, state_of, submitted

pytestmark = pytest.mark.django_db

READERS = {"editor", "reviewer", "publisher"}
ROLES = ("editor", "reviewer", "publisher", "auditor", "system_admin", "security_admin")
PAGES = {
    "broadcast-list": READERS,
    "broadcast-new": {"editor"},
    "broadcast-queue": {"reviewer"},
    "rendition-list": READERS,
}
PAGES_OF_ONE = {
    "broadcast-edit": {"editor"},
    "broadcast-review": READERS,
    "broadcast-status": READERS,
}
BUTTONS = {
    "broadcast-edit": {"editor"},
    "broadcast-heard": {"reviewer"},
    "broadcast-approve": {"reviewer"},
    "broadcast-return": {"reviewer"},
    "broadcast-take-back": {"reviewer", "publisher"},
    "broadcast-publish": {"reviewer", "publisher"},
    "broadcast-withdraw": {"reviewer", "publisher"},
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_its_pages_only(voice: Voice, role: str) -> None:
    visitor = official(role, "visitor")
    broadcast = draft(official("editor", "author"))
    seen = {route for route in PAGES if visitor.see(route).status_code == 200}
    seen |= {route for route in PAGES_OF_ONE if visitor.see(route, broadcast.code).status_code == 200}
    assert seen == {route for route, roles in (PAGES | PAGES_OF_ONE).items() if role in roles}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", BUTTONS)
def test_a_button_is_only_for_those_who_may_press_it(voice: Voice, role: str, route: str) -> None:
    broadcast = draft(official("editor", "author"))
    response = official(role, "visitor").press(route, broadcast.code)
    assert (response.status_code == 403) == (role not in BUTTONS[route])
    assert state_of(broadcast) == Broadcast.State.DRAFT


def test_strangers_are_sent_to_the_login_page(editor: Official) -> None:
    broadcast = draft(editor)
    for route in PAGES:
        assert Browser().get(reverse(f"admin:{route}")).status_code == 302
    for route in BUTTONS:
        assert Browser().post(reverse(f"admin:{route}", args=[broadcast.code])).status_code == 302


@pytest.mark.abuse(96)
@pytest.mark.parametrize("token", ["", "x" * 64])
def test_without_the_token_nothing_happens(editor: Official, token: str) -> None:
    broadcast = submitted(editor)
    reviewer = official("reviewer", enforce_csrf_checks=True)
    for route in BUTTONS:
        fields = {"csrfmiddlewaretoken": token, "sha256": sha256_of(broadcast), "reason": "改"}
        assert reviewer.press(route, broadcast.code, **fields).status_code == 403
    assert state_of(broadcast) == Broadcast.State.IN_REVIEW


def test_another_departments_broadcast_is_not_there(editor: Official) -> None:
    broadcast = submitted(editor)
    for role in ("editor", "reviewer"):
        other = official(role, f"other-{role}", organisation="elsewhere")
        pages = {"editor": ["broadcast-edit"], "reviewer": ["broadcast-approve", "broadcast-return"]}[role]
        assert other.see("broadcast-review", broadcast.code).status_code == 404
        assert other.see("broadcast-audio", broadcast.code, 1).status_code == 404
        assert [other.press(route, broadcast.code, **FIELDS).status_code for route in pages] == [404] * len(
            pages
        )
        assert broadcast.title not in other.see("broadcast-list").content.decode()
        assert broadcast.title not in other.see("rendition-list").content.decode()


@pytest.mark.parametrize(
    "path", ["BC20990101-0001/review", "BC1/review", "1/review", "BC20990101-0001/audio/1"]
)
def test_what_is_not_there_is_not_found(editor: Official, path: str) -> None:
    assert editor.browser.get(f"{reverse('admin:broadcast-list')}{path}").status_code == 404
