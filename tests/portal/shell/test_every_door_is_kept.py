"""Every route of the platform: who gets in, who does not, and what it leaves in the evidence."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client as Browser
from django.urls import reverse

from audit.models import Event
from synthesis.models import Voice
from tests.portal.broadcasts.cast import official
from tests.portal.shell.changes import CHANGES
from tests.portal.shell.routes import all_routes
from tests.portal.shell.test_every_change_is_on_record import ELSEWHERE

pytestmark = pytest.mark.django_db

ROLES = (
    "system_admin", "security_admin", "auditor", "editor", "reviewer", "publisher", "duty_officer", "pending",
)  # fmt: skip
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
    "api/v1/speech/audio/<str:token>": "the signed address itself, and the client's networks",
}
# A POST that changes nothing worth a line, and why.
SILENT = {
    "portal/session": "asks for more time; the session's own clock",
    "portal/login/second/options": "a challenge to be answered",
    "portal/me/passkey/options": "a challenge to be answered",
    "portal/desk/readings": "tells how a text is read; a long text travels in the body",
    "portal/desk/readings/check": "tells whether a reading can be spoken",
    "portal/i18n/setlang/": "a cookie with a language",
    "portal/broadcasts/<broadcast:code>/heard": "notes in the session what was heard; the approval says it",
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
    "categories": (BUSINESS | {"security_admin"}, {"security_admin"}),
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

    Every refusal leaves a line; and what takes a POST at all is shown to leave one too
    (test_every_change_is_on_record.py), or is on the list above.
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
    on_record = {route.pattern for route in PORTAL if route.name in CHANGES.keys() | ELSEWHERE.keys()}
    assert writing <= on_record | SILENT.keys()
    assert {*SILENT, *OPEN} <= {route.pattern for route in all_routes()}
