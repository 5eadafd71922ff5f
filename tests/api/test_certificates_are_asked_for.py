"""A client may demand a certificate of its callers: the proxy before us tells which it was, nobody else."""

from __future__ import annotations

import base64
import datetime
import hashlib
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from accounts.certificates import fingerprint_of
from accounts.services import change_client, issue_key
from audit.models import Event
from audit.parties import SYSTEM
from govvoice.api.auth import remembered
from tests.api.cast import Hotline, assert_refused

pytestmark = pytest.mark.django_db

VOICES = "/api/v1/voices"


@cache
def certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hotline")])
    key, now = Ed25519PrivateKey.generate(), datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    return builder.sign(key, None)


def forms() -> dict[str, str]:
    der = certificate().public_bytes(Encoding.DER)
    pem = certificate().public_bytes(Encoding.PEM).decode()
    digits = hashlib.sha256(der).hexdigest()
    return {
        "nginx": quote(pem),
        "older nginx": pem.replace("\n", "\n\t"),
        "HAProxy": base64.b64encode(der).decode(),
        "RFC 9440": f":{base64.b64encode(der).decode()}:",
        "digits": digits,
        "digits with colons": ":".join(digits.upper()[at : at + 2] for at in range(0, 64, 2)),
    }


FINGERPRINT = "digits"


@pytest.fixture
def hotline(hotline: Hotline, settings: Any) -> Hotline:
    settings.CLIENT_CERTIFICATE_HEADER = "HTTP_X_CLIENT_CERT"
    settings.TRUSTED_PROXIES = ["127.0.0.0/8"]
    change_client(
        client=hotline.row,
        fields={"certificates": ["0" * 64, forms()[FINGERPRINT]]},
        networks=["127.0.0.1/32", "192.0.2.0/24"],
        actor=SYSTEM,
        origin=None,
    )
    return hotline


@pytest.mark.parametrize("form", forms())
def test_a_proxys_word_for_the_certificate_is_read_in_its_own_form(form: str) -> None:
    assert fingerprint_of(forms()[form]) == forms()[FINGERPRINT]


@pytest.mark.parametrize("text", ["", ":", "-----BEGIN CERTIFICATE-----", "不是证书", "a" * 63, "%00%ff"])
def test_what_is_no_certificate_has_no_fingerprint(text: str) -> None:
    assert fingerprint_of(text) is None


@pytest.mark.parametrize("form", ["nginx", "HAProxy"])
def test_the_registered_certificate_opens_the_door(hotline: Hotline, form: str) -> None:
    assert hotline.get(VOICES, X_Client_Cert=forms()[form]).status_code == 200


@pytest.mark.parametrize("shown", [None, "", "1" * 64, "none at all", base64.b64encode(b"other").decode()])
def test_none_or_another_one_does_not(hotline: Hotline, shown: str | None) -> None:
    headers = {} if shown is None else {"X_Client_Cert": shown}
    response = hotline.get(VOICES, **headers)
    assert_refused(response, 403, "certificate_mismatch")
    assert Event.objects.get(request_id=response["X-Request-Id"]).actor_id == "hotline"


def test_from_anybody_but_our_proxies_the_header_is_ignored_and_recorded(hotline: Hotline) -> None:
    hotline.address = "192.0.2.7"
    response = hotline.get(VOICES, X_Client_Cert=forms()["nginx"])
    assert_refused(response, 403, "certificate_mismatch")
    event = Event.objects.get(request_id=response["X-Request-Id"])
    assert event.details["certificate_ignored"] == forms()[FINGERPRINT]
    assert str(event.peer_address) == "192.0.2.7"


def test_without_a_setting_no_header_is_read(hotline: Hotline, settings: Any) -> None:
    settings.CLIENT_CERTIFICATE_HEADER = ""
    response = hotline.get(VOICES, X_Client_Cert=forms()["nginx"])
    assert_refused(response, 403, "certificate_mismatch")


def test_a_client_that_demands_none_needs_none(hotline: Hotline) -> None:
    change_client(client=hotline.row, fields={"certificates": []}, networks=None, actor=SYSTEM, origin=None)
    key = issue_key(client=hotline.row, expires_at=None, actor=SYSTEM, origin=None).key
    remembered.forget()
    assert Hotline(hotline.row, key).get(VOICES).status_code == 200
