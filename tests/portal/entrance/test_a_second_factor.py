"""The second factor: asked for after the password, good once, and taken away only with both proofs."""

from __future__ import annotations

import time
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.http import HttpResponse
from django.test import Client as Browser
from django.test import override_settings
from django.urls import reverse
from django_otp.oath import TOTP

from accounts import factors
from accounts.errors import CodeWrong
from accounts.models import Authenticator, RecoveryCode, Staff
from audit.models import Event
from synthesis.models import Voice
from tests.portal.broadcasts.cast import Official, official

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
SEED = b"12345678901234567890"


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    """Roles, a voice, and no counters."""


def code(*, steps: int = 0) -> str:
    """What the app shows now, or so many steps of 30 s from now."""
    totp = TOTP(SEED, drift=steps)
    return f"{totp.token():06d}"


@pytest.fixture
def recovery(editor: Official) -> list[str]:
    """The editor has an app, added with the code of the step before this one; its recovery codes."""
    return factors.add_authenticator(
        staff=editor.staff, seed=SEED, code=code(steps=-1), name="手机", origin=None
    )


def password_given(**browser: Any) -> Browser:
    opened = Browser(**browser)
    answer = opened.post(
        reverse("admin:login"), {"username": "editor", "password": PASSWORD, "next": "/portal/desk/"}
    )
    assert answer["Location"] == reverse("admin:second")
    return opened


def show(browser: Browser, what: str) -> HttpResponse:
    answer: HttpResponse = browser.post(reverse("admin:second"), {"code": what})
    return answer


def is_in(browser: Browser) -> bool:
    return browser.get(reverse("admin:index")).status_code == 200


def test_the_password_alone_opens_nothing(recovery: list[str]) -> None:
    browser = password_given()
    assert not is_in(browser)
    assert browser.get(reverse("admin:factors")).status_code == 302
    assert (
        not Event.objects.filter(action="auth.login", details__proof="password")
        .exclude(actor_kind="staff", address=None)
        .exists()
    )


def test_the_code_of_now_opens_and_leads_on(recovery: list[str]) -> None:
    browser = password_given()
    assert show(browser, code())["Location"] == "/portal/desk/"
    assert is_in(browser)
    assert Event.objects.filter(action="auth.login", details__proof="password+totp").count() == 1


def test_all_of_one_sitting_bears_its_mark(recovery: list[str]) -> None:
    browser = password_given()
    show(browser, code())
    browser.post(reverse("admin:logout"))
    into = Event.objects.filter(action="auth.login").latest("id")
    out = Event.objects.get(action="auth.logout")
    assert into.auth_method == out.auth_method == "password+totp"
    assert into.session == out.session
    assert len(into.session) == 32


def test_a_code_is_good_once(recovery: list[str]) -> None:
    used = code()
    assert show(password_given(), used).status_code == 302
    answer = show(password_given(), used)
    assert "验证码不正确" in answer.content.decode()
    assert show(password_given(), code(steps=-1)).status_code == 200


@pytest.mark.parametrize(
    "wrong", ["000000", "12345", "abcdef", "１２３４５６", "", "1" * 33, "-12345", "x" * 1000]
)
def test_a_wrong_code_counts_as_a_failed_login(recovery: list[str], wrong: str) -> None:
    browser = password_given()
    assert show(browser, wrong).status_code == 200
    assert not is_in(browser)
    if 0 < len(wrong) <= 32:
        assert AccessAttempt.objects.get().failures_since_start == 1
        assert Event.objects.get(action="auth.failed").code == "code"


def test_guessing_codes_locks_the_account(recovery: list[str]) -> None:
    browser = password_given()
    for _ in range(4):
        assert show(browser, "000000").status_code == 200
    assert show(browser, "000000").status_code == 403
    assert show(browser, code()).status_code == 403
    assert not is_in(browser)


def test_the_second_step_waits_five_minutes_and_no_longer(recovery: list[str]) -> None:
    browser = password_given()
    session = browser.session
    session["second_step"] |= {"since": int(time.time()) - 301}
    session.save()
    assert show(browser, code())["Location"] == reverse("admin:login")
    assert not is_in(browser)


def test_a_password_changed_meanwhile_begins_anew(recovery: list[str], editor: Official) -> None:
    browser = password_given()
    editor.staff.set_password("Another-battery-1")
    editor.staff.save()
    assert show(browser, code())["Location"] == reverse("admin:login")


def test_nobody_comes_to_the_second_step_without_the_first(recovery: list[str]) -> None:
    browser = Browser()
    for answer in (
        browser.get(reverse("admin:second")),
        show(browser, code()),
        browser.post(reverse("admin:second-passkey"), {"answer": "{}"}),
    ):
        assert answer["Location"] == reverse("admin:login")
    assert browser.post(reverse("admin:second-options")).status_code == 403


