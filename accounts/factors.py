"""The second proof of who one is: codes of an authenticator app, and recovery codes for when it is lost.

GB/T 22239-2019 8.1.4.1 d. Passkeys, the other kind of second factor, are in accounts.passkeys.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote, urlencode

import segno
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_otp.oath import TOTP

from accounts.errors import CodeWrong, OwnAccount
from accounts.models import Authenticator, Passkey, RecoveryCode, Staff
from accounts.services import staff_actor, staff_target
from audit.parties import Origin
from audit.sealed import seal, unseal
from audit.services import record

SEED_BYTES = 20  # RFC 4226 section 4, R6
RECOVERY_CODES = 10
# Steps of 30 s before and after now, as RFC 6238 section 5.2 advises: telephones' clocks are a little off.
TOLERANCE = 1
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def has_factor(staff: Staff) -> bool:
    return staff.authenticators.exists() or staff.passkeys.exists()


def is_missing(staff: Staff) -> bool:
    """Whether the account may do nothing before it has a second factor."""
    return bool(settings.SECOND_FACTOR_REQUIRED) and not has_factor(staff)


def new_seed() -> bytes:
    return secrets.token_bytes(SEED_BYTES)


def seed_text(seed: bytes) -> str:
    """For typing into an app that cannot scan: base32 in groups of four."""
    text = base64.b32encode(seed).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def seed_picture(seed: bytes, *, staff: Staff, issuer: str) -> str:
    """The QR code of an `otpauth:` address, as an inline SVG without scripts or styles."""
    label = quote(f"{issuer}:{staff.username}")
    terms = urlencode({"secret": base64.b32encode(seed).decode(), "issuer": issuer}, quote_via=quote)
    return segno.make(f"otpauth://totp/{label}?{terms}", error="m").svg_inline(light="#fff", omitsize=True)


@transaction.atomic
def add_authenticator(*, staff: Staff, seed: bytes, code: str, name: str, origin: Origin | None) -> list[str]:
    """Adds the app once it has shown a right code; recovery codes with the first factor. Raises CodeWrong."""
    step = _step_of(seed, code, after=0)
    if step is None:
        raise CodeWrong
    is_first = not has_factor(staff)
    row = Authenticator(staff=staff, name=name, last_step=step, seed=seal(seed, purpose=_purpose(staff)))
    row.full_clean()
    row.save()
    return _added(staff, "totp", name, origin, is_first=is_first)


def added_passkey(*, staff: Staff, name: str, origin: Origin | None, is_first: bool) -> list[str]:
    """Notes a passkey that accounts.passkeys has added; recovery codes with the first factor."""
    return _added(staff, "passkey", name, origin, is_first=is_first)


def check_code(*, staff: Staff, code: str) -> str | None:
    """What the code is a proof by ("totp", "recovery"), used up by this; None for a wrong or used one."""
    code = code.strip().replace(" ", "").replace("-", "").lower()
    if any(_use(row, code) for row in staff.authenticators.all()):
        return "totp"
    unused = staff.recovery_codes.filter(digest=_digest(staff, code), used_at=None)
    return "recovery" if unused.update(used_at=timezone.now()) else None


@transaction.atomic
def make_recovery_codes(*, staff: Staff, origin: Origin | None) -> list[str]:
    """Ten fresh codes, shown this once; the former ones open nothing any more."""
    codes = ["".join(secrets.choice(_LETTERS) for _sign in range(10)) for _number in range(RECOVERY_CODES)]
    staff.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(staff=staff, digest=_digest(staff, code)) for code in codes]
    )
    record(action="factor.codes_made", actor=staff_actor(staff), target=staff_target(staff), origin=origin)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


@transaction.atomic
def remove(*, staff: Staff, factor: Authenticator | Passkey, origin: Origin | None) -> None:
    """Takes a factor away; the caller has checked the password and a code."""
    kind, name = ("totp" if isinstance(factor, Authenticator) else "passkey"), factor.name
    factor.delete()
    if not has_factor(staff):
        staff.recovery_codes.all().delete()
    record(
        action="factor.removed",
        actor=staff_actor(staff),
        target=staff_target(staff),
        origin=origin,
        details={"kind": kind, "name": name},
    )


@transaction.atomic
def reset(*, staff: Staff, by: Staff, origin: Origin | None) -> None:
    """Takes all factors of somebody who has lost them, and ends his session. Raises OwnAccount."""
    if staff.pk == by.pk:
        raise OwnAccount
    for rows in (staff.authenticators, staff.passkeys, staff.recovery_codes):
        rows.all().delete()
    Staff.objects.filter(pk=staff.pk).update(sitting="")
    record(action="factor.reset", actor=staff_actor(by), target=staff_target(staff), origin=origin)


def _added(staff: Staff, kind: str, name: str, origin: Origin | None, *, is_first: bool) -> list[str]:
    record(
        action="factor.added",
        actor=staff_actor(staff),
        target=staff_target(staff),
        origin=origin,
        details={"kind": kind, "name": name},
    )
    return make_recovery_codes(staff=staff, origin=origin) if is_first else []


def _use(row: Authenticator, code: str) -> bool:
    seed = unseal(row.seed, purpose=_purpose(row.staff))
    step = _step_of(seed, code, after=row.last_step)
    if step is None:
        return False
    # The condition makes a code good once, however many processes are asked at the same time (ASVS 6.5.1).
    fresh = Authenticator.objects.filter(pk=row.pk, last_step__lt=step)
    return bool(fresh.update(last_step=step, used_at=timezone.now()))


def _step_of(seed: bytes, code: str, *, after: int) -> int | None:
    """The 30 s step whose code this is, later than `after`; None for none."""
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    totp = TOTP(seed)
    return totp.t() if totp.verify(int(code), tolerance=TOLERANCE, min_t=after + 1) else None


def _digest(staff: Staff, code: str) -> str:
    words = f"recovery:{staff.pk}:{code}".encode()
    return hmac.new(settings.KEY_PEPPER.encode(), words, hashlib.sha256).hexdigest()


def _purpose(staff: Staff) -> str:
    return f"totp:{staff.pk}"
