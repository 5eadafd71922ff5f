"""A session ends: by idleness, by age, by a login elsewhere, by force."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts import policy
from accounts.models import Policy
from accounts.staffing import change_staff, grant_role, reset_password
from audit.models import Event
from audit.parties import SYSTEM
from synthesis.models import Voice
from tests.portal.broadcasts.cast import Official, official

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    """Roles, a voice, and no counters."""


def later(person: Official, **earlier: int) -> None:
    """Lets the session's clock be that many seconds in the past: seen, began."""
    session = person.browser.session
    for name, seconds in earlier.items():
        session[f"sitting_{name}"] -= seconds
    session.save()


def is_out(person: Official) -> bool:
    return person.see("index").status_code == 302


def test_fifteen_minutes_without_a_touch_end_it(editor: Official) -> None:
    later(editor, seen=14 * 60 + 50)
    assert not is_out(editor)
    later(editor, seen=15 * 60 + 1)
    answer = editor.browser.get(reverse("admin:index"), follow=True)
    assert "较长时间没有操作" in answer.content.decode()
    assert Event.objects.get(action="auth.ended").code == "idle"
    assert is_out(editor)


def test_eight_hours_end_it_however_busy_one_is(editor: Official) -> None:
    later(editor, began=8 * 3600 - 5)
    assert not is_out(editor)
    later(editor, began=10)
    assert is_out(editor)
    assert Event.objects.get(action="auth.ended").code == "long"


def test_a_page_that_asks_by_itself_keeps_nothing_alive(editor: Official) -> None:
    later(editor, seen=600)
    seen = editor.browser.session["sitting_seen"]
    for route in ("alarms", "session"):
        assert editor.see(route).status_code == 200
    assert editor.browser.session["sitting_seen"] == seen
    assert 290 <= editor.see("session").json()["seconds"] <= 300


def test_one_can_ask_for_more_time(editor: Official) -> None:
    later(editor, seen=800)
    assert editor.press("session").json()["seconds"] > 890


@pytest.mark.abuse(99)
def test_a_login_elsewhere_ends_the_first(editor: Official) -> None:
    other = Browser()
    other.post(reverse("admin:login"), {"username": "editor", "password": PASSWORD})
    assert other.get(reverse("admin:index")).status_code == 200
    answer = editor.browser.get(reverse("admin:index"), follow=True)
    assert "在别处登录" in answer.content.decode()
    assert Event.objects.get(action="auth.ended").code == "elsewhere"
    assert other.get(reverse("admin:index")).status_code == 200


@pytest.mark.abuse(99)
@pytest.mark.parametrize("act", ["disable", "reset", "grant"])
def test_what_changes_an_account_ends_its_session_at_the_next_request(editor: Official, act: str) -> None:
    security = official("security_admin").staff
    if act == "disable":
        editor.staff.is_active = False
        change_staff(staff=editor.staff, changed={"is_active": ["True", "False"]}, actor=SYSTEM, origin=None)
    elif act == "reset":
        reset_password(staff=editor.staff, by=security, origin=None)
    else:
        grant_role(
            staff=editor.staff, role=security.role, by=official("security_admin", "sec-2").staff, origin=None
        )
    assert is_out(editor)


@pytest.mark.abuse(99)
def test_the_session_gets_a_new_key_at_login(editor: Official) -> None:
    browser = Browser()
    browser.get(reverse("admin:login"))
    session = browser.session
    session["planted"] = "x"
    session.save()
    before = browser.session.session_key
    browser.post(reverse("admin:login"), {"username": "editor", "password": PASSWORD})
    assert browser.session.session_key != before
    browser.cookies["sessionid"] = before
    assert browser.get(reverse("admin:index")).status_code == 302


def test_a_role_bound_to_networks_is_refused_elsewhere_and_logged_out() -> None:
    inside = official("auditor", REMOTE_ADDR="10.1.2.3")
    author = official("security_admin").staff
    waiting = policy.propose(
        staff=author, fields={"reason": "限制", "networks": {"auditor": ["10.0.0.0/8"]}}, origin=None
    )
    policy.decide(number=waiting.pk, staff=official("system_admin").staff, confirmed=True, origin=None)
    assert Policy.objects.filter(is_confirmed=True).count() == 1
    assert inside.see("evidence").status_code == 200
    answer = inside.browser.get(reverse("admin:evidence"), REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == 403
    assert Event.objects.get(action="portal.refused").code == "network_refused"
    assert is_out(inside)
    page = Browser(REMOTE_ADDR="203.0.113.9").post(
        reverse("admin:login"), {"username": "auditor", "password": PASSWORD}
    )
    assert "不能从当前网络地址登录" in page.content.decode()
