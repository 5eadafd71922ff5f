"""A text that waits for a person."""

from __future__ import annotations

from typing import Any

from audit.parties import Actor, Origin
from synthesis.screening import review
from synthesis.screening.current import Audience
from synthesis.screening.models import ReviewItem
from synthesis.screening.review import Held
from synthesis.screening.services import judge
from tests.synthesis.screening.cast import forbid

CALLER = Actor(kind="client", id="hotline", name="测试热线", organisation="测试热线中心")
TEXT = "请留意内部消息。"


def held(
    text: str = TEXT, caller: Actor = CALLER, organisation: str = "default", **fields: Any
) -> ReviewItem:
    if not judge(text).hits:
        forbid("内部消息", level="review", **fields)
    item = review.hold(
        Held(text, judge(text).hits),
        audience=Audience(organisation),
        actor=caller,
        origin=Origin(request_id="r1"),
    )
    assert item is not None
    return item