def test_a_recovery_code_stands_in_once(recovery: list[str]) -> None:
    assert len(set(recovery)) == 10
    assert show(password_given(), recovery[0].upper()).status_code == 302
    assert show(password_given(), recovery[0]).status_code == 200
    assert show(password_given(), recovery[1]).status_code == 302
    assert RecoveryCode.objects.filter(used_at=None).count() == 8


def test_fresh_recovery_codes_take_the_place_of_the_old(recovery: list[str], editor: Official) -> None:
    assert editor.press("factor-recovery", password=PASSWORD, code="000000").status_code == 422
    page = editor.press("factor-recovery", password=PASSWORD, code=recovery[0]).content.decode()
    assert page.count("<code>") == 10
    assert Event.objects.filter(action="factor.codes_made").count() == 2
    assert show(password_given(), recovery[1]).status_code == 200


def test_neither_seed_nor_codes_can_be_read_in_the_database(recovery: list[str]) -> None:
    kept = str(list(Authenticator.objects.values())) + str(list(RecoveryCode.objects.values()))
    assert SEED.hex() not in kept
    assert factors.seed_text(SEED).replace(" ", "") not in kept
    assert recovery[0].replace("-", "") not in kept


def test_an_app_is_added_through_the_pages(editor: Official) -> None:
    page = editor.see("factor-code").content.decode()
    assert "<svg" in page
    seed = factors.unseal(editor.browser.session["new_seed"], purpose=f"new-totp:{editor.staff.pk}")
    assert factors.seed_text(seed) in page
    assert editor.press("factor-code", name="手机", code="000000").status_code == 422
    answer = editor.press("factor-code", name="手机", code=f"{TOTP(seed).token():06d}")
    assert answer.content.decode().count("<code>") == 10
    assert Event.objects.get(action="factor.added").details == {"kind": "totp", "name": "手机"}
    assert editor.see("factors").content.decode().count("<code>") == 0


def test_a_factor_goes_only_with_both_proofs(recovery: list[str], editor: Official) -> None:
    number = Authenticator.objects.get().pk
    for password, given in (("wrong", recovery[0]), (PASSWORD, "000000"), ("", "")):
        assert editor.press("factor-remove", "totp", number, password=password, code=given).status_code in {
            200,
            422,
        }
    assert Authenticator.objects.exists()
    assert (
        editor.press("factor-remove", "totp", number, password=PASSWORD, code=recovery[1]).status_code == 302
    )
    assert not Authenticator.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert Event.objects.get(action="factor.removed").details["kind"] == "totp"


def test_anothers_factor_is_not_there(recovery: list[str], reviewer: Official) -> None:
    number = Authenticator.objects.get().pk
    assert reviewer.see("factor-remove", "totp", number).status_code == 404
    assert reviewer.see("factor-remove", "passkey", number).status_code == 404
    assert reviewer.see("factor-remove", "other", number).status_code == 404


def test_where_it_is_required_nothing_else_opens_before_it(editor: Official) -> None:
    with override_settings(SECOND_FACTOR_REQUIRED=True):
        for route in ("index", "desk", "help", "broadcast-list"):
            assert editor.see(route)["Location"] == reverse("admin:factors")
        assert editor.press("desk-speak").status_code == 302
        assert "要求双因素登录" in editor.see("factors").content.decode()
        factors.add_authenticator(staff=editor.staff, seed=SEED, code=code(), name="手机", origin=None)
        assert editor.see("index").status_code == 200


def test_the_trial_offers_it(editor: Official) -> None:
    assert "建议开启双因素登录" in editor.see("index").content.decode()


def test_the_security_administrator_clears_lost_factors(recovery: list[str], editor: Official) -> None:
    security = official("security_admin").staff
    factors.reset(staff=editor.staff, by=security, origin=None)
    assert not factors.has_factor(Staff.objects.get(pk=editor.staff.pk))
    assert editor.see("index").status_code == 302
    assert Event.objects.get(action="factor.reset").actor_id == str(security.pk)


def test_an_app_is_not_added_without_a_right_code(editor: Official) -> None:
    with pytest.raises(CodeWrong):
        factors.add_authenticator(staff=editor.staff, seed=SEED, code=code(steps=9), name="手机", origin=None)
    assert not Event.objects.filter(action="factor.added").exists()


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", '{"id": "x"}', "x" * 20_000, "[" * 10_000])
def test_a_made_up_passkey_is_refused(recovery: list[str], editor: Official, answer: str) -> None:
    browser = password_given()
    assert browser.post(reverse("admin:second-options")).json()["rpId"] == "testserver"
    assert browser.post(reverse("admin:second-passkey"), {"answer": answer}).status_code == 200
    assert not is_in(browser)
    editor.browser.force_login(editor.staff)
    editor.press("factor-options")
    assert editor.press("factor-passkey", name="密钥", answer=answer).status_code == 302
    assert not Event.objects.filter(action="factor.added", details__kind="passkey").exists()
