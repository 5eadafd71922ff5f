"""Security settings: never laxer than the floor, and never by one person."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts import policy
from accounts.errors import OwnProposal, ProposalGone
from accounts.models import Organisation, Policy, Role, Staff
from audit.models import Event
from audit.parties import Origin

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reference() -> None:
    call_command("load_reference", verbosity=0)


def person(role: str) -> Staff:
    return Staff.objects.create_staff(
        username=role.replace("_", "-"),
        display_name=role,
        password="irrelevant",
        role=Role.objects.get(code=role),
        organisation=Organisation.objects.get(code="default"),
    )


def propose(staff: Staff, *, address: str = "10.1.2.3", **fields: Any) -> Policy:
    return policy.propose(staff=staff, fields={"reason": "收紧"} | fields, origin=Origin(address=address))


def test_the_shipped_values_hold_until_somebody_changes_them() -> None:
    assert policy.current().lock_failures == 5
    assert policy.current().idle_minutes == 15


def test_a_proposal_changes_nothing_until_another_person_confirms() -> None:
    author, other = person("security_admin"), person("system_admin")
    waiting = propose(author, lock_failures=3)
    assert policy.current().lock_failures == 5
    with pytest.raises(OwnProposal):
        policy.decide(number=waiting.pk, staff=author, confirmed=True, origin=None)
    policy.decide(number=waiting.pk, staff=other, confirmed=True, origin=None)
    assert policy.current().lock_failures == 3
    event = Event.objects.get(action="policy.confirmed")
    assert event.details == {"lock_failures": [5, 3], "proposed_by": "security_admin"}
    with pytest.raises(ProposalGone):
        policy.decide(number=waiting.pk, staff=other, confirmed=True, origin=None)


def test_the_author_may_drop_it_and_a_newer_one_takes_its_place() -> None:
    author = person("security_admin")
    first = propose(author, idle_minutes=10)
    second = propose(author, idle_minutes=5)
    assert policy.pending() == second
    with pytest.raises(ProposalGone):
        policy.decide(number=first.pk, staff=person("system_admin"), confirmed=True, origin=None)
    policy.decide(number=second.pk, staff=author, confirmed=False, origin=None)
    assert policy.pending() is None
    assert policy.current().idle_minutes == 15


@pytest.mark.parametrize(
    "lax",
    [
        {"password_length": 7}, {"password_days": 91}, {"password_history": 4}, {"lock_failures": 6},
        {"lock_minutes": 29}, {"idle_minutes": 31}, {"session_hours": 13}, {"dormant_days": 91},
        {"address_failures": 101},
    ],
)  # fmt: skip
def test_nothing_laxer_than_the_floor(lax: dict[str, int]) -> None:
    author = person("security_admin")
    with pytest.raises(ValidationError):
        propose(author, **lax)
    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.create(proposed_by=author, reason="by hand", **lax)
    assert policy.pending() is None


def test_the_database_wants_two_persons_too() -> None:
    author = person("security_admin")
    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.create(proposed_by=author, decided_by=author, is_confirmed=True, reason="by hand")


@pytest.mark.parametrize(
    ("networks", "word"),
    [
        ({"nobody": ["10.0.0.0/8"]}, "没有角色"),
        ({"auditor": ["10.0.0.1/8"]}, "不是有效的网段"),
        ({"security_admin": ["192.0.2.0/24"]}, "您当前的地址"),
    ],
)
def test_a_wrong_network_is_named(networks: dict[str, list[str]], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        propose(person("security_admin"), networks=networks)


def test_a_role_comes_only_from_its_networks() -> None:
    author, auditor = person("security_admin"), person("auditor")
    assert policy.may_come_from(staff=auditor, address="203.0.113.9")
    waiting = propose(author, networks={"auditor": ["10.0.0.0/8", "2001:db8::/32"]})
    policy.decide(number=waiting.pk, staff=person("system_admin"), confirmed=True, origin=None)
    addresses = ("10.9.9.9", "::ffff:10.9.9.9", "2001:db8::7", "203.0.113.9", "", None)
    may = [policy.may_come_from(staff=auditor, address=address) for address in addresses]
    assert may == [True, True, True, False, False, False]
    assert policy.may_come_from(staff=author, address="203.0.113.9")
