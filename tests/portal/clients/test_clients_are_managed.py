from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.access_keys import find_signer
from accounts.errors import TokenInvalid
from accounts.models import AccessKey, ApiKey, Client, Organisation, Webhook
from accounts.services import issue_key
from accounts.tokens import find_secret, find_token_client, issue_token, read_token
from audit.models import Event
from audit.parties import SYSTEM
from synthesis.models import Speech, Voice
from tests.portal.broadcasts.cast import Official, official

pytestmark = pytest.mark.django_db

PEM = "-----BEGIN CERTIFICATE-----\nZGVy\n-----END CERTIFICATE-----"


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    """Roles, a voice, and no counters."""


@pytest.fixture
def security_admin() -> Official:
    return official("security_admin")


def fields(**changed: Any) -> dict[str, Any]:
    return {
        "code": "hotline-12345",
        "name": "12345 热线",
        "organisation": Organisation.objects.get(code="default").pk,
        "contact": "",
        "purpose": "",
        "default_voice": "",
        "expires_at": "",
        "calls_per_second": 20,
        "calls_per_minute": 600,
        "calls_at_once": 20,
        "response": "audio",
        "characters_per_day": 1000,
        "networks": "10.1.0.0/16\n2001:db8::/32",
        **changed,
    }


@pytest.fixture
def client(security_admin: Official) -> Client:
    assert security_admin.press("client-new", **fields()).status_code == 302
    return Client.objects.get(code="hotline-12345")


def test_a_client_is_limited_to_what_is_ticked(security_admin: Official, client: Client) -> None:
    ticked = {"voices": ["tone"], "emotions": ["neutral", "sad"], "formats": ["pcm"], "channels": ["hall"]}
    sent = fields(**ticked, default_voice="tone", characters_per_month=5000)
    assert security_admin.press("client-change", client.code, **sent).status_code == 302
    client.refresh_from_db()
    assert {name: getattr(client, name) for name in ticked} == ticked
    assert client.characters_per_month == 5000
    page = security_admin.press("client-change", client.code, **sent | {"default_voice": ""})
    assert page.status_code == 422
    assert "须从中选定默认发音人" in page.content.decode()


def test_a_client_secret_is_shown_once_with_the_call_that_fetches_a_token(
    security_admin: Official, client: Client
) -> None:
    page = security_admin.press("client-key-issue", client.code, days="90", kind="secret").content.decode()
    row = ApiKey.objects.get(client=client)
    assert row.kind == "secret"
    assert f"gvs_{row.prefix}_" in page
    assert "/api/v1/auth/token" in page


