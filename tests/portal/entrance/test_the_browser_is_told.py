"""What answers tell a browser: nothing from elsewhere, nothing written into a page, nowhere else to go."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from django.test import Client as Browser
from django.urls import reverse

from audit.models import Event
from govvoice.embedded.places import ROOT
from synthesis.models import Voice
from tests.portal.broadcasts.cast import Official, official
from tests.portal.shell.test_who_may_open_what import PAGES

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
PRODUCTION = {
    "GOVVOICE_ENV": "production",
    "GOVVOICE_HOSTS": "voice.example.gov.cn",
    "GOVVOICE_DATA_KEYS": "k" * 40,
}


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    """Roles, a voice, and no counters."""


def directives(header: str) -> dict[str, list[str]]:
    parts = [part.split() for part in header.split(";") if part.strip()]
    return {part[0]: part[1:] for part in parts}


def test_every_answer_carries_the_same_strict_policy(editor: Official) -> None:
    for path in ("/portal/login/", "/portal/", "/healthz", "/api/v1/voices", "/nowhere"):
        answer = editor.browser.get(path)
        policy = directives(answer["Content-Security-Policy"])
        assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == ["'none'"], path
        assert policy["frame-ancestors"] == ["'none'"]
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:"} & {
            source for sources in policy.values() for source in sources
        }
        assert "geolocation=()" in answer["Permissions-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_nonce_is_fresh_in_every_page_and_is_the_pages_own(editor: Official) -> None:
    nonces = []
    for _ in range(2):
        answer = editor.see("index")
        sources = directives(answer["Content-Security-Policy"])["style-src"]
        nonce = next(source[7:-1] for source in sources if source.startswith("'nonce-"))
        assert f'<style id="theme-colours" nonce="{nonce}">' in answer.content.decode()
        nonces.append(nonce)
    assert nonces[0] != nonces[1]
    assert editor.see("index")["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "auditor", "editor", "reviewer"])
def test_no_page_holds_a_script_a_handler_or_a_style_of_its_own(role: str) -> None:
    person = official(role)
    for route in (route for route, roles in PAGES.items() if role in roles):
        answer = person.see(route)
        if not answer["Content-Type"].startswith("text/html"):
            continue  # a file to be kept, such as the auditor's verifier
        page = answer.content.decode()
        assert not re.search(r"<script(?![^>]*\b(?:src=|type=.application/json))[^>]*>", page), route
        assert not re.search(r"<style(?![^>]*\bnonce=)", page), route
        assert not re.search(r"<[^>]*\s(?:style|on[a-z]+)=[\"']", page), route
        assert not re.search(r"(?:src|href|action)=[\"'](?:https?:)?//", page), route


@pytest.mark.abuse(98)
@pytest.mark.parametrize(
    "there", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "/\\evil.example", "///x"]
)
def test_a_login_leads_nowhere_else(editor: Official, there: str) -> None:
    answer = Browser().post(
        reverse("admin:login"), {"username": "editor", "password": PASSWORD, "next": there}
    )
    assert answer["Location"] == reverse("admin:index")
    language = Browser().post(reverse("set_language"), {"language": "en", "next": there})
    assert language["Location"] == "/"


@pytest.mark.abuse(96)
def test_a_form_from_elsewhere_is_refused(editor: Official) -> None:
    strict = Browser(enforce_csrf_checks=True)
    strict.force_login(editor.staff)
    for route in ("password_change", "session", "logout", "broadcast-new"):
        assert strict.post(reverse(f"admin:{route}"), {}).status_code == 403
    assert (
        strict.post(reverse("admin:login"), {"username": "editor", "password": PASSWORD}).status_code == 403
    )
    refused = Event.objects.filter(action="portal.refused", code="csrf_invalid", status=403)
    assert refused.count() == 5


def test_production_binds_its_cookies_to_this_host_and_to_https() -> None:
    names = (
        "SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE",
        "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "SECURE_SSL_REDIRECT",
        "SECOND_FACTOR_REQUIRED",
    )  # fmt: skip
    script = (
        "import json; from govvoice import settings;"
        f"print(json.dumps([getattr(settings, name) for name in {names}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | PRODUCTION,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = dict(zip(names, json.loads(done.stdout), strict=True))
    assert found == {
        "SESSION_COOKIE_NAME": "__Host-sessionid", "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True, "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_NAME": "__Host-csrftoken", "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31536000, "SECURE_SSL_REDIRECT": True, "SECOND_FACTOR_REQUIRED": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"GOVVOICE_SECOND_FACTOR": "offered"}, "accounts.E001"),
        ({"GOVVOICE_DATA_KEYS": "too-short"}, "accounts.E002"),
        ({"GOVVOICE_CLIENT_CERT_HEADER": "X-Client-Cert"}, "accounts.E004"),
        ({}, ""),
    ],
)
def test_a_deployment_with_one_factor_is_not_passed(changed: dict[str, str], code: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=os.environ | PRODUCTION | changed, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert re.findall(r"accounts\.E\d+", done.stderr) == ([code] if code else [])
    assert done.returncode == 1 or not code
