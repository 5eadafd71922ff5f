"""Keys, networks, and the tricks by which requests try to be something else."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.utils import timezone

from accounts.models import ApiKey
from accounts.services import issue_key, replace_networks, revoke_key
from audit.models import Event
from audit.parties import SYSTEM
from govvoice.api.auth import REMEMBER_SECONDS
from tests.api.cast import SPEECH, Hotline, assert_refused

pytestmark = pytest.mark.django_db

BODY = b'{"text":"\xe5\xa5\xbd"}'
VOICES = "/api/v1/voices"


def with_headers(hotline: Hotline, **headers: str) -> HttpResponse:
    return hotline.call(
        "GET", VOICES, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


def test_a_caller_without_a_key_is_asked_for_one(hotline: Hotline) -> None:
    response = hotline.call("POST", SPEECH, body=BODY, headers={})
    assert_refused(response, 401, "key_missing")
    assert response["WWW-Authenticate"] == 'Bearer realm="govvoice"'


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "bearer  x y",
        "Bearer gv_aaaaaaaaaa_" + "A" * 43,
        "Bearer gv_../../etc_" + "A" * 43,
        "Bearer ' OR 1=1 --",
        "Bearer " + "x" * 1_000_000,
        "Basic dXNlcjpwYXNz",
        "Token {key}",
        "{key}",
        "Bearer {key}x",
        "Bearer {key} {key}",
        "Bearer gv_钥匙",
    ],
)
def test_anything_but_a_key_of_ours_is_invalid(hotline: Hotline, authorization: str) -> None:
    response = with_headers(hotline, Authorization=authorization.replace("{key}", hotline.key))
    assert_refused(response, 401, "key_invalid")
    assert response["WWW-Authenticate"] == 'Bearer realm="govvoice"'


def test_unknown_revoked_and_closed_look_alike(hotline: Hotline) -> None:
    def refused() -> dict[str, object]:
        time.sleep(REMEMBER_SECONDS)
        problem = assert_refused(hotline.get(VOICES), 401, "key_invalid")
        return {**problem, "request_id": ""}

    row = ApiKey.objects.get(client=hotline.row)
    hotline.row.is_active = False
    hotline.row.save()
    closed = refused()
    hotline.row.is_active = True
    hotline.row.save()
    revoke_key(row=row, actor=SYSTEM, origin=None)
    assert refused() == closed


def test_a_key_in_the_address_is_never_read(hotline: Hotline) -> None:
    for name in ("key", "api_key", "token", "access_token", "X-Api-Key"):
        response = hotline.call("GET", f"{VOICES}?{name}={hotline.key}", headers={})
        assert_refused(response, 401, "key_missing")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_in_any_case(hotline: Hotline, scheme: str) -> None:
    assert with_headers(hotline, Authorization=f"{scheme} {hotline.key}").status_code == 200


def test_the_key_may_come_in_its_own_header(hotline: Hotline) -> None:
    assert with_headers(hotline, X_Api_Key=hotline.key).status_code == 200


def test_two_different_keys_are_none(hotline: Hotline) -> None:
    key = issue_key(client=hotline.row, expires_at=None, actor=SYSTEM, origin=None).key
    assert with_headers(hotline, X_Api_Key=key, Authorization=f"Bearer {key}").status_code == 200
    response = with_headers(hotline, X_Api_Key=key, Authorization=f"Bearer {hotline.key}")
    assert_refused(response, 401, "key_invalid")


def test_a_revoked_key_is_out_within_a_second(hotline: Hotline) -> None:
    assert hotline.get(VOICES).status_code == 200
    revoke_key(row=ApiKey.objects.get(), actor=SYSTEM, origin=None)
    time.sleep(1.0)
    assert_refused(hotline.get(VOICES), 401, "key_invalid")


def test_an_expired_client_is_out(hotline: Hotline) -> None:
    hotline.row.expires_at = timezone.now() - timedelta(seconds=1)
    hotline.row.save()
    assert_refused(hotline.get(VOICES), 401, "key_invalid")


def test_a_known_client_from_elsewhere_is_refused_by_name(hotline: Hotline) -> None:
    hotline.address = "192.0.2.7"
    response = hotline.get(VOICES)
    assert_refused(response, 403, "ip_mismatch")
    event = Event.objects.get(request_id=response["X-Request-Id"])
    assert (event.actor_id, event.address) == ("hotline", "192.0.2.7")


@pytest.mark.abuse(77)
def test_a_forwarded_address_is_believed_from_our_proxies_only(hotline: Hotline) -> None:
    hotline.address = "192.0.2.7"
    forged = hotline.get(VOICES, X_Forwarded_For="127.0.0.1")
    assert_refused(forged, 403, "ip_mismatch")
    event = Event.objects.get(request_id=forged["X-Request-Id"])
    assert (event.peer_address, event.forwarded_for) == ("192.0.2.7", "127.0.0.1")
    with override_settings(TRUSTED_PROXIES=["192.0.2.0/24"]):
        assert hotline.get(VOICES, X_Forwarded_For="127.0.0.1").status_code == 200
        assert_refused(hotline.get(VOICES, X_Forwarded_For="127.0.0.1, 198.51.100.1"), 403, "ip_mismatch")


def test_a_proxy_lends_its_address_to_nobody(hotline: Hotline) -> None:
    """A caller spoils the header, and the server gives us nothing of it: he does not come from the proxy."""
    with override_settings(TRUSTED_PROXIES=["127.0.0.0/8"]):
        assert hotline.get(VOICES).status_code == 200
        response = hotline.get(VOICES, X_Forwarded_For="")
        assert_refused(response, 403, "ip_mismatch")
    event = Event.objects.get(request_id=response["X-Request-Id"])
    assert (event.address, event.peer_address) == (None, "127.0.0.1")
    assert event.forwarded_for == "unreadable"


@pytest.mark.parametrize("header", ["127.0.0.1," * 1_000, "unknown", "garbage, , ;", "[::1]:443", "\x01"])
def test_no_forwarded_header_breaks_the_door(hotline: Hotline, header: str) -> None:
    with override_settings(TRUSTED_PROXIES=["127.0.0.0/8"]):
        assert hotline.get(VOICES, X_Forwarded_For=header).status_code in {200, 403}


@pytest.mark.abuse(79)
def test_an_ipv4_caller_on_an_ipv6_socket_is_the_same_caller(hotline: Hotline) -> None:
    hotline.address = "::ffff:127.0.0.1"
    assert hotline.get(VOICES).status_code == 200


def test_an_ipv6_network_is_honoured(hotline: Hotline) -> None:
    replace_networks(client=hotline.row, networks=["2001:db8:1::/48"], actor=SYSTEM, origin=None)
    hotline.address = "2001:db8:1::7"
    assert hotline.get(VOICES).status_code == 200
    hotline.address = "2001:db8:2::7"
    assert_refused(hotline.get(VOICES), 403, "ip_mismatch")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW", "X" * 8_192])
def test_a_method_that_does_not_fit_is_refused(hotline: Hotline, method: str) -> None:
    response = hotline.call(method, SPEECH, body=BODY, headers=hotline.headers())
    assert_refused(response, 405, "method_not_allowed")
    assert response["Allow"] == "POST"


def test_a_method_in_disguise_is_refused(hotline: Hotline) -> None:
    assert_refused(hotline.post(BODY, X_HTTP_Method_Override="DELETE"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    "accept", ["image/png", "text/html", "audio/mpeg", "*/*;q=0", "audio/wav;q=0.0", ";;"]
)
def test_what_we_do_not_make_cannot_be_asked_for(hotline: Hotline, accept: str) -> None:
    assert_refused(hotline.post(BODY, Accept=accept), 406, "not_acceptable")


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "audio/*",
        "audio/wav",
        "AUDIO/WAV",
        "application/octet-stream",
        "application/json",
        "image/png, */*;q=0.1",
    ],
)
def test_what_we_make_may_be_asked_for_by_many_names(hotline: Hotline, accept: str) -> None:
    response = hotline.post(BODY, Accept=accept)
    assert response.status_code == 200
    assert response["Content-Type"] == "audio/wav"


@pytest.mark.parametrize("host", ["evil.com", "127.0.0.1:99999", "127.0.0.1/x", "a b", ""])
def test_a_foreign_host_is_refused(hotline: Hotline, host: str) -> None:
    assert_refused(hotline.get(VOICES, Host=host), 400, "host_invalid")


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/speech/",
        "/api/v2/speech",
        "/api/v1/%00",
        "/api/v1/" + "x" * 16_000,
    ],
)
def test_a_path_that_leads_nowhere_is_not_found(hotline: Hotline, path: str) -> None:
    assert_refused(hotline.get(path), 404, "not_found")


@pytest.mark.parametrize("path", ["//api/v1/voices", "/api/../portal/", "/api/v1/..;/portal/", "/nowhere"])
def test_no_detour_leads_into_the_portal(hotline: Hotline, path: str) -> None:
    response = hotline.get(path)
    assert response.status_code == 404
    assert "没有找到".encode() in response.content


def test_plain_http_is_refused_where_https_is_due(hotline: Hotline) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True):
        assert_refused(hotline.get(VOICES), 403, "https_required")


def test_every_answer_has_its_own_request_id(hotline: Hotline) -> None:
    ids = {hotline.get(VOICES, X_Request_Id="mine")["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3
    assert "mine" not in ids


def test_refusals_are_in_chinese(hotline: Hotline) -> None:
    problem = json.loads(hotline.call("GET", VOICES, headers={}).content)
    assert problem["title"] == "身份未确认"
