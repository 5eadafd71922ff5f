"""The security settings that hold now, and how two persons change them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import OwnProposal, ProposalGone
from accounts.fields import validate_network
from accounts.models import Policy, Role, Staff
from accounts.networks import contains, parse_address
from accounts.services import staff_actor
from audit.parties import Origin, Target
from audit.services import record


def current() -> Policy:
    """The policy in force: the last confirmed one, else the shipped values (unsaved)."""
    return Policy.objects.filter(is_confirmed=True).first() or Policy()


def pending() -> Policy | None:
    """The proposal that waits for a second person."""
    return Policy.objects.filter(decided_at=None).select_related("proposed_by").first()


def password_age(policy: Policy) -> timedelta:
    return timedelta(days=policy.password_days)


def may_come_from(*, staff: Staff, address: str | None) -> bool:
    """Whether the role's list of networks holds the address; a role without a list may come from anywhere."""
    networks = current().networks.get(staff.role.code, [])
    if not networks:
        return True
    found = parse_address(address or "")
    return found is not None and contains(networks, found)


@transaction.atomic
def propose(*, staff: Staff, fields: Mapping[str, Any], origin: Origin | None) -> Policy:
    """Puts a change before a second person; an older proposal that nobody decided gives way.

    Raises ValidationError naming the field that is too lax, no network, or would lock its author out.
    """
    Policy.objects.filter(decided_at=None).update(decided_at=timezone.now(), decided_by=staff)
    before = current()
    policy = Policy(proposed_by=staff, **fields)
    _check_networks(policy, staff, origin)
    policy.full_clean()
    policy.save()
    record(
        action="policy.proposed",
        actor=staff_actor(staff),
        target=_target(policy),
        origin=origin,
        details=differences(before, policy) | {"reason": policy.reason},
    )
    return policy


@transaction.atomic
def decide(*, number: int, staff: Staff, confirmed: bool, origin: Origin | None) -> Policy:
    """Lets the waiting proposal hold from now on, or drops it. Raises ProposalGone, OwnProposal."""
    policy = Policy.objects.select_for_update().filter(pk=number, decided_at=None).first()
    if policy is None:
        raise ProposalGone
    if confirmed and policy.proposed_by_id == staff.pk:
        raise OwnProposal
    changes = differences(current(), policy)
    policy.decided_by, policy.decided_at, policy.is_confirmed = staff, timezone.now(), confirmed
    policy.save(update_fields=["decided_by", "decided_at", "is_confirmed"])
    record(
        action="policy.confirmed" if confirmed else "policy.dropped",
        actor=staff_actor(staff),
        target=_target(policy),
        origin=origin,
        details=changes | {"proposed_by": str(policy.proposed_by)},
    )
    return policy


def differences(before: Policy, after: Policy) -> dict[str, Any]:
    """Field -> [before, after] of what differs."""
    names = (*Policy.BOUNDS, "networks")
    pairs = {name: [getattr(before, name), getattr(after, name)] for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _check_networks(policy: Policy, staff: Staff, origin: Origin | None) -> None:
    known = set(Role.objects.values_list("code", flat=True))
    for role, networks in policy.networks.items():
        if role not in known:
            raise ValidationError({"networks": _("没有角色“%(role)s”。") % {"role": role}})
        for network in networks:
            try:
                validate_network(network)
            except ValidationError as error:
                raise ValidationError({"networks": error}) from None
    own = policy.networks.get(staff.role.code, [])
    address = parse_address((origin and origin.address) or "")
    if own and address is not None and not contains(own, address):
        raise ValidationError(
            {
                "networks": _("您当前的地址 %(address)s 不在本角色的网段内，生效后将无法登录。")
                % {"address": address}
            }
        )


def _target(policy: Policy) -> Target:
    return Target(type="policy", id=str(policy.pk), name=_("安全策略"))
