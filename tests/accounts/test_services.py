"""Clients and their keys: every change is checked, recorded, and undone with its transaction."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.errors import AddressRefused, KeyInvalid
from accounts.models import ApiKey, Client, Organisation
from accounts.services import (
    change_client,
    check_address,
    create_client,
    find_client,
    issue_key,
    note_call,
    replace_networks,
    revoke_key,
)
from audit.models import Event
from audit.parties import SYSTEM, Actor, Origin

pytestmark = pytest.mark.django_db

ADMIN = Actor(kind="staff", id="7", name="安全管理员")


@pytest.fixture
def organisation() -> Organisation:
    return Organisation.objects.create(code="centre", name="热线中心")


@pytest.fixture
def client_system(organisation: Organisation) -> Client:
    return create_client(
        fields={"code": "menu", "name": "语音导航", "organisation": organisation},
        networks=["10.1.0.0/16", "2001:db8::/32"],
        actor=ADMIN,
        origin=None,
    )


def key_of(client: Client) -> str:
    return issue_key(client=client, expires_at=None, actor=ADMIN, origin=None).key


def actions() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("action", flat=True))


def test_a_new_client_is_recorded_with_its_networks(client_system: Client) -> None:
    assert actions() == ["network.changed", "client.created"]
    assert Event.objects.get(action="network.changed").details["after"] == ["10.1.0.0/16", "2001:db8::/32"]


@pytest.mark.parametrize("network", ["10.1.0.1/16", "::ffff:10.0.0.0/104", "anywhere", "10.0.0.0/8; DROP"])
def test_a_wrong_network_leaves_nothing_behind(client_system: Client, network: str) -> None:
    with pytest.raises(ValidationError):
        replace_networks(client=client_system, networks=["10.2.0.0/16", network], actor=ADMIN, origin=None)
    assert {row.network for row in client_system.networks.all()} == {"10.1.0.0/16", "2001:db8::/32"}
    assert actions() == ["network.changed", "client.created"]


def test_the_same_networks_again_are_no_change(client_system: Client) -> None:
    replace_networks(
        client=client_system, networks=["2001:db8::/32", "10.1.0.0/16"], actor=ADMIN, origin=None
    )
    assert actions().count("network.changed") == 1


def test_a_key_is_recorded_without_itself_and_finds_its_client(client_system: Client) -> None:
    key = key_of(client_system)
    assert find_client(key=key) == client_system
    event = Event.objects.get(action="key.issued")
    assert event.object_id == ApiKey.objects.get().prefix
    assert key not in str(event.__dict__)


@pytest.mark.parametrize("key", ["", "gv_x", "gv_aaaaaaaaaa_" + "A" * 43, "' OR 1=1 --", "钥匙"])
def test_a_strange_key_finds_nobody(client_system: Client, key: str) -> None:
    with pytest.raises(KeyInvalid):
        find_client(key=key)


def test_a_key_with_another_secret_finds_nobody(client_system: Client) -> None:
    key = key_of(client_system)
    with pytest.raises(KeyInvalid):
        find_client(key=key[:-43] + "A" * 43)


def test_a_revoked_key_finds_nobody_and_is_revoked_once(client_system: Client) -> None:
    key = key_of(client_system)
    for _ in range(2):
        revoke_key(row=ApiKey.objects.get(), actor=ADMIN, origin=None)
    with pytest.raises(KeyInvalid):
        find_client(key=key)
    assert actions().count("key.revoked") == 1


def test_an_expired_key_finds_nobody(client_system: Client) -> None:
    key = key_of(client_system)
    past = timezone.now() - timedelta(minutes=1)
    ApiKey.objects.update(created_at=past - timedelta(days=1), expires_at=past)
    with pytest.raises(KeyInvalid):
        find_client(key=key)


def test_a_key_cannot_expire_before_it_is_issued(client_system: Client) -> None:
    with pytest.raises(ValidationError):
        issue_key(
            client=client_system, expires_at=timezone.now() - timedelta(days=1), actor=ADMIN, origin=None
        )
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("close", ["client", "expiry", "department"])
def test_a_closed_client_is_not_found(client_system: Client, close: str) -> None:
    key = key_of(client_system)
    if close == "client":
        Client.objects.update(is_active=False)
    elif close == "expiry":
        Client.objects.update(expires_at=timezone.now())
    else:
        Organisation.objects.update(is_active=False)
    with pytest.raises(KeyInvalid):
        find_client(key=key)


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1"])
def test_a_listed_address_passes(client_system: Client, address: str) -> None:
    check_address(client_system, Origin(address=address))


@pytest.mark.parametrize("address", ["10.2.0.1", "2001:db9::1", None, "", "garbage"])
def test_any_other_address_is_refused(client_system: Client, address: str | None) -> None:
    with pytest.raises(AddressRefused):
        check_address(client_system, Origin(address=address))


def test_a_client_without_networks_may_not_call(client_system: Client) -> None:
    replace_networks(client=client_system, networks=[], actor=ADMIN, origin=None)
    with pytest.raises(AddressRefused):
        check_address(Client.objects.get(), Origin(address="10.1.2.3"))


def test_a_change_is_recorded_with_before_and_after(client_system: Client) -> None:
    change_client(
        client=client_system,
        fields={"calls_per_second": 5, "name": "语音导航"},
        networks=None,
        actor=ADMIN,
        origin=None,
    )
    assert Event.objects.get(action="client.changed").details == {"calls_per_second": ["20", "5"]}


def test_a_change_that_changes_nothing_leaves_no_line(client_system: Client) -> None:
    change_client(client=client_system, fields={"name": "语音导航"}, networks=None, actor=ADMIN, origin=None)
    assert "client.changed" not in actions()


def test_a_limit_of_nothing_is_refused(client_system: Client) -> None:
    with pytest.raises(ValidationError):
        change_client(
            client=client_system, fields={"calls_per_second": 0}, networks=None, actor=ADMIN, origin=None
        )


def test_the_last_call_is_kept_to_the_minute(client_system: Client) -> None:
    note_call(client_system)
    first = Client.objects.get().last_call_at
    assert first is not None
    note_call(client_system)
    assert Client.objects.get().last_call_at == first
    client_system.last_call_at = first - timedelta(minutes=2)
    note_call(client_system)
    assert Client.objects.get().last_call_at != first


def test_two_clients_share_neither_code_nor_name(client_system: Client, organisation: Organisation) -> None:
    for fields in ({"code": "menu", "name": "另一个"}, {"code": "other", "name": "语音导航"}):
        with pytest.raises(ValidationError):
            create_client(
                fields={**fields, "organisation": organisation}, networks=[], actor=SYSTEM, origin=None
            )
    assert Client.objects.count() == 1
