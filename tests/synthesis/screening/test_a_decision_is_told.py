"""Who waits for a decision is told of it by a worker, with nothing in it that he may not know."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from pytest_django import Settings

from accounts.models import Notice
from accounts.webhooks import set_webhook
from audit.models import Event
from audit.parties import SYSTEM, Actor, Origin
from synthesis.screening import review
from synthesis.screening.current import Audience
from synthesis.screening.models import ReviewItem
from tests.accounts.receiver import receiving
from tests.api.cast import Hotline
from tests.portal.broadcasts.cast import official
from tests.synthesis.screening.cast import forbid

TEXT = "请留意内部消息。"
REASON = "“内部消息”须先核实"


@pytest.fixture(autouse=True)
def stage(flushable: None, nothing_remembered: None, settings: Settings) -> None:
    settings.WEBHOOK_HTTP, settings.WEBHOOK_NETWORKS = True, ["127.0.0.0/8"]


def wait(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < until, "nothing happened"
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("decision", ["once", "always", "refused"])
def test_a_hotline_is_told_what_was_decided_on_its_text(
    hotline: Hotline, worker: None, decision: str
) -> None:
    forbid("内部消息", level="review")
    reviewer = official("reviewer", organisation="test")
    code = json.loads(hotline.say(TEXT).content)["errors"][0]["review"]
    with receiving() as receiver:
        set_webhook(client=hotline.row, url=receiver.url, actor=SYSTEM, origin=None)
        answer = reviewer.press("review-decide", code, decision=decision, reason=REASON)
        assert answer.status_code == 302
        wait(lambda: Event.objects.filter(action="notice.delivered", object_id=code).exists())
        (sent,) = receiver.taken
    item = ReviewItem.objects.get(code=code)
    assert item.decided_at is not None
    data = json.loads(sent.body)["data"]
    until = data.pop("valid_until")
    assert data == {
        "review": code,
        "decision": decision,
        "text_sha256": item.text_sha256,
        "request_id": item.request_id,
        "decided_at": item.decided_at.isoformat(),
    }
    assert (until is not None) == (decision == "once")
    assert "内部消息" not in sent.body.decode()
    assert Notice.objects.get().state == Notice.State.DELIVERED
    assert "<strong>通知已送达</strong> 系统" in reviewer.see("review-item", code).content.decode()


def held_from(actor: Actor) -> ReviewItem:
    item = review.hold(review.Held(TEXT, ()), audience=Audience(), actor=actor, origin=Origin())
    assert item is not None
    return item


@pytest.mark.django_db
def test_a_colleagues_trial_and_a_client_without_an_address_are_not_told(hotline: Hotline) -> None:
    reviewer = official("reviewer").staff
    for actor in (Actor(kind="staff", id="99", name="编辑"), Actor(kind="client", id=hotline.row.code)):
        review.decide(item=held_from(actor), decision="once", reason="", staff=reviewer, origin=None)
    assert not Notice.objects.exists()
