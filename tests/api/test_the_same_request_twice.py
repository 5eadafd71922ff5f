"""Idempotency-Key: the same request is carried out once, however often and from how many sides it comes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse

from accounts.models import Client
from audit.models import Event
from govvoice.api import repeats
from govvoice.api.quota import used_today
from synthesis.cache.redis import connection
from synthesis.models import Speech
from tests.api.cast import Hotline, assert_refused, open_hotline
from tests.api.test_limits_hold import at_once
from tests.synthesis.screening.cast import forbid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker")]

HELLO = '{"text": "你好世界"}'.encode()


def ask(hotline: Hotline, key: str = "k1", body: bytes = HELLO) -> HttpResponse:
    return hotline.post(body, Idempotency_Key=key)


def facts(response: HttpResponse) -> tuple[Any, ...]:
    told = ("Content-Type", "X-Speech-Id", "X-Cache", "X-Audio-Duration", "X-Voice", "Content-Disposition")
    return (response.status_code, response.content, *(response[name] for name in told))


@pytest.mark.abuse(83)
def test_the_second_time_brings_the_first_answer_and_costs_nothing(hotline: Hotline) -> None:
    first, second = ask(hotline), ask(hotline, body=b' {"text":\n"\\u4f60\\u597d\\u4e16\\u754c"}')
    assert facts(first) == facts(second)
    assert (first.get("Idempotent-Replayed"), second["Idempotent-Replayed"]) == (None, "true")
    assert first["X-Request-Id"] != second["X-Request-Id"]
    assert used_today(hotline.row) == 4
    assert Speech.objects.count() == Event.objects.filter(action="speech.requested").count() == 1


@pytest.mark.abuse(83)
@pytest.mark.django_db(transaction=True)
def test_of_fifty_at_once_one_is_carried_out_and_all_get_its_answer(hotline: Hotline) -> None:
    answers = at_once(50, lambda: facts(ask(hotline)))
    assert len(set(answers)) == 1
    assert answers[0][0] == 200
    assert used_today(hotline.row) == 4
    assert Speech.objects.count() == Event.objects.filter(action="speech.requested").count() == 1


@pytest.mark.abuse(84)
@pytest.mark.parametrize("body", ['{"text": "你好"}', '{"text": "你好世界", "rate": 1.5}'])
def test_another_request_under_the_same_key_is_refused(hotline: Hotline, body: str) -> None:
    ask(hotline)
    response = ask(hotline, body=body.encode())
    assert (response.status_code, json.loads(response.content)["code"]) == (409, "idempotency_conflict")
    assert Event.objects.filter(code="idempotency_conflict", status=409).count() == 1
    assert used_today(hotline.row) == 4


@pytest.mark.abuse(85)
def test_another_clients_key_is_another_key(hotline: Hotline) -> None:
    other = open_hotline("other")
    assert ask(hotline)["X-Speech-Id"] != ask(other, body='{"text": "再见"}'.encode())["X-Speech-Id"]
    assert ask(other, body='{"text": "再见"}'.encode())["Idempotent-Replayed"] == "true"


@pytest.mark.abuse(86)
@pytest.mark.parametrize("key", ["", " ", "a b", "a,b", "x" * 129, "x" * 10_000, "钥匙", "a\x7f", "a\tb"])
def test_what_is_no_key_is_refused(hotline: Hotline, key: str) -> None:
    assert_refused(ask(hotline, key), 400, "idempotency_key_invalid")


@pytest.mark.parametrize("key", ["!", '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "~" * 128])
def test_any_visible_signs_are_a_key(hotline: Hotline, key: str) -> None:
    assert ask(hotline, key).status_code == 200


def test_a_refused_request_has_not_used_its_key(hotline: Hotline) -> None:
    assert_refused(ask(hotline, body='{"text": "。。。"}'.encode()), 422, "nothing_to_speak")
    assert ask(hotline).status_code == 200


def test_a_process_that_died_gives_the_key_back(hotline: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "LEASE_SECONDS", 1)
    turn = begun_elsewhere(hotline)
    answer = ask(hotline)  # waits until the other's time is over
    assert answer.status_code == 200
    turn.keep(b"too late")
    turn.release()
    assert facts(ask(hotline)) == facts(answer)


def begun_elsewhere(hotline: Hotline) -> repeats._Turn:
    said = json.loads(HELLO)
    turn = repeats._Turn(repeats._name(hotline.row, "k1"), repeats._digest(["/api/v1/speech", said]))
    assert turn.wait() is None
    return turn


def test_who_waits_too_long_is_told_so(hotline: Hotline, settings: Any) -> None:
    settings.SPEECH_DEADLINE = 0.1
    turn = begun_elsewhere(hotline)
    response = ask(hotline)
    assert_refused(response, 409, "idempotency_under_way")
    assert response["Retry-After"] == "2"
    turn.release()
    assert ask(hotline).status_code == 200


def test_what_has_been_forbidden_since_is_not_said_again(hotline: Hotline) -> None:
    assert ask(hotline).status_code == 200
    forbid("世界")
    response = ask(hotline)
    assert (response.status_code, json.loads(response.content)["code"]) == (422, "text_blocked")


def test_an_answer_is_kept_for_a_day_and_only_for_its_client(hotline: Hotline) -> None:
    ask(hotline)
    [name] = list(connection().scan_iter("govvoice:repeat:*"))
    assert name.decode().startswith(f"govvoice:repeat:{Client.objects.get().pk}:")
    assert 23 * 3600 < int(connection().ttl(name)) <= 24 * 3600  # type: ignore[arg-type]
