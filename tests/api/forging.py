"""Tokens with something wrong about them, and the clients that a running platform is sent them for."""

from __future__ import annotations

import base64
import hmac
import json
import time
from itertools import chain
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from accounts.models import ApiKey, Notice, Role, Webhook
from accounts.services import issue_key, replace_networks, revoke_key
from accounts.signing import signer
from accounts.webhooks import notify
from audit.parties import SYSTEM, Target
from audit.sealed import seal
from tests.api.cast import open_hotline
from tests.portal.broadcasts.cast import official
from tests.synthesis.screening.cast import forbid

FORBIDDEN = "禁言样词"
PEOPLE = ("editor", "reviewer", "security_admin", "system_admin", "auditor")


def forge(*, by: Any = None, head: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token of ours with something changed; a claim of None is left out."""
    secret = ApiKey.objects.filter(kind="secret", client__code="hotline").first()
    prefix = secret.prefix if secret else ""
    kid, own = signer()
    now = int(time.time())
    payload = {
        "iss": "govvoice",
        "aud": "govvoice-api",
        "sub": "hotline",
        "key": prefix,
        "jti": "j",
        "iat": now,
        "nbf": now,
        "exp": now + 600,
    } | claims
    payload = {name: value for name, value in payload.items() if value is not None}
    headers = {"kid": kid, "typ": "at+jwt", **(head or {})}
    return jwt.encode(payload, own if by is None else by, algorithm="EdDSA", headers=headers)


def piece(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def table_cast() -> str:
    """Opens the clients of the table in this database; their keys and some tokens, as JSON."""
    hotline, slow, far = open_hotline(), open_hotline("slow", calls_per_minute=10), open_hotline("far")
    replace_networks(client=far.row, networks=["10.0.0.0/8"], actor=SYSTEM, origin=None)
    poor, gone = open_hotline("poor", characters_per_day=3), open_hotline("gone")
    picky, other = open_hotline("picky", voices=["another"], default_voice="another"), open_hotline("other")
    forbid(FORBIDDEN)
    revoke_key(row=ApiKey.objects.get(client=gone.row), actor=SYSTEM, origin=None)
    made: Any = {who.row.code: who.key for who in (hotline, slow, far, poor, gone, picky, other)}
    kind = ApiKey.Kind.SECRET
    made["secret"] = issue_key(client=hotline.row, expires_at=None, actor=SYSTEM, origin=None, kind=kind).key
    return json.dumps(made | {f"token {name}": token for name, token in _tokens().items()})


def people_cast() -> str:
    """Opens an account for each role whose people are asked for bad things; role -> login name, as JSON.

    Accounts of their own: each has one session, and other tests sit in those of the first run.
    """
    both = Role.objects.filter(code__in=["editor", "reviewer"]).values_list("permissions", flat=True)
    Role.objects.create(code="chief", name="编审", duty="business", permissions=sorted({*chain(*both)}))
    people = {role: official(role, f"wire-{role.replace('_', '-')}") for role in (*PEOPLE, "chief")}
    return json.dumps({role: who.staff.username for role, who in people.items()})


def notice_cast(url: str) -> str:
    """Puts down a notice for the client "told", whose address nobody has judged; its number."""
    client = open_hotline("told").row
    secret = seal(b"secret", purpose=Webhook(client=client).purpose)
    Webhook.objects.create(client=client, url=url, secret=secret, set_by="-")
    notify(client_code=client.code, event="review.decided", subject=Target(type="review", id="1"), data={})
    return str(Notice.objects.get(client=client).pk)


def pair_cast() -> str:
    """Opens the clients that call two processes, likewise."""
    opened = {name: open_hotline(name.replace(" ", "-")) for name in ("pair", "gone soon", "moved")}
    made = {name: who.key for name, who in opened.items()}
    kind, pair = ApiKey.Kind.SECRET, opened["pair"].row
    made["secret"] = issue_key(client=pair, expires_at=None, actor=SYSTEM, origin=None, kind=kind).key
    return json.dumps(made | {"ten": open_hotline("ten", calls_per_minute=10).key})


def _tokens() -> dict[str, str]:
    now, (kid, key) = int(time.time()), signer()
    head, payload, signature = forge().split(".")
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        "good": forge(),
        "expired": forge(iat=now - 700, nbf=now - 700, exp=now - 100),
        "early": forge(nbf=now + 3_600),
        "of an hour ago": forge(iat=now - 3_600, nbf=now - 3_600, exp=now - 3_000),
        "of an hour ahead": forge(iat=now + 3_600, nbf=now + 3_600, exp=now + 4_200),
        "endless": forge(exp=10**20),
        "without end": forge(exp=None),
        "end in words": forge(exp=str(now + 600)),
        **{f"alg {name}": f"{_headed(kid, name)}.{payload}." for name in ("none", "None", "nOnE")},
        "alg changed": f"{_headed(kid, 'ES256')}.{payload}.{signature}",
        "public key as secret": _by_hmac(f"{_headed(kid, 'HS256')}.{payload}", public),
        "without signature": f"{head}.{payload}.",
        "of another key": forge(by=Ed25519PrivateKey.generate()),
        "kid path": forge(head={"kid": "../../dev/null"}),
        "kid SQL": forge(head={"kid": "' OR 1=1"}),
        "jku": forge(head={"jku": "http://127.0.0.1:1/"}),
        "x5u": forge(head={"x5u": "http://127.0.0.1:1/"}),
        "jwk": forge(head={"jwk": {"kty": "OKP"}}),
        "for others": forge(aud="others"),
        "from others": forge(iss="others"),
        "of another type": forge(head={"typ": "rt+jwt"}),
        "crit": forge(head={"crit": ["exp"]}),
        "NUL": forge(jti="a\0"),
        "surrogate": forge(jti="\ud800"),
        "deep": f"{piece(_nested(200))}.b.c",
    }


def _headed(kid: str, algorithm: str) -> str:
    return piece({"alg": algorithm, "typ": "at+jwt", "kid": kid})


def _by_hmac(said: str, secret: bytes) -> str:
    mark = hmac.digest(secret, said.encode(), "sha256")
    return f"{said}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"


def _nested(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found
