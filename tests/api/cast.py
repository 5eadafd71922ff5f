"""The known cast: one hotline with its key, and what every refusal of its calls must look like."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client as Browser

from accounts.models import Client, Organisation
from accounts.services import create_client, issue_key
from audit.models import Event
from audit.parties import SYSTEM
from synthesis.models import Speaker, Speech, Voice

SPEECH = "/api/v1/speech"
TEXT = "您好，这里是政务服务热线。"


@dataclass
class Hotline:
    """A client system as its programmer drives it."""

    row: Client
    key: str
    address: str = "127.0.0.1"

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def say(self, text: Any = TEXT, **fields: Any) -> HttpResponse:
        return self.post(json.dumps({"text": text, **fields}).encode())

    def post(
        self, body: bytes, *, content_type: str = "application/json", path: str = SPEECH, **headers: str
    ) -> HttpResponse:
        sent = self.headers() | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call("POST", path, body=body, content_type=content_type, headers=sent)

    def get(self, path: str, **headers: str) -> HttpResponse:
        sent = self.headers() | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call("GET", path, headers=sent)

    def call(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        body: bytes = b"",
        content_type: str = "application/json",
    ) -> HttpResponse:
        browser = Browser(raise_request_exception=False, REMOTE_ADDR=self.address)
        response: Any = browser.generic(method, path, body, content_type, headers=headers)
        assert isinstance(response, HttpResponse)
        return response


def open_hotline(code: str = "hotline", **fields: Any) -> Hotline:
    """A client that may call from this machine, with a new key."""
    organisation, _ = Organisation.objects.get_or_create(code="test", defaults={"name": "测试热线中心"})
    limits = {"calls_per_second": 10_000, "calls_per_minute": 100_000, "calls_at_once": 1_000}
    client = create_client(
        fields={"code": code, "name": f"测试热线 {code}", "organisation": organisation, **limits, **fields},
        networks=["127.0.0.1/32", "::1/128"],
        actor=SYSTEM,
        origin=None,
    )
    return Hotline(client, issue_key(client=client, expires_at=None, actor=SYSTEM, origin=None).key)


def assert_refused(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """One problem+json of the right shape, one line of evidence, no sound; the problem for a closer look."""
    assert response["Content-Type"] == "application/problem+json", response.content[:300]
    problem: dict[str, Any] = json.loads(response.content)
    assert (response.status_code, problem["code"]) == (status, code), problem
    assert problem.keys() == {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    events = Event.objects.filter(request_id=response["X-Request-Id"])
    assert [(event.action, event.code, event.status) for event in events] == [("api.refused", code, status)]
    assert problem["request_id"] == response["X-Request-Id"]
    assert not Speech.objects.exists()
    return problem


def make_tone_voice() -> Voice:
    """The tone engine's voice, made the default; needs the reference data."""
    Voice.objects.update(is_default=False)
    voice = Voice.objects.create(
        code="tone",
        speaker=Speaker.objects.create(code="tone", name="测试音", gender="female"),
        engine="tone",
        sample_rate=24_000,
        speed_class="live",
        licence="-",
        provenance="-",
        is_default=True,
    )
    voice.emotions.set(Voice.objects.get(code="qinghe").emotions.all())
    return voice
