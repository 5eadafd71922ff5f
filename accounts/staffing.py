"""What changes staff: accounts, their roles, their passwords; each act with its line of evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import lockout, passwords, sittings
from accounts.errors import OwnAccount, RoleNotGrantable
from accounts.models import Organisation, Role, Staff
from accounts.policy import current
from accounts.services import staff_actor, staff_target
from audit.parties import SYSTEM, Actor, Origin
from audit.services import record

# What a new account has until the security administrator grants more, see accounts.reference.
NO_ROLE = "pending"
# Roles that no administrator hands out.
NOT_GRANTED = (NO_ROLE, "bootstrap")


@transaction.atomic
def create_staff(
    *,
    username: str,
    display_name: str,
    password: str,
    role: Role,
    organisation: Organisation,
    actor: Actor,
    origin: Origin | None,
    must_change_password: bool = True,
) -> Staff:
    """A new account. Raises ValidationError."""
    staff = Staff.objects.create_staff(
        username=username,
        password=password,
        role=role,
        display_name=display_name,
        organisation=organisation,
        must_change_password=must_change_password,
    )
    passwords.remember(staff)
    record(
        action="staff.created",
        actor=actor,
        target=staff_target(staff),
        origin=origin,
        details={"role": role.code},
    )
    return staff


@transaction.atomic
def change_staff(*, staff: Staff, changed: Mapping[str, object], actor: Actor, origin: Origin | None) -> None:
    """Keeps a changed account; `changed` maps each field to [before, after]. Raises ValidationError."""
    if "is_active" in changed:
        staff.opened_at = timezone.now()
        staff.sitting = ""
    staff.full_clean(exclude=["password"])
    staff.save()
    closed = "is_active" in changed and not staff.is_active
    record(
        action="staff.disabled" if closed else "staff.changed",
        actor=actor,
        target=staff_target(staff),
        origin=origin,
        details=changed,
    )


@transaction.atomic
def grant_role(*, staff: Staff, role: Role, by: Staff, origin: Origin | None) -> None:
    """Gives the account its one role; what it could do before ends with its session.

    Raises OwnAccount for one's own, RoleNotGrantable for a role that is not handed out.
    """
    if staff.pk == by.pk:
        raise OwnAccount
    if role.code in NOT_GRANTED and role.code != NO_ROLE:
        raise RoleNotGrantable
    staff = Staff.objects.select_for_update(of=("self",)).select_related("role").get(pk=staff.pk)
    before = staff.role
    staff.role, staff.granted_by, staff.sitting = role, by, ""
    staff.save(update_fields=["role", "granted_by", "sitting"])
    record(
        action="role.granted",
        actor=staff_actor(by),
        target=staff_target(staff),
        origin=origin,
        details={"role": [before.code, role.code]},
    )


@transaction.atomic
def change_password(*, staff: Staff, password: str, origin: Origin | None) -> None:
    """The person's own change of password; the caller has checked the old one and the new one's strength."""
    _set_password(staff, password, must_change=False)
    record(
        action="staff.password_changed", actor=staff_actor(staff), target=staff_target(staff), origin=origin
    )


@transaction.atomic
def reset_password(*, staff: Staff, by: Staff, origin: Origin | None) -> str:
    """A new initial password, to be told to the person and changed at the next login. Raises OwnAccount."""
    if staff.pk == by.pk:
        raise OwnAccount
    password = passwords.initial_password()
    _set_password(staff, password, must_change=True)
    sittings.end(staff)
    lockout.forget(staff)
    record(action="staff.password_reset", actor=staff_actor(by), target=staff_target(staff), origin=origin)
    return password


@transaction.atomic
def reopen(*, staff: Staff, actor: Actor) -> str:
    """Opens a closed account with a new initial password, on the word of whoever runs the machine."""
    password = passwords.initial_password()
    staff.is_active, staff.opened_at, staff.sitting = True, timezone.now(), ""
    staff.save(update_fields=["is_active", "opened_at", "sitting"])
    _set_password(staff, password, must_change=True)
    lockout.forget(staff)
    record(action="staff.password_reset", actor=actor, target=staff_target(staff), code="reopened")
    return password


@transaction.atomic
def unlock(*, staff: Staff, by: Staff, origin: Origin | None) -> None:
    """Ends a lock before its time. Raises OwnAccount."""
    if staff.pk == by.pk:
        raise OwnAccount
    lockout.forget(staff)
    record(action="staff.unlocked", actor=staff_actor(by), target=staff_target(staff), origin=origin)


@transaction.atomic
def close_dormant() -> int:
    """Closes the accounts that nobody has used for as long as the policy allows; how many."""
    longest = timezone.now() - timedelta(days=current().dormant_days)
    unused = Q(last_login__lt=longest) | Q(last_login__isnull=True)
    found = Staff.objects.select_for_update().filter(unused, is_active=True, opened_at__lt=longest)
    for staff in found:
        staff.is_active, staff.sitting = False, ""
        staff.save(update_fields=["is_active", "sitting"])
        record(
            action="staff.disabled",
            actor=SYSTEM,
            target=staff_target(staff),
            code="dormant",
            details={"last_login": staff.last_login and staff.last_login.isoformat()},
        )
    return len(found)


def _set_password(staff: Staff, password: str, *, must_change: bool) -> None:
    staff.set_password(password)
    staff.password_set_at = timezone.now()
    staff.must_change_password = must_change
    staff.save(update_fields=["password", "password_set_at", "must_change_password"])
    passwords.remember(staff)
