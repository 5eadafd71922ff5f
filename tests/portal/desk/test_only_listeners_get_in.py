"""Who may use the listening desk, and from where."""

from __future__ import annotations

import json

import pytest
from django.test import Client as Browser
from django.urls import reverse

from audit.models import Event
from synthesis.models import Speech, Voice
from tests.portal.broadcasts.cast import Official, official

pytestmark = pytest.mark.django_db

BODY = {
    "text": "您好",
    "voice": "tone",
    "emotion": "neutral",
    "intensity": 1,
    "rate": 1,
    "pitch": 0,
    "volume": 50,
}


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("editor", 200),
        ("reviewer", 200),
        ("publisher", 403),
        ("auditor", 403),
        ("system_admin", 403),
        ("security_admin", 403),
    ],
)
def test_a_role_opens_the_desk_or_not(voice: Voice, role: str, status: int) -> None:
    assert official(role).see("desk").status_code == status


@pytest.mark.parametrize("role", ["publisher", "auditor"])
def test_who_may_not_listen_cannot_have_anything_spoken(voice: Voice, role: str) -> None:
    response = official(role).browser.post(
        reverse("admin:desk-speak"), json.dumps(BODY), content_type="application/json"
    )
    assert response.status_code == 403
    assert not Speech.objects.exists()


def test_strangers_are_sent_to_the_login_page(voice: Voice) -> None:
    for route in ("desk", "desk-speak"):
        response = Browser().get(reverse(f"admin:{route}"))
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded"]
)
def test_without_the_token_nothing_is_spoken(voice: Voice, content_type: str) -> None:
    listener = official("editor", enforce_csrf_checks=True)
    for token in ({}, {"X-CSRFToken": "x" * 64}):
        response = listener.browser.post(
            reverse("admin:desk-speak"), json.dumps(BODY), content_type=content_type, headers=token
        )
        assert response.status_code == 403
    assert not Speech.objects.exists()
    assert not Event.objects.filter(action="preview.requested").exists()


def test_only_those_who_write_are_offered_a_new_broadcast(editor: Official, reviewer: Official) -> None:
    assert "用此文本新建播报" in editor.see("desk").content.decode()
    assert "用此文本新建播报" not in reviewer.see("desk").content.decode()
