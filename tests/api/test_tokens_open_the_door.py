"""A client's secret becomes a token: it opens the door for ten minutes, unless somebody says otherwise."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection as database
from django.http import HttpResponse
from django.utils import timezone

from accounts import signing
from accounts.errors import TokenInvalid
from accounts.models import ApiKey, RevokedToken, SigningKey
from accounts.services import change_client, issue_key, replace_networks, revoke_key
from accounts.signing import signer
from accounts.tokens import LONGEST
from audit.models import Event
from audit.parties import SYSTEM, session_mark
from govvoice.api.auth import REMEMBER_SECONDS, _Remembered, remembered
from tests.api.cast import Hotline, assert_refused, open_hotline
from tests.api.forging import forge, piece

pytestmark = pytest.mark.django_db

TOKEN = "/api/v1/auth/token"
REVOKE = "/api/v1/auth/revoke"
VOICES = "/api/v1/voices"


def secret_of(hotline: Hotline) -> str:
    kind = ApiKey.Kind.SECRET
    return issue_key(client=hotline.row, expires_at=None, actor=SYSTEM, origin=None, kind=kind).key


def ask(hotline: Hotline, *, client_id: Any, client_secret: Any) -> HttpResponse:
    body = json.dumps({"client_id": client_id, "client_secret": client_secret}).encode()
    return hotline.call("POST", TOKEN, body=body, headers={})


def token_of(hotline: Hotline, secret: str | None = None) -> str:
    response = ask(hotline, client_id=hotline.row.code, client_secret=secret or secret_of(hotline))
    assert response.status_code == 200, response.content
    return str(json.loads(response.content)["access_token"])


def with_token(hotline: Hotline, token: str) -> HttpResponse:
    return hotline.call("GET", VOICES, headers={"Authorization": f"Bearer {token}"})


def test_a_secret_is_given_for_a_token_and_that_opens_the_door(hotline: Hotline) -> None:
    response = ask(hotline, client_id="hotline", client_secret=secret_of(hotline))
    answer = json.loads(response.content)
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 600)
    assert response["Cache-Control"] == "no-store"
    assert with_token(hotline, answer["access_token"]).status_code == 200
    header = jwt.get_unverified_header(answer["access_token"])
    assert header == {"alg": "EdDSA", "typ": "at+jwt", "kid": SigningKey.objects.get().kid}
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    event = Event.objects.get(action="token.issued")
    assert (event.actor_id, event.object_id) == ("hotline", claims["jti"])
    assert answer["access_token"] not in json.dumps(event.details)


def test_an_event_says_what_the_client_proved_itself_with(hotline: Hotline) -> None:
    token = token_of(hotline)
    jti = jwt.decode(token, options={"verify_signature": False})["jti"]
    hotline.address = "192.0.2.9"  # a refusal leaves an event for each call
    by_token = with_token(hotline, token)["X-Request-Id"]
    by_key = hotline.call("GET", VOICES, headers={"X-Api-Key": hotline.key})["X-Request-Id"]
    events = {event.request_id: (event.auth_method, event.session) for event in Event.objects.all()}
    assert events[by_token] == ("token", session_mark(jti))
    assert events[by_key] == ("api_key", session_mark(ApiKey.objects.get(kind=ApiKey.Kind.KEY).prefix))
    assert Event.objects.get(action="token.issued").auth_method == "secret"


@pytest.mark.parametrize("client_id", ["nobody", "\0", "../etc", "' OR 1=1", "热线"])
def test_a_wrong_name_and_a_wrong_secret_look_alike(hotline: Hotline, client_id: str) -> None:
    secret = secret_of(hotline)
    wrong_name = assert_refused(
        ask(hotline, client_id=client_id, client_secret=secret), 401, "client_invalid"
    )
    other = ask(hotline, client_id="hotline", client_secret=secret[:-1] + "-")
    assert assert_refused(other, 401, "client_invalid") | {"request_id": ""} == wrong_name | {
        "request_id": ""
    }


def test_a_key_fetches_no_token_and_a_secret_opens_no_door(hotline: Hotline) -> None:
    assert_refused(ask(hotline, client_id="hotline", client_secret=hotline.key), 401, "client_invalid")
    assert_refused(with_token(hotline, secret_of(hotline)), 401, "key_invalid")


def test_a_token_is_given_only_where_its_client_may_call_from(hotline: Hotline) -> None:
    secret, hotline.address = secret_of(hotline), "192.0.2.9"
    assert_refused(ask(hotline, client_id="hotline", client_secret=secret), 403, "ip_mismatch")


def test_a_token_opens_only_in_its_clients_networks(hotline: Hotline) -> None:
    token = token_of(hotline)
    hotline.address = "192.0.2.9"
    response = with_token(hotline, token)
    assert_refused(response, 403, "ip_mismatch")
    event = Event.objects.get(request_id=response["X-Request-Id"])
    assert (event.actor_id, event.address) == ("hotline", "192.0.2.9")


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
def test_what_is_missing_is_named(hotline: Hotline, missing: str) -> None:
    body = {"client_id": "hotline", "client_secret": "x"}
    del body[missing]
    response = hotline.call("POST", TOKEN, body=json.dumps(body).encode(), headers={})
    assert_refused(response, 422, f"{missing}_required")


def test_fetching_tokens_counts_as_calls(voice: Any) -> None:
    hotline = open_hotline(calls_per_minute=2)
    secret = secret_of(hotline)
    token_of(hotline, secret)
    token_of(hotline, secret)
    assert_refused(ask(hotline, client_id="hotline", client_secret=secret), 429, "rate_limited")


# --- what is revoked is out within a second --------------------------------------------------------------


def revoke_itself(hotline: Hotline, token: str) -> None:
    response = hotline.post(json.dumps({"token": token}).encode(), path=REVOKE)
    assert response.status_code == 204
    assert Event.objects.filter(action="token.revoked", actor_id="hotline").count() == 1


def revoke_secret(hotline: Hotline, token: str) -> None:
    revoke_key(row=ApiKey.objects.get(kind="secret"), actor=SYSTEM, origin=None)


def close_client(hotline: Hotline, token: str) -> None:
    change_client(client=hotline.row, fields={"is_active": False}, networks=None, actor=SYSTEM, origin=None)


def expire_client(hotline: Hotline, token: str) -> None:
    hotline.row.expires_at = timezone.now()
    hotline.row.save()


def close_organisation(hotline: Hotline, token: str) -> None:
    hotline.row.organisation.is_active = False
    hotline.row.organisation.save()


def change_keys_at_once(hotline: Hotline, token: str) -> None:
    signing.rotate(actor=SYSTEM, origin=None, at_once=True)


@pytest.mark.parametrize(
    "act",
    [revoke_itself, revoke_secret, close_client, expire_client, close_organisation, change_keys_at_once],
)
def test_what_is_revoked_is_out_within_a_second(
    hotline: Hotline, act: Callable[[Hotline, str], None]
) -> None:
    token = token_of(hotline)
    assert with_token(hotline, token).status_code == 200
    act(hotline, token)
    time.sleep(REMEMBER_SECONDS)
    assert_refused(with_token(hotline, token), 401, "token_invalid")


def test_every_process_shuts_out_a_revoked_token(hotline: Hotline) -> None:
    """Processes share nothing but the database: each has a memory of its own, as these two."""
    token = token_of(hotline)
    memories = (_Remembered(), _Remembered())
    assert [memory.find(token).client.code for memory in memories] == ["hotline", "hotline"]
    revoke_itself(hotline, token)
    time.sleep(REMEMBER_SECONDS)
    for memory in memories:
        with pytest.raises(TokenInvalid):
            memory.find(token)


def test_networks_taken_away_close_to_tokens_too(hotline: Hotline) -> None:
    token = token_of(hotline)
    replace_networks(client=hotline.row, networks=["10.0.0.0/8"], actor=SYSTEM, origin=None)
    remembered.forget()
    assert_refused(with_token(hotline, token), 403, "ip_mismatch")


def test_only_ones_own_tokens_can_be_revoked(hotline: Hotline) -> None:
    other = open_hotline("other")
    for text in (token_of(other), "a.b.c", "nothing"):
        response = hotline.post(json.dumps({"token": text}).encode(), path=REVOKE)
        assert_refused(response, 422, "token_invalid")
    assert not RevokedToken.objects.exists()


# --- keys change -----------------------------------------------------------------------------------------


def test_keys_change_without_anybody_noticing(hotline: Hotline) -> None:
    before = token_of(hotline)
    row = signing.rotate(actor=SYSTEM, origin=None)
    after = token_of(hotline)
    assert jwt.get_unverified_header(after)["kid"] == row.kid != jwt.get_unverified_header(before)["kid"]
    remembered.forget()
    assert [with_token(hotline, token).status_code for token in (before, after)] == [200, 200]
    assert Event.objects.filter(action="signing_key.changed", object_id=row.kid).exists()


def test_house_is_kept(hotline: Hotline) -> None:
    token_of(hotline)
    SigningKey.objects.update(created_at=timezone.now() - signing.CHANGED_EVERY)
    RevokedToken.objects.create(jti="old", expires_at=timezone.now() - timedelta(minutes=1))
    RevokedToken.objects.create(jti="new", expires_at=timezone.now() + timedelta(minutes=1))
    signing.keep_house()
    assert SigningKey.objects.count() == 2
    assert [row.jti for row in RevokedToken.objects.all()] == ["new"]
    SigningKey.objects.filter(signs=False).update(closes_at=timezone.now())
    signing.keep_house()
    assert [row.signs for row in SigningKey.objects.all()] == [True]


def test_the_private_half_is_not_in_the_database(hotline: Hotline) -> None:
    _kid, key = signer()
    raw = key.private_bytes_raw()
    kept = SigningKey.objects.get().private_key
    assert base64.b64encode(raw).decode() not in kept
    assert raw.hex() not in kept


@pytest.mark.django_db(transaction=True)
def test_of_many_who_need_the_first_key_one_makes_it() -> None:
    found: list[str] = []

    def run() -> None:
        found.append(signer()[0])
        database.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 8
    assert set(found) == {SigningKey.objects.get().kid}


# --- tokens that are none --------------------------------------------------------------------------------


@pytest.fixture
def opened(hotline: Hotline) -> Hotline:
    """A client with a secret, for which a token made by hand is good if nothing is wrong with it."""
    secret_of(hotline)
    assert with_token(hotline, forge()).status_code == 200
    return hotline


@pytest.mark.parametrize(
    "claims",
    [
        {"nbf": lambda now: now + 60},
        {"iat": lambda now: now + 60},
        {"exp": None},
        {"nbf": None},
        {"iat": None},
        {"jti": None},
        {"sub": None},
        {"key": None},
        {"exp": lambda now: str(now + 600)},
        {"exp": 10**20},
        {"exp": lambda now: now + 86_400},
        {"exp": "tomorrow"},
        {"jti": 7},
        {"aud": "another"},
        {"aud": ["govvoice-api", "another"]},
        {"aud": None},
        {"iss": "another"},
        {"iss": None},
        {"sub": "other"},
        {"sub": "../hotline"},
        {"key": "aaaaaaaaaa"},
    ],
    ids=",".join,
)
def test_a_token_that_says_something_else_is_invalid(opened: Hotline, claims: dict[str, Any]) -> None:
    now = int(time.time())
    given = {name: value(now) if callable(value) else value for name, value in claims.items()}
    assert_refused(with_token(opened, forge(**given)), 401, "token_invalid")


def test_an_expired_token_is_told_to_be_fetched_anew(opened: Hotline) -> None:
    now = int(time.time())
    token = forge(iat=now - 630, nbf=now - 630, exp=now - 30)
    response = with_token(opened, token)
    assert_refused(response, 401, "token_expired")
    assert response["WWW-Authenticate"] == 'Bearer realm="govvoice"'


@pytest.mark.parametrize(
    "head",
    [
        {"typ": "JWT"},
        {"typ": "rt+jwt"},
        {"typ": None},
        {"kid": "0" * 16},
        {"kid": "../../dev/null"},
        {"kid": "' OR 1=1 --"},
        {"jku": "http://127.0.0.1:1/keys"},
        {"x5u": "http://127.0.0.1:1/cert"},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}},
        {"crit": ["exp"]},
    ],
    ids=str,
)
def test_a_head_that_asks_for_something_else_is_invalid(opened: Hotline, head: dict[str, Any]) -> None:
    assert_refused(with_token(opened, forge(head=head)), 401, "token_invalid")


def test_a_token_of_another_key_is_invalid(opened: Hotline) -> None:
    token = forge(by=Ed25519PrivateKey.generate())
    assert_refused(with_token(opened, token), 401, "token_invalid")


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "HS256", "RS256", "ES256", "", 7, None])
def test_no_other_algorithm_is_let_in(opened: Hotline, algorithm: Any) -> None:
    _head, payload, signature = forge().split(".")
    kid, own = signer()
    head = piece({"alg": algorithm, "typ": "at+jwt", "kid": kid})
    public = own.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    mac = hmac.new(public, f"{head}.{payload}".encode(), hashlib.sha256).digest()
    by_mac = base64.urlsafe_b64encode(mac).decode().rstrip("=")
    for end in ("", signature, by_mac):
        assert_refused(with_token(opened, f"{head}.{payload}.{end}"), 401, "token_invalid")


def test_a_changed_or_missing_signature_is_invalid(opened: Hotline) -> None:
    head, payload, signature = forge().split(".")
    other = piece({"sub": "other"})
    for token in (
        f"{head}.{payload}.",
        f"{head}.{other}.{signature}",
        f"{head}.{payload}.{signature[:-4]}AAAA",
    ):
        assert_refused(with_token(opened, token), 401, "token_invalid")


@pytest.mark.parametrize(
    "token",
    [
        "a.b.c",
        "..",
        piece([]) + ".e30.",
        base64.urlsafe_b64encode(b"[" * 1_200).decode().rstrip("=") + ".e30.AA",
        base64.urlsafe_b64encode(b'{"kid":' * 200).decode().rstrip("=") + ".e30.AA",
        "a" * LONGEST + ".b.c",
        "a" * 1_000_000 + ".b.c",
        "a.b.c.d.e",
    ],
    ids=lambda token: str(token)[:12],
)
def test_what_only_looks_like_a_token_is_refused(hotline: Hotline, token: str) -> None:
    response = with_token(hotline, token)
    code = "token_invalid" if token.count(".") == 2 and token != ".." else "key_invalid"
    assert_refused(response, 401, code)
