from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.fields import normal_username
from accounts.models import Staff
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


@contextmanager
def counted_hashes() -> Iterator[list[int]]:
    """Counts how often the real hasher works."""
    count = [0]
    encode = MD5PasswordHasher.encode

    def counting(self: MD5PasswordHasher, password: str, salt: str) -> str:
        count[0] += 1
        return encode(self, password, salt)

    with patch.object(MD5PasswordHasher, "encode", counting):
        yield count


def without_tokens(page: str, name: str) -> str:
    lines = [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]
    lines = [re.sub(r'nonce="[^"]+"', "", line) for line in lines]
    return "\n".join(lines).replace(f'value="{name}"', "")


def test_the_right_password_opens(editor: Official) -> None:
    status, _ = try_login("editor", PASSWORD)
    assert status == 302
    assert Event.objects.filter(action="auth.login", actor_name="editor同志").exists()


def test_full_width_letters_are_the_same_name(editor: Official) -> None:
    assert try_login("ＥＤＩＴＯＲ", PASSWORD)[0] == 302


@pytest.mark.abuse(97)
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
        assert try_login("editor", PASSWORD)[0] == 302
    status, page = try_login("editor", PASSWORD)
    assert status == 429
    assert "10 分钟后再试" in page
    assert Event.objects.filter(action="auth.throttled", outcome="refused", status=429).count() == 1
    assert try_login("editor", PASSWORD, address="198.51.100.8")[0] == 302


@pytest.mark.parametrize("name", ["editor", "ＥＤＩＴＯＲ", "nobody"])
def test_five_failures_lock_a_name_wherever_they_came_from(editor: Official, name: str) -> None:
    for number in range(4):
        assert try_login(name, "x" * 12, address=f"198.51.100.{number}")[0] == 200
    assert try_login(name, "x" * 12)[0] == 403
    status, page = try_login(name, PASSWORD, address="203.0.113.1")
    assert status == 403
    assert "已锁定 30 分钟" in page
    event = Event.objects.filter(action="auth.locked").order_by("-pk")[0]
    assert (event.code, event.details["username"]) == ("locked", normal_username(name))


def test_a_lock_ends_after_its_time_and_a_success_before_it_clears_the_count(editor: Official) -> None:
    for _ in range(4):
        try_login("editor", "x" * 12)
    assert try_login("editor", PASSWORD)[0] == 302
    assert not AccessAttempt.objects.exists()
    for _ in range(6):
        try_login("editor", "x" * 12)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=29))
    assert try_login("editor", PASSWORD)[0] == 403
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=31))
    assert try_login("editor", PASSWORD)[0] == 302


def test_an_address_with_twenty_failures_is_locked_for_every_name(editor: Official) -> None:
    AccessAttempt.objects.create(
        username="someone", ip_address="198.51.100.7", user_agent="", failures_since_start=20
    )
    assert try_login("editor", PASSWORD)[0] == 403
    assert try_login("editor", PASSWORD, address="198.51.100.8")[0] == 302


def test_a_forged_address_is_not_believed(editor: Official) -> None:
    browser = Browser(REMOTE_ADDR="198.51.100.7", HTTP_X_FORWARDED_FOR="10.0.0.1", HTTP_X_REAL_IP="10.0.0.2")
    browser.post(reverse("admin:login"), {"username": "editor", "password": "x" * 12})
    assert AccessAttempt.objects.get().ip_address == "198.51.100.7"


def test_no_password_is_kept_with_a_failure(editor: Official) -> None:
    try_login("editor", "mistyped-secret")
    row = AccessAttempt.objects.get()
    assert "mistyped-secret" not in f"{row.post_data}{row.get_data}{row.path_info}"


@pytest.mark.abuse(97)
def test_known_and_unknown_names_cost_the_same_work(editor: Official) -> None:
    """Hashes and queries are what takes time; a clock in a test would only measure the machine."""
    work = []
    for name in ("editor", "nobody"):
        with CaptureQueriesContext(connection) as queries, counted_hashes() as hashes:
            try_login(name, "x" * 12)
        work.append((len(queries), hashes[0]))
    assert work[0] == work[1]
    assert work[0][1] == 1


@pytest.mark.abuse(97)
def test_a_password_of_a_hundred_thousand_letters_is_not_even_hashed(editor: Official) -> None:
    with counted_hashes() as hashes:
        status, page = try_login("editor", "x" * 100_000)
    assert (status, hashes[0]) == (200, 0)
    assert REFUSAL in page
    assert AccessAttempt.objects.get().failures_since_start == 1


def test_an_initial_password_opens_only_the_page_for_a_new_one(editor: Official) -> None:
    Staff.objects.update(must_change_password=True)
    for route in ("index", "desk", "broadcast-list"):
        assert editor.see(route)["Location"] == reverse("admin:password_change")
    assert editor.press("desk-speak").status_code == 302
    assert "请先设置新密码" in editor.see("password_change").content.decode()
    new = "Another-fine-battery-1"
    editor.press("password_change", old_password=PASSWORD, new_password1=new, new_password2=new)
    assert editor.see("index").status_code == 200


def test_a_password_of_ninety_days_must_be_changed(editor: Official) -> None:
    Staff.objects.update(password_set_at=timezone.now() - timedelta(days=90))
    assert editor.see("index")["Location"] == reverse("admin:password_change")


def test_an_initial_password_of_yesterday_opens_nothing(editor: Official) -> None:
    Staff.objects.update(must_change_password=True, password_set_at=timezone.now() - timedelta(hours=24))
    status, page = try_login("editor", PASSWORD)
    assert status == 200
    assert "初始密码已过期" in page


def test_a_weak_new_password_is_refused_beside_the_field(editor: Official) -> None:
    answer = editor.press(
        "password_change", old_password=PASSWORD, new_password1="weak", new_password2="weak"
    )
    assert "密码至少需要 12 个字符" in answer.content.decode()
    assert not Event.objects.filter(action="staff.password_changed").exists()


def test_a_changed_password_is_recorded_and_the_session_goes_on(editor: Official) -> None:
    new = "Another fine battery 7"
    answer = editor.press("password_change", old_password=PASSWORD, new_password1=new, new_password2=new)
    assert answer.status_code == 302
    assert Event.objects.filter(action="staff.password_changed", actor_name="editor同志").exists()
    assert editor.see("index").status_code == 200
    assert try_login("editor", PASSWORD)[0] == 200
    assert try_login("editor", new)[0] == 302


@pytest.mark.abuse(99)
def test_after_logout_the_old_session_opens_nothing(editor: Official) -> None:
    answer = editor.press("logout")
    assert (answer.status_code, answer["Clear-Site-Data"]) == (200, '"cache"')
    assert Event.objects.get(action="auth.logout").actor_id == str(editor.staff.pk)
    assert editor.see("index").status_code == 302
