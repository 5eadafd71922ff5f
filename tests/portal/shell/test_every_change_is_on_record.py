"""Each route of portal and API that changes something is sent a valid request, which leaves a line."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import resolve, reverse

from accounts.models import ApiKey
from accounts.services import issue_key
from audit.actions import is_registered
from audit.models import Event
from audit.parties import SYSTEM
from govvoice.embedded.places import ROOT
from govvoice.portal.evidence.details import Teller
from synthesis.models import Voice
from tests.api.cast import Hotline, open_hotline
from tests.portal.shell.changes import CHANGES, Stage
from tests.portal.shell.routes import all_routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker")]

# What takes more than one request to prepare: route -> action, and the test that names it and sends it. (The
# answer of a security key cannot be made up; Chromium has a key of its own.)
ELSEWHERE = {
    "second-passkey": (
        "auth.login",
        "portal/entrance/test_a_login_in_a_browser.py::test_a_login_with_a_passkey",
    ),
    "factor-passkey": (
        "factor.added",
        "portal/entrance/test_a_login_in_a_browser.py::test_a_login_with_a_passkey",
    ),
}
# Route of the API -> what a valid POST leaves.
DOORS = {
    "token": "token.issued",
    "revoke": "token.revoked",
    "speech": "speech.requested",
    "readings": "readings.requested",
    "screening": "screening.requested",
}


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    """Roles, a voice, and no counters."""


def actions_of(response: HttpResponse) -> set[str]:
    """What the request has put on record, as done."""
    done = Event.objects.filter(request_id=response["X-Request-Id"], outcome="succeeded")
    return set(done.values_list("action", flat=True))


@pytest.mark.parametrize("route", CHANGES)
def test_a_change_leaves_its_line(route: str) -> None:
    change = CHANGES[route]
    response = change.prepare(Stage()).send(f"admin:{route}")
    assert response.status_code in {200, 204, 302}, response.content.decode()
    assert change.action in actions_of(response)
    assert unnamed_details() == set()


def unnamed_details() -> set[str]:
    """Names of details that the auditor would read as they are in the code."""
    teller = Teller()
    labels = (label for event in Event.objects.all() for label, _ in teller.facts(event))
    return {label for label in labels if label.isascii() and label not in {"AppKey"}}


@pytest.mark.parametrize("route", ELSEWHERE)
def test_what_is_sent_elsewhere_has_its_test(route: str) -> None:
    action, where = ELSEWHERE[route]
    file, _, name = where.partition("::")
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    [test] = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    assert is_registered(action)
    assert f'"{action}"' in ast.unparse(test).replace("'", '"')


@pytest.mark.parametrize("door", DOORS)
def test_a_call_leaves_its_line(door: str) -> None:
    hotline = open_hotline()
    response = hotline.post(json.dumps(body_for(door, hotline)).encode(), path=reverse(f"api:{door}"))
    assert response.status_code in {200, 204}, response.content
    assert actions_of(response) == {DOORS[door]}


def body_for(door: str, hotline: Hotline) -> dict[str, Any]:
    if door not in {"token", "revoke"}:
        return {"text": "您好。"}
    kind = ApiKey.Kind.SECRET
    secret = issue_key(client=hotline.row, expires_at=None, actor=SYSTEM, origin=None, kind=kind).key
    asked = {"client_id": hotline.row.code, "client_secret": secret}
    if door == "token":
        return asked
    issued = hotline.post(json.dumps(asked).encode(), path=reverse("api:token"))
    return {"token": json.loads(issued.content)["access_token"]}


def test_every_route_of_the_api_that_takes_a_post_is_sent_one() -> None:
    doors = {route for route in all_routes() if route.pattern.startswith("api/")}
    posting = {route.name for route in doors if hasattr(view_of(route.path), "post")}
    assert posting == DOORS.keys()


def view_of(path: str) -> Any:
    return getattr(resolve(path).func, "cls", None)


def test_every_action_shown_here_is_in_the_catalogue() -> None:
    assert all(is_registered(change.action) for change in CHANGES.values())
    names = {route.name for route in all_routes()}
    assert CHANGES.keys() | ELSEWHERE.keys() <= names