def test_a_new_client_has_its_networks_and_no_key(client: Client) -> None:
    assert [row.network for row in client.networks.all()] == ["10.1.0.0/16", "2001:db8::/32"]
    assert not client.keys.exists()
    assert {"client.created", "network.changed"} <= set(Event.objects.values_list("action", flat=True))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"networks": "10.1.0.1/16"}, "“10.1.0.1/16”不是有效的网段"),
        ({"networks": "10.1.0.0/16 hello"}, "“hello”不是有效的网段"),
        ({"networks": "::ffff:10.0.0.0/104"}, "请直接填写 IPv4 网段"),
        ({"expires_at": "2020-01-01T00:00"}, "到期时间应晚于现在"),
        ({"calls_per_second": 0}, "id_calls_per_second_error"),
        ({"code": "热线"}, "id_code_error"),
        ({"name": ""}, "id_name_error"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_kept(
    security_admin: Official, changed: dict[str, Any], words: str
) -> None:
    answer = security_admin.press("client-new", **fields(**changed))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Client.objects.exists()


def test_a_code_is_taken_once(security_admin: Official, client: Client) -> None:
    answer = security_admin.press("client-new", **fields(name="另一个系统"))
    assert answer.status_code == 422
    assert Client.objects.count() == 1


def test_networks_come_and_go_one_at_a_time(security_admin: Official, client: Client) -> None:
    security_admin.press("client-network-add", client.code, network="192.0.2.7")
    assert "192.0.2.7/32" in [row.network for row in client.networks.all()]
    security_admin.press("client-network-remove", client.code, network="10.1.0.0/16")
    event = Event.objects.filter(action="network.changed").latest("id")
    assert event.details == {
        "before": ["10.1.0.0/16", "192.0.2.7/32", "2001:db8::/32"],
        "after": ["192.0.2.7/32", "2001:db8::/32"],
    }


def test_a_wrong_network_is_said_beside_its_field(security_admin: Official, client: Client) -> None:
    answer = security_admin.press("client-network-add", client.code, network="300.1.1.1")
    assert answer.status_code == 422
    assert "“300.1.1.1”不是有效的网段" in answer.content.decode()
    assert client.networks.count() == 2


def test_limits_are_changed_with_before_and_after_on_record(security_admin: Official, client: Client) -> None:
    security_admin.press("client-change", client.code, **fields(characters_per_day=500))
    event = Event.objects.get(action="client.changed")
    assert event.details == {"characters_per_day": ["1000", "500"]}


def test_a_key_is_shown_once_and_only_its_prefix_stays(security_admin: Official, client: Client) -> None:
    page = security_admin.press("client-key-issue", client.code, days="90").content.decode()
    row = ApiKey.objects.get()
    assert page.count(f"gv_{row.prefix}_") > 2
    assert f"Bearer gv_{row.prefix}_" in page
    assert row.expires_at is not None
    assert timedelta(days=89) < row.expires_at - timezone.now() <= timedelta(days=90)
    again = security_admin.see("client-detail", client.code).content.decode()
    assert f"gv_{row.prefix}_…" in again
    assert f"Bearer gv_{row.prefix}_" not in again


def test_a_lifetime_nobody_offered_issues_nothing(security_admin: Official, client: Client) -> None:
    assert security_admin.press("client-key-issue", client.code, days="99999").status_code == 302
    assert not ApiKey.objects.exists()


def test_a_revoked_key_is_marked_and_recorded(security_admin: Official, client: Client) -> None:
    security_admin.press("client-key-issue", client.code, days="")
    row = ApiKey.objects.get()
    security_admin.press("client-key-revoke", client.code, row.prefix)
    row.refresh_from_db()
    assert row.revoked_at is not None
    assert Event.objects.filter(action="key.revoked", object_id=row.prefix).count() == 1


def test_a_key_of_another_client_is_not_found(security_admin: Official, client: Client) -> None:
    security_admin.press("client-key-issue", client.code, days="")
    security_admin.press("client-new", **fields(code="other", name="其他系统"))
    assert security_admin.press("client-key-revoke", "other", ApiKey.objects.get().prefix).status_code == 404


def test_a_client_is_put_out_of_service_and_back(security_admin: Official, client: Client) -> None:
    security_admin.press("client-switch", client.code)
    client.refresh_from_db()
    assert not client.is_active
    assert Event.objects.filter(action="client.disabled", object_id=client.code).exists()
    security_admin.press("client-switch", client.code)
    client.refresh_from_db()
    assert client.is_active


def test_the_list_counts_todays_answered_calls(security_admin: Official, client: Client) -> None:
    now = timezone.now()
    for created_at in (now, now, now - timedelta(days=2)):
        Speech.objects.create(
            created_at=created_at,
            caller_kind="client",
            caller_id=client.code,
            caller_name=client.name,
            text_sha256="0" * 64,
            characters=450,
            voice="tone",
            engine_version="1",
            emotion="neutral",
            format="wav",
            sample_rate=16000,
            seconds=1.0,
            milliseconds=10,
            cache="miss",
            rendition_key="k",
        )
    page = security_admin.see("client-list").content.decode()
    assert "2 次" in page
    assert "900 / 1,000" in page
    assert 'aria-valuenow="90"' in page


@pytest.mark.parametrize(
    "action",
    [
        "switch",
        "key-issue",
        "network-add",
        "change",
        "webhook",
        "webhook-remove",
        "access-key-issue",
        "tokens-revoke",
    ],
)
@pytest.mark.parametrize("role", ["editor", "reviewer", "auditor", "system_admin"])
def test_nobody_else_changes_a_client(client: Client, role: str, action: str) -> None:
    assert (
        official(role)
        .press(f"client-{action}", client.code, network="0.0.0.0/0", days="", url="https://a.cn/")
        .status_code
        == 403
    )
    assert not Webhook.objects.exists()
    assert client.networks.count() == 2
    assert not ApiKey.objects.exists()
    assert not AccessKey.objects.exists()


def test_an_answer_and_certificates_are_set(security_admin: Official, client: Client, settings: Any) -> None:
    digits = ":".join(["AB"] * 32)
    sent = fields(response="url", calls_at_once=3, certificates=f"{digits}\n{PEM}\n{'ab' * 32}")
    refused = security_admin.press("client-change", client.code, **sent)
    assert refused.status_code == 422
    assert "GOVVOICE_CLIENT_CERT_HEADER" in refused.content.decode()
    settings.CLIENT_CERTIFICATE_HEADER = "HTTP_X_CLIENT_CERT"
    assert security_admin.press("client-change", client.code, **sent).status_code == 302
    client.refresh_from_db()
    assert (client.response, client.calls_at_once) == ("url", 3)
    assert client.certificates == [hashlib.sha256(b"der").hexdigest(), "ab" * 32]
    form = security_admin.see("client-change", client.code).content.decode()
    assert "\n".join(client.certificates) in form


@pytest.mark.parametrize("text", ["abc", "xyz" * 22, PEM.replace("ZGVy", "证书")])
def test_what_is_no_fingerprint_is_named(
    security_admin: Official, client: Client, settings: Any, text: str
) -> None:
    settings.CLIENT_CERTIFICATE_HEADER = "HTTP_X_CLIENT_CERT"
    answer = security_admin.press("client-change", client.code, **fields(certificates=text))
    assert answer.status_code == 422
    assert "不是 SHA-256 指纹" in answer.content.decode()


def test_an_access_key_is_shown_once_and_revoked(security_admin: Official, client: Client) -> None:
    page = security_admin.press("client-access-key-issue", client.code, days="90").content.decode()
    row = AccessKey.objects.get(client=client)
    secret = find_signer(key_id=row.key_id).secret.decode()
    assert {secret, row.key_id, row.client.appkey} <= set(re.findall(r"\w+", page))
    again = security_admin.see("client-detail", client.code).content.decode()
    assert secret not in again
    assert row.key_id in again
    security_admin.press("client-access-key-revoke", client.code, row.key_id)
    row.refresh_from_db()
    assert row.revoked_at is not None
    actions = Event.objects.filter(object_id=row.key_id).values_list("action", flat=True)
    assert sorted(actions) == ["access_key.issued", "access_key.revoked"]
    security_admin.press("client-new", **fields(code="other", name="其他系统"))
    assert security_admin.press("client-access-key-revoke", "other", row.key_id).status_code == 404


def tokens_of(client: Client, count: int) -> list[str]:
    kind = ApiKey.Kind.SECRET
    key = issue_key(client=client, expires_at=None, actor=SYSTEM, origin=None, kind=kind).key
    secret = find_secret(client=client.code, secret=key)
    return [issue_token(secret=secret, origin=None).token for _ in range(count)]


def is_open(token: str) -> bool:
    try:
        return bool(find_token_client(read_token(token)))
    except TokenInvalid:
        return False


def test_one_token_is_ended_or_all_are(security_admin: Official, client: Client) -> None:
    tokens = tokens_of(client, 12)
    page = security_admin.see("client-detail", client.code).content.decode()
    assert "共 12 个，下面是最近的 10 个" in page
    first = read_token(tokens[0]).jti
    security_admin.press("client-token-revoke", client.code, first)
    assert [is_open(token) for token in tokens] == [False] + [True] * 11
    assert Event.objects.filter(action="token.revoked", object_id=first).count() == 1
    assert security_admin.press("client-token-revoke", client.code, first).status_code == 404
    security_admin.press("client-tokens-revoke", client.code)
    assert not any(map(is_open, tokens))
    event = Event.objects.get(action="token.all_revoked")
    assert (event.object_id, event.details) == (client.code, {"ended": 11})
    assert is_open(tokens_of(client, 1)[0]), "a new one may be fetched"


def test_a_webhook_is_set_and_its_secret_shown_once(security_admin: Official, client: Client) -> None:
    url = "https://hotline.example.gov.cn/notices?token=t0ken"
    page = security_admin.press("client-webhook", client.code, url=url).content.decode()
    (secret,) = re.findall(r"gvw_[\w-]{43}", page)
    webhook = Webhook.objects.get(client=client)
    assert (webhook.url, webhook.set_by) == (url, str(security_admin.staff))
    assert secret not in security_admin.see("client-detail", client.code).content.decode()
    event = Event.objects.get(action="webhook.changed")
    assert event.details == {"before": "", "after": "https://hotline.example.gov.cn/notices"}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://hotline.example.gov.cn/", "通知地址须以 https:// 开头。"),
        ("hotline", "通知地址应写作"),
        ("https://热线.cn/", "通知地址"),
        ("", "id_url_error"),
    ],
)
def test_a_wrong_webhook_is_said_beside_its_field(
    security_admin: Official, client: Client, url: str, words: str
) -> None:
    answer = security_admin.press("client-webhook", client.code, url=url)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Webhook.objects.exists()


def test_a_webhook_is_removed_once(security_admin: Official, client: Client) -> None:
    security_admin.press("client-webhook", client.code, url="https://hotline.example.gov.cn/")
    for _ in range(2):
        assert security_admin.press("client-webhook-remove", client.code).status_code == 302
    assert not Webhook.objects.exists()
    assert Event.objects.filter(action="webhook.removed").count() == 1
