"""At every door an emotion that the voice cannot do is an error that names those it can."""

from __future__ import annotations

import json
from typing import Any

import pytest

from govvoice.broadcasts import services
from synthesis.errors import EmotionUnsupported
from synthesis.models import Voice
from tests.api.cast import assert_refused, open_hotline
from tests.portal.broadcasts.cast import FIELDS, Official, draft

pytestmark = pytest.mark.django_db

THOSE_IT_CAN = "neutral、sad、gentle、serious"
WISH: dict[str, Any] = {"voice": "qinghe-steady", "emotion": "fear"}
MARKUP = '<speak><voice name="qinghe-steady"><emotion category="fear">请稍等</emotion></voice></speak>'


@pytest.mark.parametrize("sent", [{"text": "请稍等。", **WISH}, {"ssml": MARKUP}])
def test_at_the_api(voice: Voice, sent: dict[str, Any]) -> None:
    problem = assert_refused(open_hotline().post(json.dumps(sent).encode()), 422, "emotion_unsupported")
    assert THOSE_IT_CAN in problem["detail"]


@pytest.mark.parametrize("trials", [[], [{"word": "请", "reading": "qing3"}]])
def test_at_the_desk_also_when_an_entry_is_tried(editor: Official, trials: list[Any]) -> None:
    body = {name: value for name, value in FIELDS.items() if name not in {"title", "channels"}}
    answer = editor.browser.post(
        "/portal/desk/speak", body | WISH | {"trials": trials}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "emotion_unsupported")
    assert THOSE_IT_CAN in answer.json()["detail"]


def test_in_a_broadcast(editor: Official) -> None:
    broadcast = draft(editor, **WISH)
    with pytest.raises(EmotionUnsupported, match=THOSE_IT_CAN):
        services.make_audio(broadcast=broadcast, staff=editor.staff, origin=None)
    assert broadcast.latest.rendition is None
