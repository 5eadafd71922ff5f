from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Organisation, Role, Staff
from accounts.staffing import change_staff
from accounts.tasks import close_dormant
from audit.models import Event
from audit.parties import SYSTEM

pytestmark = pytest.mark.django_db

NOW = timezone.now()
LONG_AGO = NOW - timedelta(days=91)


@pytest.fixture(autouse=True)
def reference() -> None:
    call_command("load_reference", verbosity=0)


def account(name: str, *, opened: datetime, login: datetime | None) -> Staff:
    return Staff.objects.create_staff(
        username=name,
        password="irrelevant",
        role=Role.objects.get(code="editor"),
        organisation=Organisation.objects.get(code="default"),
        display_name=name,
        opened_at=opened,
        last_login=login,
        sitting="x",
    )


def test_only_who_has_not_come_for_ninety_days_is_closed() -> None:
    account("never", opened=LONG_AGO, login=None)
    account("gone", opened=LONG_AGO - timedelta(days=300), login=LONG_AGO)
    account("new", opened=NOW, login=None)
    account("busy", opened=LONG_AGO, login=NOW)
    assert close_dormant() == 2
    assert set(Staff.objects.filter(is_active=False).values_list("username", "sitting")) == {
        ("never", ""), ("gone", "")
    }  # fmt: skip
    events = Event.objects.filter(action="staff.disabled", code="dormant", actor_kind="system")
    assert sorted(events.values_list("object_name", flat=True)) == ["gone", "never"]
    assert close_dormant() == 0


def test_an_account_opened_again_has_its_days_again() -> None:
    staff = account("gone", opened=LONG_AGO, login=LONG_AGO)
    close_dormant()
    staff.refresh_from_db()
    staff.is_active = True
    change_staff(staff=staff, changed={"is_active": ["False", "True"]}, actor=SYSTEM, origin=None)
    assert close_dormant() == 0
