"""The desk speaks, plays to whoever asked, and keeps nothing as a broadcast."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from audit.models import Event
from govvoice.broadcasts.models import Broadcast
from govvoice.portal.desk import pace
from synthesis import audio
from synthesis.cache import layered
from synthesis.cache.redis import connection
from synthesis.models import Speech
from tests.portal.broadcasts.cast import Official
from tests.portal.desk.test_only_listeners_get_in import BODY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker")]

TEXT = "您好，您的办件已受理。"


def speak(listener: Official, **changed: Any) -> HttpResponse:
    response: HttpResponse = listener.browser.post(
        reverse("admin:desk-speak"),
        json.dumps(BODY | {"text": TEXT} | changed),
        content_type="application/json",
    )
    return response


def heard(listener: Official, **changed: Any) -> dict[str, Any]:
    response = speak(listener, **changed)
    assert response.status_code == 200, response.content
    told: dict[str, Any] = json.loads(response.content)
    return told


def test_the_player_is_told_all_it_shows(editor: Official) -> None:
    told = heard(editor)
    assert told["cache"] == "新合成"
    assert len(told["peaks"]) == 240
    assert [TEXT[start:end] for start, end, *_ in told["marks"]] == ["您好", "您的办件已受理"]
    assert told["marks"][-1][3] == pytest.approx(told["seconds"], abs=0.01)
    assert heard(editor)["cache"] == "取自缓存"


def test_each_hearing_is_counted_and_recorded(editor: Official) -> None:
    heard(editor)
    speech = Speech.objects.get()
    assert (speech.caller_kind, speech.caller_id) == ("staff", str(editor.staff.pk))
    event = Event.objects.get(action="preview.requested")
    assert (event.outcome, event.characters, event.object_id) == ("succeeded", len(TEXT), str(speech.pk))
    assert not Broadcast.objects.exists()


def test_the_audio_is_played_and_downloaded(editor: Official) -> None:
    address = heard(editor)["audio"]
    played = editor.browser.get(address)
    samples, rate = audio.decode(played.content)
    assert (played["Content-Type"], rate) == ("audio/wav", 24_000)
    assert len(samples) / rate == pytest.approx(Speech.objects.get().seconds, abs=0.001)
    assert played["Content-Disposition"].startswith('inline; filename="preview-')
    saved = editor.browser.get(address, {"save": "", "format": "pcm"})
    assert saved["Content-Disposition"].startswith('attachment; filename="preview-')
    assert played.content.endswith(saved.content)
    assert len(played.content) - len(saved.content) == 44


def test_the_audio_is_only_for_whoever_asked(editor: Official, reviewer: Official) -> None:
    address = heard(editor)["audio"]
    assert reviewer.browser.get(address).status_code == 404
    assert editor.browser.get(address, {"format": "exe"}).status_code == 404
    assert editor.see("desk-audio", "00000000-0000-4000-8000-000000000000").status_code == 404


def test_expired_audio_says_so(editor: Official) -> None:
    address = heard(editor)["audio"]
    layered.memory().clear()
    connection().delete(*connection().scan_iter("govvoice:sound:*"))
    response = editor.browser.get(address)
    assert response.status_code == 410
    assert "已过期，请重新合成" in json.loads(response.content)["detail"]


def test_too_many_requests_wait(editor: Official, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "RATE", "2/m")
    # Windows are fixed, and one may end between two of these: five requests meet at least one full window.
    answers = [speak(editor) for _ in range(5)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert answers[0].status_code == 200
    assert refused
    assert 1 <= int(refused[0]["Retry-After"]) <= 60
    assert "秒后再试" in json.loads(refused[0].content)["detail"]
