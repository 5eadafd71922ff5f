"""The appkey and the access keys of a client, for wires that name and sign in another manner than ours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.access_keys import (
    IssuedAccessKey,
    find_by_appkey,
    find_signer,
    issue_access_key,
    revoke_access_key,
)
from accounts.errors import AccessKeyInvalid, AppkeyInvalid
from accounts.models import AccessKey, Client
from accounts.services import change_client
from audit.models import Event
from audit.parties import SYSTEM
from audit.sealed import SealBroken
from tests.api.cast import open_hotline

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return open_hotline().row


def issue(client: Client, *, days: int | None = None) -> IssuedAccessKey:
    expires_at = timezone.now() + timedelta(days=days) if days else None
    return issue_access_key(client=client, expires_at=expires_at, actor=SYSTEM, origin=None)


def test_a_pair_signs_as_hmac_sha1_asks_for(client: Client) -> None:
    issued = issue(client)
    signer = find_signer(key_id=issued.row.key_id)
    assert signer.client == client
    message = b"POST&%2F&Action%3DCreateToken"
    ours = hmac.new(signer.secret + b"&", message, hashlib.sha1).digest()
    theirs = hmac.new(issued.secret.encode() + b"&", message, hashlib.sha1).digest()
    assert base64.b64encode(ours) == base64.b64encode(theirs)


def test_the_secret_is_kept_sealed_and_named_nowhere(client: Client) -> None:
    issued = issue(client, days=90)
    row = AccessKey.objects.get()
    assert issued.secret not in row.secret
    assert (len(row.client.appkey or ""), len(row.key_id), len(issued.secret)) == (16, 24, 30)
    event = Event.objects.get(action="access_key.issued")
    assert event.object_id == row.key_id
    assert event.details["client"] == "hotline"
    assert issued.secret not in json.dumps(event.details)


def test_a_sealed_secret_opens_for_its_own_key_only(client: Client) -> None:
    first, second = issue(client).row, issue(client).row
    AccessKey.objects.filter(pk=first.pk).update(secret=second.secret)
    with pytest.raises(SealBroken):
        find_signer(key_id=first.key_id)


def test_the_appkey_names_the_client_and_stays_when_keys_change(client: Client) -> None:
    with pytest.raises(AppkeyInvalid):
        find_by_appkey(appkey="")
    old = issue(client)
    client.refresh_from_db()
    appkey = client.appkey or ""
    new = issue(client)
    assert {find_signer(key_id=pair.row.key_id).client for pair in (old, new)} == {client}, "they overlap"
    revoke_access_key(row=old.row, actor=SYSTEM, origin=None)
    with pytest.raises(AccessKeyInvalid):
        find_signer(key_id=old.row.key_id)
    assert find_by_appkey(appkey=appkey) == find_signer(key_id=new.row.key_id).client == client


def test_revoking_twice_is_recorded_once(client: Client) -> None:
    row = issue(client).row
    for _ in range(2):
        revoke_access_key(row=row, actor=SYSTEM, origin=None)
    assert Event.objects.filter(action="access_key.revoked", object_id=row.key_id).count() == 1


def test_expired_keys_and_closed_clients_look_like_unknown_ones(client: Client) -> None:
    expired, valid = issue(client, days=1).row, issue(client).row
    AccessKey.objects.filter(pk=expired.pk).update(
        created_at=timezone.now() - timedelta(days=2), expires_at=timezone.now() - timedelta(seconds=1)
    )
    change_client(client=client, fields={"is_active": False}, networks=None, actor=SYSTEM, origin=None)
    for key_id in (expired.key_id, valid.key_id, "", "unknown", "' OR 1=1", "\N{CJK UNIFIED IDEOGRAPH-4E2D}"):
        with pytest.raises(AccessKeyInvalid):
            find_signer(key_id=key_id)
    with pytest.raises(AppkeyInvalid):
        find_by_appkey(appkey=Client.objects.get().appkey)
