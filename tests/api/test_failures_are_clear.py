"""When something behind the door is gone, callers get a 503 that says so, and nothing is counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection as database
from django.http import HttpResponse
from django.test import override_settings

from audit.models import Event
from govvoice.api import views
from govvoice.api.quota import used_today
from synthesis.cache import redis
from synthesis.engines.base import EngineFailed, UnknownPhone
from synthesis.engines.tone.engine import Tone
from synthesis.models import Speech
from tests.api.cast import Hotline, assert_refused
from tests.stage import as_the_application, no_evidence

pytestmark = pytest.mark.django_db


def assert_later(response: HttpResponse, code: str) -> None:
    assert_refused(response, 503, code)
    assert int(response["Retry-After"]) >= 1


@contextmanager
def valkey_at(url: str) -> Iterator[None]:
    with override_settings(REDIS_URL=url):
        redis.forget_connection()
        try:
            yield
        finally:
            redis.forget_connection()


@pytest.mark.abuse(102)
def test_without_valkey_nothing_is_spoken(hotline: Hotline) -> None:
    with valkey_at("redis://127.0.0.1:1/0"):
        assert_later(hotline.say(), "cache_unavailable")


@pytest.mark.abuse(102)
@pytest.mark.usefixtures("worker")
def test_without_evidence_there_is_no_sound(hotline: Hotline) -> None:
    with database.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event ADD CONSTRAINT nothing_more CHECK (false) NOT VALID")
    before = Event.objects.count()
    response = hotline.say()
    assert response.status_code == 503
    assert json.loads(response.content)["code"] == "audit_unavailable"
    assert (Speech.objects.count(), Event.objects.count()) == (0, before)
    assert used_today(hotline.row) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("worker")
def test_an_application_that_may_not_add_events_gives_no_sound(hotline: Hotline) -> None:
    """As the platform runs: with the application's own account, whose right is taken away and given back."""
    with no_evidence():
        response = hotline.say()
        assert response.status_code == 503
        assert json.loads(response.content)["code"] == "audit_unavailable"
        assert (Speech.objects.count(), Event.objects.filter(actor_id=hotline.row.code).count()) == (0, 0)
        assert used_today(hotline.row) == 0
    with as_the_application():
        assert hotline.say().status_code == 200
        assert Event.objects.get(action="speech.requested").actor_id == hotline.row.code


def test_a_refusal_that_cannot_be_recorded_is_still_a_refusal(hotline: Hotline) -> None:
    with database.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event ADD CONSTRAINT nothing_more CHECK (false) NOT VALID")
    response = hotline.say("")
    assert (response.status_code, json.loads(response.content)["code"]) == (422, "text_empty")


@pytest.mark.abuse(102)
@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("failure", [EngineFailed("out of memory"), UnknownPhone("xyz9", 0)])
def test_an_engine_that_fails_is_told_as_unavailable(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(*_arguments: object) -> None:
        raise failure

    monkeypatch.setattr(Tone, "_render", fail)
    assert_later(hotline.say("引擎坏了"), "synthesis_unavailable")


@pytest.mark.usefixtures("worker")
def test_an_engine_that_fails_once_is_tried_again(hotline: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    render, tries = Tone._render, []

    def fail_once(engine: Tone, *arguments: object) -> object:
        tries.append(arguments)
        if len(tries) == 1:
            raise EngineFailed("out of memory")
        return render(engine, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Tone, "_render", fail_once)
    assert hotline.say("再试一次").status_code == 200
    assert len(tries) == 2


def test_a_bug_is_no_500_and_tells_nothing_of_itself(
    hotline: Hotline, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setattr(views, "_voices", broken)
    response = hotline.get("/api/v1/voices")
    assert_later(response, "internal_error")
    assert b"secret" not in response.content
    assert "ZeroDivisionError" in caplog.text


def test_a_bug_outside_the_views_is_no_500_either(hotline: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("govvoice.api.views.Door.initialize_request", broken)
    assert_later(hotline.get("/api/v1/voices"), "internal_error")


def test_a_page_that_is_missing_is_told_in_html(hotline: Hotline) -> None:
    response = hotline.get("/nowhere")
    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "没有找到" in response.content.decode()


@pytest.mark.usefixtures("worker")
def test_after_an_outage_the_next_request_works(hotline: Hotline) -> None:
    with valkey_at("redis://127.0.0.1:1/0"):
        assert hotline.say().status_code == 503
    assert hotline.say().status_code == 200
