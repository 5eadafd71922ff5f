from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.urls import reverse

from audit.models import Event
from synthesis.models import Voice
from tests.portal.broadcasts.cast import Official

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
REFUSAL = "登录名或密码不正确，请重新输入。"


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    """Counters of tries start at nothing."""


def try_login(name: str, password: str, *, address: str = "198.51.100.7") -> tuple[int, str]:
    answer = Browser(REMOTE_ADDR=address).post(
        reverse("admin:login"), {"username": name, "password": password, "next": ""}
    )
    return answer.status_code, answer.content.decode()


def without_tokens(page: str, name: str) -> str:
    lines = [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]
    return "\n".join(lines).replace(f'value="{name}"', "")


def test_the_right_password_opens(editor: Official) -> None:
    status, _ = try_login("editor", PASSWORD)
    assert status == 302
    assert Event.objects.filter(action="auth.login", actor_name="editor同志").exists()


def test_full_width_letters_are_the_same_name(editor: Official) -> None:
    assert try_login("ＥＤＩＴＯＲ", PASSWORD)[0] == 302


def test_unknown_names_wrong_passwords_and_closed_accounts_look_alike(
    editor: Official, reviewer: Official
) -> None:
    reviewer.staff.is_active = False
    reviewer.staff.save()
    pages = {
        without_tokens(try_login(name, password)[1], name)
        for name, password in (("nobody", "x" * 12), ("editor", "x" * 12), ("reviewer", PASSWORD))
    }
    assert len(pages) == 1
    assert REFUSAL in pages.pop()


def test_a_failure_is_recorded_with_the_name_but_not_the_password(editor: Official) -> None:
    try_login("editor", "mistyped-secret")
    event = Event.objects.get(action="auth.failed")
    assert event.details["username"] == "editor"
    assert "mistyped-secret" not in str(event.details)


def test_an_address_that_keeps_trying_is_told_to_wait(editor: Official) -> None:
    for _ in range(20):
        assert try_login("editor", "x" * 12)[0] == 200
    status, page = try_login("editor", PASSWORD)
    assert status == 429
    assert "10 分钟后再试" in page
    assert Event.objects.filter(action="auth.throttled", outcome="refused", status=429).count() == 1
    assert try_login("editor", PASSWORD, address="198.51.100.8")[0] == 302


def test_a_changed_password_is_recorded_and_the_session_goes_on(editor: Official) -> None:
    new = "another fine battery"
    answer = editor.press("password_change", old_password=PASSWORD, new_password1=new, new_password2=new)
    assert answer.status_code == 302
    assert Event.objects.filter(action="staff.password_changed", actor_name="editor同志").exists()
    assert editor.see("index").status_code == 200
    assert try_login("editor", PASSWORD)[0] == 200
    assert try_login("editor", new)[0] == 302


def test_after_logout_the_old_session_opens_nothing(editor: Official) -> None:
    assert editor.press("logout").status_code == 200
    assert editor.see("index").status_code == 302
