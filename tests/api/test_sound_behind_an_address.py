"""`response`: sound as it is, inside JSON, or under an address that holds for ten minutes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.utils import timezone

from accounts.services import change_client
from audit.models import Event
from audit.parties import SYSTEM
from govvoice.api import links
from govvoice.api.auth import remembered
from synthesis.cache import layered
from synthesis.cache.redis import PREFIX, connection
from synthesis.models import Speech
from tests.api.cast import Hotline, open_hotline

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker")]


def change(hotline: Hotline, **fields: Any) -> None:
    change_client(client=hotline.row, fields=fields, networks=None, actor=SYSTEM, origin=None)
    remembered.forget()


def address_of(hotline: Hotline) -> str:
    answer = json.loads(hotline.say("你好世界", response="url").content)
    return str(answer["url"]).removeprefix("http://testserver")


def fetch(hotline: Hotline, path: str, **headers: str) -> HttpResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return hotline.call("GET", path, headers=sent)


def refused(response: HttpResponse) -> tuple[int, str]:
    problem = json.loads(response.content)
    assert Event.objects.filter(request_id=response["X-Request-Id"], action="api.refused").count() == 1
    return response.status_code, problem["code"]


def test_the_address_brings_the_same_bytes_without_a_key(hotline: Hotline) -> None:
    response = hotline.say("你好世界", response="url")
    answer = json.loads(response.content)
    assert answer["url"].startswith("http://testserver/api/v1/speech/audio/")
    assert "audio" not in answer
    assert (answer["format"], answer["sample_rate"], answer["id"]) == ("wav", 24_000, response["X-Speech-Id"])
    until = datetime.fromisoformat(answer["expires_at"]) - timezone.now()
    assert timedelta(minutes=9) < until <= timedelta(minutes=10)
    sound = fetch(hotline, answer["url"].removeprefix("http://testserver"))
    assert (sound.status_code, sound["Content-Type"]) == (200, "audio/wav")
    assert sound.content == hotline.say("你好世界").content
    event = Event.objects.get(action="speech.fetched")
    assert (event.actor_id, event.object_id, event.status) == ("hotline", answer["id"], 200)


@pytest.mark.abuse(90)
@pytest.mark.parametrize(
    ("asked", "status", "length"),
    [
        ("bytes=0-", 206, None),
        ("bytes=-1", 206, 1),
        ("bytes=4-7", 206, 4),
        ("bytes=0-999999999999", 206, None),
    ],
)
def test_a_part_of_it_may_be_asked_for(hotline: Hotline, asked: str, status: int, length: int | None) -> None:
    path = address_of(hotline)
    whole = fetch(hotline, path).content
    part = fetch(hotline, path, Range=asked)
    assert part.status_code == status
    assert len(part.content) == (length or len(whole))
    assert part["Content-Range"].endswith(f"/{len(whole)}")


@pytest.mark.parametrize("asked", ["bytes=9-5", "bytes=0-1,2-3", "bytes=999999999-"])
def test_a_part_that_is_not_there_is_refused(hotline: Hotline, asked: str) -> None:
    assert refused(fetch(hotline, address_of(hotline), Range=asked)) == (416, "range_invalid")


@pytest.mark.parametrize(
    "change", [lambda path: path[:-1], lambda path: path + "x", lambda path: path[:-4] + "AAAA"]
)
def test_a_changed_address_leads_nowhere(hotline: Hotline, change: Any) -> None:
    assert refused(fetch(hotline, change(address_of(hotline)))) == (404, "not_found")


def test_after_ten_minutes_it_leads_nowhere(hotline: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    path = address_of(hotline)
    monkeypatch.setattr(links, "LIFETIME", timedelta(seconds=-1))
    assert refused(fetch(hotline, path)) == (404, "not_found")


@pytest.mark.abuse(89)
def test_only_the_clients_own_networks_may_fetch_it(hotline: Hotline) -> None:
    path = address_of(hotline)
    hotline.address = "192.0.2.7"
    assert refused(fetch(hotline, path)) == (403, "ip_mismatch")


def test_a_closed_clients_sound_is_not_given_out(hotline: Hotline) -> None:
    path = address_of(hotline)
    change(hotline, is_active=False)
    assert refused(fetch(hotline, path)) == (401, "key_invalid")


def test_fetching_counts_as_calls(voice: Any) -> None:
    hotline = open_hotline(calls_per_minute=2)
    path = address_of(hotline)
    assert [fetch(hotline, path).status_code for _ in range(2)] == [200, 429]


def test_an_address_outlives_what_one_process_remembers(hotline: Hotline) -> None:
    hotline.say("你好世界")
    kept = PREFIX + Speech.objects.get().rendition_key
    connection().delete(kept)
    path = address_of(hotline)
    layered.memory().clear()
    assert fetch(hotline, path).status_code == 200
    connection().delete(kept)
    layered.memory().clear()
    assert refused(fetch(hotline, path)) == (404, "not_found")


@pytest.mark.parametrize(("own", "key"), [("base64", "audio"), ("url", "url")])
def test_the_clients_own_setting_holds_where_a_request_says_nothing(
    hotline: Hotline, own: str, key: str
) -> None:
    change(hotline, response=own)
    assert key in json.loads(hotline.say().content)
    assert hotline.say(response="audio")["Content-Type"] == "audio/wav"
