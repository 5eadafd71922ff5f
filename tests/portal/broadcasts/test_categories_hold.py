"""A broadcast keeps to its category's rule, from the first draft to the air."""

from __future__ import annotations

import pytest

from audit.models import Event
from govvoice.broadcasts import services
from govvoice.broadcasts.models import Broadcast
from synthesis.errors import EmotionNotInCategory
from synthesis.models import Category
from tests.portal.broadcasts.cast import FIELDS, Official, draft, official, with_audio

pytestmark = pytest.mark.django_db

SORROW = {"category": "obituary", "emotion": "sad"}


def tighten() -> None:
    Category.objects.filter(code="obituary").update(emotions=["neutral"], default_emotion="neutral")


def test_a_cheerful_obituary_is_refused_beside_its_field(editor: Official) -> None:
    answer = editor.press("broadcast-new", **FIELDS, category="obituary", step="")
    assert answer.status_code == 302
    answer = editor.press("broadcast-new", **FIELDS | {"emotion": "happy"}, category="obituary", step="")
    assert answer.status_code == 422
    assert "播报类别“讣告”不能使用情感 高兴" in answer.content.decode()
    assert [broadcast.latest.emotion for broadcast in Broadcast.objects.all()] == ["neutral"]
    refused = Event.objects.get(action="broadcast.created", outcome="refused")
    assert refused.code == "emotion_not_in_category"


def test_an_unknown_category_is_refused(editor: Official) -> None:
    answer = editor.press("broadcast-new", **FIELDS, category="wedding", step="")
    assert (answer.status_code, "没有这个播报类别" in answer.content.decode()) == (422, True)


def test_an_edit_cannot_make_it_cheerful(editor: Official) -> None:
    broadcast = draft(editor, **SORROW)
    content = services.Content(
        title="讣告", text="沉痛悼念。", voice="tone", emotion="happy", category="obituary"
    )
    with pytest.raises(EmotionNotInCategory):
        services.edit(broadcast=broadcast, content=content, channels=[], staff=editor.staff, origin=None)
    assert broadcast.latest.emotion == "sad"


def test_a_preview_is_held_to_the_rule(editor: Official) -> None:
    body = {name: value for name, value in FIELDS.items() if name not in {"title", "channels"}}
    answer = editor.browser.post(
        "/portal/desk/speak",
        body | {"emotion": "happy", "category": "disaster"},
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "emotion_not_in_category")


def test_every_step_asks_for_the_rule_of_the_day(
    editor: Official, reviewer: Official, django_capture_on_commit_callbacks: object
) -> None:
    broadcast = with_audio(editor, **SORROW)
    allowed = Category.objects.filter(code="obituary").values("emotions").get()
    tighten()
    with pytest.raises(EmotionNotInCategory):
        services.submit(broadcast=broadcast, staff=editor.staff, origin=None)
    Category.objects.filter(code="obituary").update(**allowed)
    services.submit(broadcast=broadcast, staff=editor.staff, origin=None)
    sha256 = broadcast.latest.rendition.sha256 if broadcast.latest.rendition else ""
    tighten()
    with pytest.raises(EmotionNotInCategory):
        services.approve(broadcast=broadcast, sha256=sha256, staff=reviewer.staff, origin=None)
    Category.objects.filter(code="obituary").update(**allowed)
    services.approve(broadcast=broadcast, sha256=sha256, staff=reviewer.staff, origin=None)
    tighten()
    publisher = official("publisher")
    with pytest.raises(EmotionNotInCategory):
        services.publish(broadcast=broadcast, staff=publisher.staff, origin=None)
    Category.objects.filter(code="obituary").update(**allowed)
    services.publish(broadcast=broadcast, staff=publisher.staff, origin=None)
    event = Event.objects.get(action="broadcast.published")
    assert (event.details["category"], event.details["emotion"]) == ("obituary", "sad")


def test_finished_audio_is_not_made_against_the_rule(editor: Official) -> None:
    broadcast = draft(editor, **SORROW)
    tighten()
    with pytest.raises(EmotionNotInCategory):
        services.make_audio(broadcast=broadcast, staff=editor.staff, origin=None)
    assert broadcast.latest.rendition is None


def test_the_reviewer_sees_the_category(editor: Official, reviewer: Official) -> None:
    broadcast = with_audio(editor, **SORROW)
    services.submit(broadcast=broadcast, staff=editor.staff, origin=None)
    assert "讣告" in reviewer.see("broadcast-review", broadcast.code).content.decode()
