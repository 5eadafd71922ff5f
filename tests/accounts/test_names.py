"""One name, one account, however it is typed."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts.models import Organisation, Role, Staff
from accounts.staffing import create_staff
from audit.models import Event
from audit.parties import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reference() -> None:
    call_command("load_reference", verbosity=0)


def new(username: str) -> Staff:
    return create_staff(
        username=username,
        display_name="某人",
        password="irrelevant",
        role=Role.objects.get(code="editor"),
        organisation=Organisation.objects.get(code="default"),
        actor=SYSTEM,
        origin=None,
    )


@pytest.mark.parametrize("twin", ["Admin", "ADMIN", "ａｄｍｉｎ", " admin ", "ⓐdmin"])
def test_a_look_alike_is_the_same_name_and_taken(twin: str) -> None:
    new("admin")
    with pytest.raises(ValidationError):
        new(twin)
    assert Staff.objects.count() == 1
    assert Staff.objects.get_by_natural_key(twin).username == "admin"


@pytest.mark.abuse(97)
@pytest.mark.parametrize("name", ["аdmin", "ad min", "", "-x", "a\u200bb", "a\nb", "x" * 65, "admın"])
def test_a_name_of_other_letters_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        new(name)
    assert not Event.objects.filter(action="staff.created").exists()


def test_a_chinese_name_will_do() -> None:
    assert new("张三").username == "张三"


def test_the_database_refuses_a_second_spelling_that_passes_by_the_service() -> None:
    new("admin")
    other = new("other")
    with pytest.raises(IntegrityError), transaction.atomic():
        Staff.objects.filter(pk=other.pk).update(username="ADMIN")
