"""Access tokens of client systems: JWT (RFC 7519) in the manner of RFC 9068, signed with EdDSA.

A token says which client it was given to and by which of its secrets, and nothing about what the client may
do: that is looked up at every call, so that a change acts on tokens that are out already. The header holds
exactly `alg`, `kid` and `typ`; one that asks for more to be followed (jku, x5u, jwk, crit) is none of ours.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import jwt
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.errors import ClientInvalid, KeyInvalid, TokenExpired, TokenInvalid
from accounts.models import ApiKey, Client, RevokedToken, TokenOut
from accounts.services import client_actor, client_target, find_key
from accounts.signing import LEEWAY, LIFETIME, signer, verifier
from audit.parties import Actor, Origin, Target
from audit.services import record

ALGORITHM = "EdDSA"
TYPE = "at+jwt"
ISSUER = "govvoice"
AUDIENCE = "govvoice-api"
LONGEST = 2_048  # characters; ours have about 500

_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_KID = re.compile(r"[0-9a-f]{16}")
_TEXT = re.compile(r"[!-~]+")
_TEXTS = ("iss", "sub", "aud", "jti", "key")
_TIMES = ("iat", "nbf", "exp")


@dataclass(frozen=True, slots=True)
class Claims:
    """`key` is the prefix of the secret that fetched the token; times are seconds since 1970."""

    client: str
    key: str
    jti: str
    issued: int
    expires: int


@dataclass(frozen=True, slots=True)
class IssuedToken:
    token: str
    claims: Claims

    @property
    def seconds(self) -> int:
        return self.claims.expires - self.claims.issued


def looks_like_token(text: str) -> bool:
    return _FORM.fullmatch(text) is not None


def find_secret(*, client: str, secret: str) -> ApiKey:
    """The valid secret of that open client. Raises ClientInvalid, whichever of the two is wrong."""
    try:
        row = find_key(key=secret, kind=ApiKey.Kind.SECRET)
    except KeyInvalid:
        raise ClientInvalid from None
    if row.client.code != client:
        raise ClientInvalid
    return row


@transaction.atomic
def issue_token(*, secret: ApiKey, origin: Origin | None) -> IssuedToken:
    """A token for the client of that secret."""
    now = int(time.time())
    expires = now + int(LIFETIME.total_seconds())
    claims = Claims(secret.client.code, secret.prefix, secrets.token_hex(16), now, expires)
    address = (origin.address if origin else None) or ""
    TokenOut.objects.create(
        client=secret.client,
        jti=claims.jti,
        key=claims.key,
        address=address[:64],
        issued_at=_moment(now),
        expires_at=_moment(expires),
    )
    record(
        action="token.issued",
        actor=client_actor(secret.client),
        target=_target(claims),
        origin=origin,
        details={"key": claims.key, "expires_at": _moment(claims.expires).isoformat()},
    )
    return IssuedToken(_sign(claims), claims)


def read_token(token: str) -> Claims:
    """What a token of ours that holds now says. Raises TokenInvalid, TokenExpired."""
    if len(token) > LONGEST or not looks_like_token(token):
        raise TokenInvalid
    try:
        return _read(token)
    except jwt.ExpiredSignatureError:
        raise TokenExpired from None
    # A header of ours is flat; one that is deeper than Python can go is not.
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise TokenInvalid from None


def find_token_client(claims: Claims) -> Client:
    """The open client of a token that nobody has revoked, nor its secret. Raises TokenInvalid."""
    row = (
        ApiKey.objects.select_related("client__organisation")
        .prefetch_related("client__networks")
        .filter(prefix=claims.key, kind=ApiKey.Kind.SECRET, client__code=claims.client)
        .first()
    )
    revoked = RevokedToken.objects.filter(jti=claims.jti).exists()
    if row is None or revoked or not (row.is_valid and row.client.is_open):
        raise TokenInvalid
    return row.client


def standing_tokens(client: Client) -> QuerySet[TokenOut]:
    """The client's tokens that have neither expired nor been revoked, newest first."""
    revoked = RevokedToken.objects.filter(jti=OuterRef("jti"))
    return TokenOut.objects.filter(~Exists(revoked), client=client, expires_at__gt=timezone.now())


@transaction.atomic
def revoke_token(*, claims: Claims, actor: Actor, origin: Origin | None) -> None:
    """The token opens nothing from now on; revoking it twice changes nothing."""
    _row, is_new = RevokedToken.objects.get_or_create(
        jti=claims.jti, defaults={"expires_at": _moment(claims.expires)}
    )
    if is_new:
        record(action="token.revoked", actor=actor, target=_target(claims), origin=origin)


@transaction.atomic
def revoke_tokens(*, client: Client, actor: Actor, origin: Origin | None) -> int:
    """None of the client's tokens that are out opens anything from now on; how many there were."""
    rows = list(standing_tokens(client))
    RevokedToken.objects.bulk_create(
        [RevokedToken(jti=row.jti, expires_at=row.expires_at) for row in rows], ignore_conflicts=True
    )
    record(
        action="token.all_revoked",
        actor=actor,
        target=client_target(client),
        origin=origin,
        details={"ended": len(rows)},
    )
    return len(rows)


def claims_of(row: TokenOut) -> Claims:
    """What an issued token says; for a row with its client."""
    issued, expires = int(row.issued_at.timestamp()), int(row.expires_at.timestamp())
    return Claims(row.client.code, row.key, row.jti, issued, expires)


def _sign(claims: Claims) -> str:
    kid, key = signer()
    payload = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": claims.client,
        "key": claims.key,
        "jti": claims.jti,
        "iat": claims.issued,
        "nbf": claims.issued,
        "exp": claims.expires,
    }
    return jwt.encode(payload, key, algorithm=ALGORITHM, headers={"kid": kid, "typ": TYPE})


def _read(token: str) -> Claims:
    header = jwt.get_unverified_header(token)
    kid = header.pop("kid", None)
    if header != {"alg": ALGORITHM, "typ": TYPE} or not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise TokenInvalid
    key = verifier(kid)
    if key is None:
        raise TokenInvalid
    payload = jwt.decode(
        token,
        key,
        algorithms=[ALGORITHM],
        audience=AUDIENCE,
        issuer=ISSUER,
        leeway=LEEWAY,
        options={"require": [*_TEXTS, *_TIMES], "strict_aud": True},
    )
    # Visible ASCII, as ours are: the database takes no NUL, and nobody should be asked about one.
    if not all(isinstance(payload[name], str) and _TEXT.fullmatch(payload[name]) for name in _TEXTS):
        raise TokenInvalid
    # PyJWT takes "123" and True for times.
    if not all(type(payload[name]) is int for name in _TIMES):
        raise TokenInvalid
    if payload["exp"] - payload["iat"] > LIFETIME.total_seconds():
        raise TokenInvalid
    return Claims(payload["sub"], payload["key"], payload["jti"], payload["iat"], payload["exp"])


def _target(claims: Claims) -> Target:
    return Target(type="token", id=claims.jti, name=claims.client)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
