"""Passwords: strong, new, and none for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from accounts import passwords, staffing
from accounts.errors import OwnAccount
from accounts.models import FormerPassword, Organisation, Role, Staff
from audit.models import Event
from audit.parties import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Staff:
    call_command("load_reference", verbosity=0)
    return person("editor")


def person(role: str) -> Staff:
    return staffing.create_staff(
        username=f"some-{role}",
        display_name="李小明",
        password="First-password-1",
        role=Role.objects.get(code=role),
        organisation=Organisation.objects.get(code="default"),
        actor=SYSTEM,
        origin=None,
        must_change_password=False,
    )


def codes(password: str, staff: Staff) -> set[str]:
    try:
        validate_password(password, staff)
    except ValidationError as refused:
        return {str(error.code) for error in refused.error_list}
    return set()


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("Aa1!aaaa", "password_too_short"),
        ("onlysmallletters", "password_too_plain"),
        ("small-and-marks-", "password_too_plain"),
        ("Xsome-editor-77", "password_has_name"),
        ("Xrotide-emos-77", "password_has_name"),
        ("李小明-Is-my-name", "password_has_name"),
        ("GovVoice-2026-x", "password_has_name"),
        ("ＧｏｖＶｏｉｃｅ-2026", "password_has_name"),
        ("A1-" + "x" * 126, "password_too_long"),
        ("字1A-" * 30, "password_too_long"),
        ("First-password-1", "password_reused"),
    ],
)
def test_a_weak_password_is_refused_and_why(staff: Staff, password: str, code: str) -> None:
    assert code in codes(password, staff)


def test_a_good_password_passes(staff: Staff) -> None:
    assert codes("Quiet-river-72", staff) == set()


def test_the_last_five_do_not_come_back_and_the_sixth_may(staff: Staff) -> None:
    for number in range(2, 7):
        staffing.change_password(staff=staff, password=f"Other-password-{number}", origin=None)
    for number in range(2, 7):
        assert codes(f"Other-password-{number}", staff) == {"password_reused"}
    assert codes("First-password-1", staff) == set()
    assert FormerPassword.objects.filter(staff=staff).count() == 5


def test_an_initial_password_meets_the_rules_every_time(staff: Staff) -> None:
    made = {passwords.initial_password() for _ in range(50)}
    assert len(made) == 50
    assert all(codes(password, staff) == set() for password in made)


def test_a_password_ends_after_ninety_days(staff: Staff) -> None:
    staff.password_set_at = timezone.now() - timedelta(days=90) + timedelta(minutes=1)
    assert not passwords.needs_change(staff)
    staff.password_set_at -= timedelta(minutes=2)
    assert passwords.needs_change(staff)


def test_a_reset_gives_a_password_for_a_day_and_ends_what_was_open(staff: Staff) -> None:
    security = person("security_admin")
    staff.sitting = "x" * 32
    staff.save()
    password = staffing.reset_password(staff=staff, by=security, origin=None)
    staff.refresh_from_db()
    assert staff.check_password(password)
    assert (staff.sitting, passwords.needs_change(staff), passwords.is_expired(staff)) == ("", True, False)
    staff.password_set_at -= timedelta(hours=24)
    assert passwords.is_expired(staff)
    event = Event.objects.get(action="staff.password_reset")
    assert (event.actor_id, event.object_id) == (str(security.pk), str(staff.pk))
    assert password not in str(event.__dict__)


def test_nobody_resets_his_own(staff: Staff) -> None:
    security = person("security_admin")
    with pytest.raises(OwnAccount):
        staffing.reset_password(staff=security, by=security, origin=None)
    assert not Event.objects.filter(action="staff.password_reset").exists()
