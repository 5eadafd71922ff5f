"""The security administrator's pages: grants, help for the locked out, and settings of two persons."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client as Browser
from django.urls import reverse

from accounts import bootstrap, policy
from accounts.models import Policy, Staff
from audit.models import Event
from synthesis.models import Voice
from tests.portal.broadcasts.cast import Official, official

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    """Roles, a voice, and no counters."""


@pytest.fixture
def security() -> Official:
    return official("security_admin")


def numbers(**changed: Any) -> dict[str, Any]:
    current = policy.current()
    return {name: getattr(current, name) for name in Policy.BOUNDS} | {"reason": "收紧"} | changed


def test_an_account_begins_without_rights_and_gets_them_from_another(security: Official) -> None:
    system = official("system_admin")
    fields = {"username": "Zhang", "display_name": "张三", "organisation": system.staff.organisation_id}
    page = system.press("accounts_staff_add", **fields).content.decode()
    found = re.search(r'id="initial">([^<]+)<', page)
    assert found
    browser = Browser()
    browser.post(reverse("admin:login"), {"username": "zhang", "password": found[1]})
    assert browser.get(reverse("admin:index"))["Location"] == reverse("admin:password_change")
    new = "Quite-another-1"
    browser.post(
        reverse("admin:password_change"),
        {"old_password": found[1], "new_password1": new, "new_password2": new},
    )
    assert "还没有授予角色" in browser.get(reverse("admin:index")).content.decode()
    assert browser.get(reverse("admin:desk")).status_code == 403
    staff = Staff.objects.get(username="zhang")
    assert "待授权" in security.see("grant-list").content.decode()
    assert security.press("grant-role", staff.pk, role="editor").status_code == 302
    browser.post(reverse("admin:login"), {"username": "zhang", "password": new})
    assert browser.get(reverse("admin:desk")).status_code == 200


@pytest.mark.abuse(100)
def test_the_system_administrator_grants_nothing(editor: Official) -> None:
    system = official("system_admin")
    for route in ("grant-role", "grant-password", "grant-unlock", "grant-factors"):
        assert system.press(route, editor.staff.pk, role="auditor").status_code == 403
    assert Event.objects.filter(action="portal.refused", actor_id=str(system.staff.pk)).count() == 4
    editor.staff.refresh_from_db()
    assert editor.staff.role.code == "editor"


@pytest.mark.parametrize("route", ["grant-role", "grant-password", "grant-unlock", "grant-factors"])
def test_nothing_of_it_for_oneself(security: Official, route: str) -> None:
    answer = security.press(route, security.staff.pk, role="auditor")
    assert answer.status_code == 403
    assert "不能对自己的账号执行此操作" in answer.content.decode()
    event = Event.objects.get(outcome="refused", code="own_account")
    assert event.object_id == str(security.staff.pk)
    assert "须由另一名安全管理员办理" in security.see("grant-detail", security.staff.pk).content.decode()


@pytest.mark.parametrize("role", ["", "bootstrap", "god", "' OR 1=1"])
def test_a_role_that_cannot_be_granted_is_refused(security: Official, editor: Official, role: str) -> None:
    assert security.press("grant-role", editor.staff.pk, role=role).status_code == 422
    editor.staff.refresh_from_db()
    assert editor.staff.role.code == "editor"


def test_a_locked_account_is_opened_again(security: Official, editor: Official) -> None:
    AccessAttempt.objects.create(username="editor", ip_address="10.0.0.1", failures_since_start=5)
    assert "登录锁定" in security.see("grant-detail", editor.staff.pk).content.decode()
    assert security.press("grant-unlock", editor.staff.pk).status_code == 302
    assert not AccessAttempt.objects.exists()
    assert Event.objects.filter(action="staff.unlocked").count() == 1


def test_a_reset_password_is_shown_once(security: Official, editor: Official) -> None:
    page = security.press("grant-password", editor.staff.pk).content.decode()
    found = re.search(r'id="initial">([^<]+)<', page)
    assert found
    editor.staff.refresh_from_db()
    assert editor.staff.check_password(found[1])
    assert found[1] not in security.see("grant-detail", editor.staff.pk).content.decode()


def test_somebody_who_is_not_there_is_not_found(security: Official) -> None:
    created = bootstrap.open_account() if bootstrap.missing_roles() else None
    numbers = [10**9] + ([created.staff.pk] if created else [])
    for number in numbers:
        assert security.see("grant-detail", number).status_code == 404
        assert security.press("grant-role", number, role="editor").status_code == 404


def test_settings_take_two_persons(security: Official) -> None:
    assert security.press("policy-propose", **numbers(lock_failures=3)).status_code == 302
    waiting = Policy.objects.get()
    assert Event.objects.get(action="policy.proposed").details["lock_failures"] == [5, 3]
    page = security.see("policy").content.decode()
    assert "须由另一人确认" in page
    assert 'value="confirm"' not in page
    answer = security.press("policy-decide", waiting.pk, decision="confirm")
    assert answer.status_code == 403
    assert "不能确认自己提出的变更" in answer.content.decode()
    system = official("system_admin")
    assert "连续失败几次后锁定" in system.see("policy").content.decode()
    assert system.press("policy-propose", **numbers()).status_code == 403
    assert system.press("policy-decide", waiting.pk, decision="confirm").status_code == 302
    assert policy.current().lock_failures == 3
    assert "已生效" in security.see("policy").content.decode()


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("lock_failures", "6", "5"), ("password_length", "7", "8"), ("idle_minutes", "x", ""),
        ("reason", "", ""), ("networks_auditor", "10.0.0.1/8", "不是有效的网段"),
        ("networks_security_admin", "192.0.2.0/24", "您当前的地址"),
    ],
)  # fmt: skip
def test_a_lax_or_wrong_setting_is_refused_with_a_reason(
    security: Official, field: str, value: str, word: str
) -> None:
    answer = security.press("policy-propose", **numbers(**{field: value}))
    assert answer.status_code == 422
    assert word in answer.content.decode()
    assert not Policy.objects.exists()


def test_the_first_page_of_a_new_installation() -> None:
    opened = bootstrap.open_account()
    browser = Browser()
    browser.post(reverse("admin:login"), {"username": "bootstrap", "password": opened.password})
    new = "Quite-another-1"
    browser.post(
        reverse("admin:password_change"),
        {"old_password": opened.password, "new_password1": new, "new_password2": new},
    )
    assert browser.get(reverse("admin:accounts_staff_changelist")).status_code == 403
    people = {
        f"{role}_{part}": f"{role[:6].replace('_', '')}{'' if part == 'username' else '先生'}"
        for role in bootstrap.ADMINISTRATORS
        for part in ("username", "display_name")
    }
    same = people | {"auditor_display_name": people["system_admin_display_name"]}
    assert "三员须由不同的人担任" in browser.post(reverse("admin:beginning"), same).content.decode()
    page = browser.post(reverse("admin:beginning"), people).content.decode()
    assert page.count("<code>") == 3
    assert browser.get(reverse("admin:index")).status_code == 302
    assert browser.post(reverse("admin:login"), {"username": "bootstrap", "password": new}).status_code == 200
    assert set(Staff.objects.filter(is_active=True).values_list("role__code", flat=True)) == set(
        bootstrap.ADMINISTRATORS
    )
