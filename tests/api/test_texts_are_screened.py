"""POST /screening judges without speaking; at every door a text is refused, held, or passed by one code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse

from audit.models import Event
from govvoice.broadcasts.models import Broadcast
from synthesis.screening import review
from synthesis.screening.models import ReviewItem
from tests.api.cast import Hotline, assert_refused
from tests.portal.broadcasts.cast import official, published
from tests.synthesis.screening.cast import forbid

pytestmark = pytest.mark.django_db
SCREENING = "/api/v1/screening"
TEXT = "请留意内部消息。"


def ask(hotline: Hotline, **body: Any) -> HttpResponse:
    return hotline.post(json.dumps(body).encode(), path=SCREENING)


def answer(hotline: Hotline, **body: Any) -> dict[str, Any]:
    response = ask(hotline, **body)
    assert response.status_code == 200, response.content
    told: dict[str, Any] = json.loads(response.content)
    return told


def test_an_innocent_text_passes(hotline: Hotline) -> None:
    assert answer(hotline, text=TEXT) == {"verdict": "pass", "hits": []}


@pytest.mark.parametrize("level", ["record", "mask", "review", "block"])
def test_a_hit_is_told_by_its_place_and_level_and_not_as_it_is_listed(hotline: Hotline, level: str) -> None:
    forbid("内部消息", level=level)
    told = answer(hotline, text="请留意内\u200b部消息。")
    assert told["verdict"] == level
    (hit,) = told["hits"]
    assert (hit["start"], hit["end"], hit["text"], hit["level"]) == (3, 8, "内\u200b部消息", level)
    assert hit.keys() == {"start", "end", "text", "category", "level", "suggestion"}


def test_ssml_is_judged_across_its_tags(hotline: Hotline) -> None:
    forbid("内部消息")
    ssml = "<speak>内<break time='200ms'/>部消息</speak>"
    (hit,) = answer(hotline, ssml=ssml)["hits"]
    assert ssml[hit["start"] : hit["end"]].startswith("内<break")


def test_a_question_is_on_record_and_holds_nothing(hotline: Hotline) -> None:
    forbid("内部消息", level="review")
    answer(hotline, text=TEXT)
    event = Event.objects.get(action="screening.requested")
    assert (event.actor_id, event.details["verdict"], event.characters) == ("hotline", "review", len(TEXT))
    assert TEXT not in str(event.details)
    assert not ReviewItem.objects.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "text_required"),
        ({"text": "甲", "ssml": "<speak>甲</speak>"}, "text_or_ssml"),
        ({"text": 1}, "type"),
        ({"text": "甲", "mood": "x"}, "unknown_field"),
        ({"text": "甲" * 501}, "text_too_long"),
    ],
)
def test_a_wrong_question_is_told(hotline: Hotline, body: dict[str, Any], code: str) -> None:
    assert_refused(ask(hotline, **body), 422, code)


def test_a_held_text_says_its_number_and_is_spoken_when_it_was_passed(hotline: Hotline, worker: None) -> None:
    forbid("内部消息", level="review")
    refused = json.loads(hotline.say(TEXT).content)
    (error,) = refused["errors"]
    assert (refused["code"], error["field"], error["position"]) == ("text_needs_review", "text", 3)
    item = ReviewItem.objects.get(code=error["review"])
    assert error["review"] in refused["detail"]
    reviewer = official("reviewer").staff
    review.decide(item=item, decision="once", reason="", staff=reviewer, origin=None)
    assert hotline.say(TEXT).status_code == 200
    assert json.loads(hotline.say(TEXT).content)["code"] == "text_needs_review"


def test_a_broadcast_on_air_is_given_out_no_more_when_a_word_of_it_is_forbidden(hotline: Hotline) -> None:
    broadcast = published(official("editor"), official("reviewer"))
    path = f"/api/v1/broadcasts/{broadcast.code}/audio"
    etag = hotline.get(path)["ETag"]
    forbid("管网")
    for headers in ({}, {"If-None-Match": etag}):
        response = hotline.get(path, **headers)
        assert (response.status_code, json.loads(response.content)["code"]) == (409, "broadcast_blocked")
    assert Broadcast.objects.get().state == Broadcast.State.PUBLISHED
