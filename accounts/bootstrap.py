"""How a production installation gets its first three administrators, without any account being shipped.

`manage.py open_bootstrap` opens one account that can do nothing but create them; doing so closes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from accounts.errors import BootstrapRefused
from accounts.models import Organisation, Role, Staff
from accounts.passwords import initial_password
from accounts.services import staff_actor, staff_target
from accounts.staffing import create_staff, reopen
from audit.parties import SYSTEM, Origin
from audit.services import record

NAME = "bootstrap"
ADMINISTRATORS = ("system_admin", "security_admin", "auditor")


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Created:
    """A new account with the password its owner first logs in with, once."""

    staff: Staff
    password: str


def missing_roles() -> list[Role]:
    """The management roles that no open account has, in their order."""
    held = Staff.objects.filter(is_active=True).values("role")
    return list(Role.objects.filter(code__in=ADMINISTRATORS).exclude(pk__in=held))


@transaction.atomic
def open_account() -> Created:
    """Opens the account, the first time or again, with a new password. Raises BootstrapRefused."""
    if not missing_roles():
        raise BootstrapRefused
    staff = Staff.objects.filter(username=NAME).first()
    if staff is not None:
        return Created(staff, reopen(staff=staff, actor=SYSTEM))
    role, password = Role.objects.get(code=NAME), initial_password()
    staff = create_staff(
        username=NAME,
        display_name=role.name,
        password=password,
        role=role,
        organisation=Organisation.objects.order_by("pk")[0],
        actor=SYSTEM,
        origin=None,
    )
    return Created(staff, password)


@transaction.atomic
def create_administrators(*, people: Mapping[str, Person], by: Staff, origin: Origin | None) -> list[Created]:
    """Creates whom `people` names for each missing role, and closes the account that did it.

    Raises BootstrapRefused unless exactly the missing roles are named, ValidationError for a bad name.
    """
    missing = missing_roles()
    if {role.code for role in missing} != set(people) or not missing:
        raise BootstrapRefused
    created = [_create(role, people[role.code], by, origin) for role in missing]
    by.is_active, by.sitting = False, ""
    by.save(update_fields=["is_active", "sitting"])
    record(
        action="staff.disabled",
        actor=staff_actor(by),
        target=staff_target(by),
        origin=origin,
        code="bootstrap_done",
    )
    return created


def _create(role: Role, person: Person, by: Staff, origin: Origin | None) -> Created:
    password = initial_password()
    staff = create_staff(
        username=person.username,
        display_name=person.display_name,
        password=password,
        role=role,
        organisation=by.organisation,
        actor=staff_actor(by),
        origin=origin,
    )
    return Created(staff, password)
