"""Security keys and a device's own lock, as WebAuthn (W3C Level 2) has them.

`site` is the portal's host name without port, `origin_url` its scheme and host as the browser sees them: an
answer made for another site verifies for neither.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import webauthn
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    UserVerificationRequirement,
)

from accounts.errors import PasskeyWrong
from accounts.factors import added_passkey, has_factor
from accounts.models import Passkey, Staff
from audit.parties import Origin

_LONGEST = 16 * 1024  # characters of an answer; real ones have about 1,000


@dataclass(frozen=True, slots=True)
class Site:
    """Where the passkey is used: `host` without port, `url` with scheme and port."""

    host: str
    url: str


@dataclass(frozen=True, slots=True)
class Question:
    """`options` goes to the browser; `challenge` (base64url) stays here, and is good for one answer."""

    options: dict[str, Any]
    challenge: str


def ask_to_add(*, staff: Staff, site: Site, name: str) -> Question:
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=name,
        user_id=f"staff-{staff.pk}".encode(),
        user_name=staff.username,
        user_display_name=str(staff),
        exclude_credentials=_descriptors(staff),
        authenticator_selection=AuthenticatorSelectionCriteria(
            user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    return _question(options)


@transaction.atomic
def add(
    *, staff: Staff, answer: str, challenge: str, site: Site, name: str, origin: Origin | None
) -> list[str]:
    """Keeps the new passkey's public half; recovery codes with the first factor. Raises PasskeyWrong."""
    try:
        verified = webauthn.verify_registration_response(
            credential=_credential(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.url,
        )
    except WebAuthnException as error:
        raise PasskeyWrong from error
    is_first = not has_factor(staff)
    row = Passkey(
        staff=staff,
        name=name,
        credential=bytes_to_base64url(verified.credential_id),
        public_key=bytes_to_base64url(verified.credential_public_key),
        sign_count=verified.sign_count,
    )
    try:
        row.full_clean()
    except ValidationError as error:
        raise PasskeyWrong from error
    row.save()
    return added_passkey(staff=staff, name=name, origin=origin, is_first=is_first)


def ask_for(*, staff: Staff, site: Site) -> Question:
    return _question(
        webauthn.generate_authentication_options(rp_id=site.host, allow_credentials=_descriptors(staff))
    )


@transaction.atomic
def check(*, staff: Staff, answer: str, challenge: str, site: Site) -> None:
    """Raises PasskeyWrong unless one of the account's passkeys has signed this challenge for this site."""
    given = _credential(answer)
    row = staff.passkeys.select_for_update().filter(credential=str(given.get("id", ""))).first()
    if row is None:
        raise PasskeyWrong
    try:
        verified = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.url,
            credential_public_key=base64url_to_bytes(row.public_key),
            credential_current_sign_count=row.sign_count,
        )
    except WebAuthnException as error:
        raise PasskeyWrong from error
    row.sign_count, row.used_at = verified.new_sign_count, timezone.now()
    row.save(update_fields=["sign_count", "used_at"])


def _question(options: Any) -> Question:
    return Question(json.loads(webauthn.options_to_json(options)), bytes_to_base64url(options.challenge))


def _descriptors(staff: Staff) -> list[PublicKeyCredentialDescriptor]:
    known = staff.passkeys.values_list("credential", flat=True)
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(credential)) for credential in known]


def _credential(answer: str) -> dict[str, Any]:
    """The browser's answer as an object. Raises PasskeyWrong."""
    try:
        found = json.loads(answer) if len(answer) <= _LONGEST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise PasskeyWrong
    return found
