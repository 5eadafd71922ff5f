"""Who may do what to whom: duties stay apart, in the services and in the database."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction

from accounts import bootstrap, staffing
from accounts.bootstrap import Person
from accounts.errors import BootstrapRefused, OwnAccount, RoleNotGrantable
from accounts.models import Organisation, Role, Staff
from accounts.reference import ROLES
from audit.models import Event
from govvoice.portal.menu import MENU

pytestmark = pytest.mark.django_db

MANAGEMENT = {"system_admin", "security_admin", "auditor"}


@pytest.fixture(autouse=True)
def reference() -> None:
    call_command("load_reference", verbosity=0)


def person(role: str, name: str = "") -> Staff:
    return Staff.objects.create_staff(
        username=(name or role).replace("_", "-"),
        display_name=name or role,
        password="irrelevant",
        role=Role.objects.get(code=role),
        organisation=Organisation.objects.get(code="default"),
    )


def test_a_role_is_granted_by_another_and_recorded() -> None:
    staff, security = person("pending"), person("security_admin")
    staffing.grant_role(staff=staff, role=Role.objects.get(code="editor"), by=security, origin=None)
    staff.refresh_from_db()
    assert (staff.role.code, staff.granted_by) == ("editor", security)
    assert Event.objects.get(action="role.granted").details == {"role": ["pending", "editor"]}


def test_nobody_grants_to_himself_not_even_in_the_database() -> None:
    security = person("security_admin")
    with pytest.raises(OwnAccount):
        staffing.grant_role(staff=security, role=Role.objects.get(code="auditor"), by=security, origin=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Staff.objects.filter(pk=security.pk).update(granted_by=security.pk)
    assert not Event.objects.filter(action="role.granted").exists()


def test_the_role_that_makes_administrators_is_handed_out_by_nobody() -> None:
    role = Role.objects.get(code="bootstrap")
    with pytest.raises(RoleNotGrantable):
        staffing.grant_role(staff=person("editor"), role=role, by=person("security_admin"), origin=None)


def test_an_account_has_one_role_so_two_management_roles_never_meet() -> None:
    """The column holds one role and may not be empty: there is no place for a second one."""
    column = Staff._meta.get_field("role")
    assert (column.many_to_one, column.null) == (True, False)
    assert not Staff._meta.many_to_many


def test_the_three_administrators_share_no_right_but_the_second_signature() -> None:
    rights = {role.code: set(role.permissions) for role in ROLES if role.code in MANAGEMENT}
    assert set(rights) == MANAGEMENT
    assert rights["system_admin"] & rights["security_admin"] == {"accounts.confirm_policy"}
    assert not rights["auditor"] & (rights["system_admin"] | rights["security_admin"])


def test_no_administrator_sees_business_content() -> None:
    business = {"synthesis.preview_speech", "synthesis.view_speech", "synthesis.view_rendition"}
    for role in ROLES:
        if role.code in MANAGEMENT:
            apps = {name.split(".")[0] for name in role.permissions}
            assert not apps & {"broadcasts", "lexicon"}
            assert not business & set(role.permissions)


def test_each_administrator_has_sections_of_his_own() -> None:
    sections: dict[str, set[str]] = {}
    for role in (role for role in ROLES if role.code in MANAGEMENT):
        for group in MENU:
            if any(set(item.permissions) & set(role.permissions) for item in group.items):
                sections.setdefault(role.code, set()).add(str(group.label))
    assert sections["auditor"] == {"审计"}
    assert sections["security_admin"] == {"内容安全", "接入管理", "安全管理"}
    assert sections["system_admin"] >= {"系统"}
    assert "审计" not in sections["system_admin"] | sections["security_admin"]


def test_no_superuser_can_be_made() -> None:
    with pytest.raises((CommandError, AttributeError)):
        call_command("createsuperuser", interactive=False, username="root")
    assert not Staff.objects.exists()
    assert not person("system_admin").is_superuser


def test_a_new_installation_has_nobody_until_its_three_are_named() -> None:
    assert not Staff.objects.exists()
    opened = bootstrap.open_account()
    assert opened.staff.check_password(opened.password)
    people = {code: Person(code.replace("_", "-"), code) for code in MANAGEMENT}
    made = bootstrap.create_administrators(people=people, by=opened.staff, origin=None)
    assert {one.staff.role.code for one in made} == MANAGEMENT
    assert all(one.staff.must_change_password and one.staff.check_password(one.password) for one in made)
    closed = Staff.objects.get(username="bootstrap")
    assert not closed.is_active
    assert Event.objects.filter(action="staff.created").count() == 4
    assert Event.objects.get(action="staff.disabled").code == "bootstrap_done"
    with pytest.raises(BootstrapRefused):
        bootstrap.open_account()
    with pytest.raises(BootstrapRefused):
        bootstrap.create_administrators(people=people, by=closed, origin=None)
    with pytest.raises(CommandError, match="三员账号已齐备"):
        call_command("open_bootstrap")


def test_a_lost_administrator_is_replaced_the_same_way() -> None:
    first = bootstrap.open_account()
    again = bootstrap.open_account()
    assert again.staff == first.staff
    assert not Staff.objects.get().check_password(first.password)
    people = {code: Person(code.replace("_", "-"), code) for code in MANAGEMENT}
    bootstrap.create_administrators(people=people, by=again.staff, origin=None)
    Staff.objects.filter(role__code="auditor").update(is_active=False)
    third = bootstrap.open_account()
    with pytest.raises(BootstrapRefused):
        bootstrap.create_administrators(people=people, by=third.staff, origin=None)
    new = {"auditor": Person("new-auditor", "新审计")}
    bootstrap.create_administrators(people=new, by=third.staff, origin=None)
    assert Staff.objects.get(username="new-auditor").role.code == "auditor"
