"""Every route of the platform: who gets in, who does not, and what it leaves in the evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.contrib import admin
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from audit.actions import is_registered
from audit.models import Event
from synthesis.models import Voice
from tests.portal.broadcasts.cast import official

pytestmark = pytest.mark.django_db

TESTS = Path(__file__).resolve().parents[2]
ROLES = (
    "system_admin", "security_admin", "auditor", "editor", "reviewer", "publisher", "duty_officer", "pending",
)  # fmt: skip
SAMPLES = {
    "int": "1", "slug": "none", "uuid": "00000000-0000-4000-8000-000000000000", "path": "1",
    "broadcast": "BC20260101-0001",
}  # fmt: skip

# Open to anybody, and why.
OPEN = {
    "": "leads to the portal's start page",
    "healthz": "the load balancer asks whether the process is there; says nothing else",
    "health": "the same, under the name that other systems use",
    "metrics": "Prometheus reads figures; the networks of a setting only, nobody else finds it",
    "ready": "the load balancer asks whether it may send work; names parts, no versions",
    "portal/i18n/setlang/": "the login page can be read in two languages; a cookie, no data",
    "portal/login/": "the way in",
    "portal/login/second": "the second step of the way in; leads back to the first without it",
    "portal/login/second/options": "the same; refuses without the first step",
    "portal/login/second/passkey": "the same",
    "portal/logout/": "ends a session, if there is one",
    "portal/jsi18n/": "Django's own words for its widgets; no data",
    "portal/(?P<url>.*)$": "not found, in our own words",
    "portal/^(?P<app_label>accounts|synthesis)/$": "not found for anybody",
}
# Doors of the API that ask for something else than a key or a token, and what.
PROVEN_OTHERWISE = {
    "api/v1/schema/": "describes the doors; opens none",
    "api/v1/auth/token": "the client's secret, in the body",
    "api/v1/auth/revoke": "the token that is to end",
}
# What a POST that changes something leaves in the evidence, and the test that shows it.
WRITES = {
    "portal/login/": ("auth.login", "portal/entrance/test_the_way_in.py"),
    "portal/login/second": ("auth.login", "portal/entrance/test_a_second_factor.py"),
    "portal/login/second/passkey": ("auth.login", "portal/entrance/test_a_login_in_a_browser.py"),
    "portal/logout/": ("auth.logout", "portal/entrance/test_the_way_in.py"),
    "portal/password_change/": ("staff.password_changed", "portal/entrance/test_the_way_in.py"),
    "portal/me/code": ("factor.added", "portal/entrance/test_a_second_factor.py"),
    "portal/me/passkey": ("factor.added", "portal/entrance/test_a_login_in_a_browser.py"),
    "portal/me/recovery": ("factor.codes_made", "portal/entrance/test_a_second_factor.py"),
    "portal/me/<slug:kind>/<int:number>/remove": (
        "factor.removed", "portal/entrance/test_a_second_factor.py",
    ),
    "portal/security/staff/<int:number>/role": ("role.granted", "accounts/test_grants.py"),
    "portal/security/staff/<int:number>/password": ("staff.password_reset", "accounts/test_passwords.py"),
    "portal/security/staff/<int:number>/unlock": (
        "staff.unlocked", "portal/security/test_the_security_section.py",
    ),
    "portal/security/staff/<int:number>/factors": ("factor.reset", "portal/entrance/test_a_second_factor.py"),
    "portal/security/policy/propose": ("policy.proposed", "portal/security/test_the_security_section.py"),
    "portal/security/policy/<int:number>/decide": ("policy.confirmed", "accounts/test_policy.py"),
    "portal/beginning": ("staff.created", "accounts/test_grants.py"),
    "portal/accounts/staff/add/": ("staff.created", "portal/voices/test_lists_are_kept.py"),
    "portal/accounts/staff/<path:object_id>/change/": (
        "staff.disabled", "portal/voices/test_lists_are_kept.py",
    ),
    "portal/accounts/organisation/add/": ("organisation.created", "portal/voices/test_lists_are_kept.py"),
    "portal/accounts/organisation/<path:object_id>/change/": (
        "organisation.changed", "portal/voices/test_lists_are_kept.py",
    ),
    "portal/speakers/order": ("speaker.ordered", "portal/speakers/test_speakers_are_kept.py"),
    "portal/speakers/<slug:code>/change": ("speaker.changed", "portal/speakers/test_speakers_are_kept.py"),
    "portal/speakers/defaults": ("organisation.changed", "portal/speakers/test_speakers_are_kept.py"),
    "portal/speakers/voices/<slug:voice>/default": (
        "voice.changed", "portal/speakers/test_speakers_are_kept.py",
    ),
    "portal/speakers/voices/<slug:voice>/on": ("voice.enabled", "portal/speakers/test_speakers_are_kept.py"),
    "portal/speakers/voices/<slug:voice>/off": (
        "voice.disabled", "portal/speakers/test_speakers_are_kept.py",
    ),
    "portal/speakers/voices/<slug:voice>/licence": (
        "voice.licence_cleared", "portal/speakers/test_speakers_are_kept.py",
    ),
    "portal/synthesis/voice/<int:pk>/emotions": (
        "voice.emotions_offered", "synthesis/test_models_become_voices.py",
    ),
    "portal/synthesis/voice/<int:pk>/versions": ("voice.promoted", "synthesis/test_models_become_voices.py"),
    "portal/desk/speak": ("preview.requested", "portal/desk/test_a_text_is_heard.py"),
}  # fmt: skip
# Rooms whose own tests look for a line of evidence after each of their steps.
ROOMS = {
    "portal/broadcasts/": "broadcast.",
    "portal/clients/": "client.",
    "portal/lexicon/": "lexicon.",
    "portal/screening/": "wordlist.",
    "portal/evidence/": "audit.",
}
# A POST that changes nothing worth a line, and why.
SILENT = {
    "portal/session": "asks for more time; the session's own clock",
    "portal/login/second/options": "a challenge to be answered",
    "portal/me/passkey/options": "a challenge to be answered",
    "portal/desk/readings": "tells how a text is read; a long text travels in the body",
    "portal/desk/readings/check": "tells whether a reading can be spoken",
    "portal/i18n/setlang/": "a cookie with a language",
}
# Django's own pages of an object that lead on, or that nobody may open: a test of their own says so.
BARE = ("<path:object_id>/", "/history/", "/delete/")
# Django's lists take a POST for what is done to many rows at once; ours offer nothing of the kind.
LISTS = {
    f"portal/{name}/"
    for name in (
        "accounts/staff", "accounts/organisation", "synthesis/voice",
        "synthesis/emotion", "synthesis/speech",
    )
}  # fmt: skip
# Section -> roles that may look at something there, and roles that may change something there.
EVERYBODY = set(ROLES)
BUSINESS = {"editor", "reviewer", "publisher", "duty_officer"}
MATRIX = {
    "": (EVERYBODY, set()),
    "accounts": ({"system_admin"}, {"system_admin"}),
    "alarms": (EVERYBODY, set()),
    "beginning": (set(), set()),
    "broadcasts": (BUSINESS, {"editor", "reviewer", "publisher"}),
    "clients": ({"security_admin"}, {"security_admin"}),
    "desk": ({"editor", "reviewer"}, {"editor", "reviewer"}),
    "evidence": ({"auditor"}, {"auditor"}),
    "help": (EVERYBODY, set()),
    "lexicon": ({"editor", "reviewer"}, {"editor", "reviewer"}),
    "me": (EVERYBODY, EVERYBODY),
    "password_change": (EVERYBODY, EVERYBODY),
    "screening": ({"security_admin", "reviewer"}, {"security_admin", "reviewer"}),
    "security": ({"security_admin", "system_admin"}, {"security_admin", "system_admin"}),
    "session": (EVERYBODY, EVERYBODY),
    "speakers": (BUSINESS | {"system_admin"}, {"system_admin"}),
    "synthesis": (BUSINESS | {"system_admin"}, {"system_admin"}),
}


@dataclass(frozen=True, slots=True)
class Route:
    pattern: str
    path: str

    @property
    def section(self) -> str:
        return self.pattern.removeprefix("portal/").split("/")[0]


def all_routes() -> list[Route]:
    found = {pattern: Route(pattern, "/" + _filled(pattern)) for pattern in _walk(get_resolver(), "")}
    return list(found.values())


def _walk(resolver: URLResolver, before: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _walk(entry, before + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield before + str(entry.pattern)


def _filled(pattern: str) -> str:
    plain = re.sub(r"\(\?P<\w+>([a-z]*)[^)]*\)|[\^$]", lambda found: found[1] or "", pattern)
    return re.sub(r"<(\w+):\w+>", lambda found: SAMPLES[found[1]], plain)


PORTAL = [route for route in all_routes() if route.pattern.startswith("portal/")]
KEPT = [route for route in PORTAL if route.pattern not in OPEN]
DOORS = [route for route in all_routes() if route.pattern.startswith("api/")]


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    """Roles, a voice, and no counters."""


def test_each_route_is_behind_a_door_or_on_the_list() -> None:
    routes = {route.pattern for route in all_routes()}
    behind = {route.pattern for route in KEPT + DOORS}
    assert routes - behind == set(OPEN)
    assert all(OPEN.values())


def test_a_stranger_is_sent_to_the_login_page_from_everywhere() -> None:
    answers = [(route, Browser().generic(verb, route.path)) for route in KEPT for verb in ("GET", "POST")]
    inside = [
        (route.pattern, answer.status_code)
        for route, answer in answers
        if not (answer.status_code == 302 and answer["Location"].startswith(reverse("admin:login")))
    ]
    assert inside == []


def test_no_list_offers_to_act_on_many_rows() -> None:
    ours = list(admin.site._registry.values())
    assert len(ours) == len(LISTS)
    assert {model_admin.actions for model_admin in ours} == {None}


def test_a_stranger_is_told_401_at_every_door_of_the_api() -> None:
    statuses = {
        route.pattern: {Browser().generic(verb, route.path).status_code for verb in ("GET", "POST")}
        for route in DOORS
    }
    assert {pattern for pattern, found in statuses.items() if found != {401}} <= set(PROVEN_OTHERWISE)


def test_roles_by_sections_by_verbs() -> None:
    """Who may look at, and who may change something in each section.

    Every refusal leaves a line; and what takes a POST at all is on one of the lists above.
    """
    looks: dict[str, set[str]] = {section: set() for section in MATRIX}
    changes: dict[str, set[str]] = {section: set() for section in MATRIX}
    writing: set[str] = set()
    for role in ROLES:
        person = official(role)
        refused = 0
        for route in (route for route in KEPT if not route.pattern.endswith(BARE)):
            for verb, seen in (("GET", looks), ("POST", changes)):
                if verb == "POST" and route.pattern in LISTS:
                    continue
                answer = person.browser.generic(verb, route.path)
                assert not answer.headers.get("Location", "").startswith(reverse("admin:login")), route
                refused += answer.status_code == 403
                if answer.status_code not in {302, 403, 405}:
                    seen[route.section].add(role)
                    writing |= {route.pattern} if verb == "POST" else set()
        lines = Event.objects.filter(outcome="refused", status=403, actor_id=str(person.staff.pk))
        assert lines.count() == refused, role
    assert {section: (looks[section], changes[section]) for section in MATRIX} == MATRIX
    unlisted = writing - set(WRITES) - set(SILENT)
    assert {pattern for pattern in unlisted if not pattern.startswith(tuple(ROOMS))} == set()
    assert {*WRITES, *SILENT, *OPEN} <= {route.pattern for route in all_routes()}


@pytest.mark.parametrize("pattern", WRITES)
def test_what_a_change_leaves_in_the_evidence_is_shown_by_a_test(pattern: str) -> None:
    action, where = WRITES[pattern]
    assert is_registered(action)
    assert action in (TESTS / where).read_text(encoding="utf-8")


@pytest.mark.parametrize(("room", "prefix"), ROOMS.items())
def test_a_rooms_tests_look_for_its_lines(room: str, prefix: str) -> None:
    name = room.split("/")[1]
    folders = [TESTS / "portal" / name, TESTS / "synthesis" / name]
    texts = [path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("test_*.py")]
    assert sum(text.count(f'"{prefix}') for text in texts) >= 1
