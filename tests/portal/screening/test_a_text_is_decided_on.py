"""待审文本: read in its context, passed once or always, refused with a reason, taken back."""

from __future__ import annotations

import pytest

from accounts.services import staff_actor
from audit.models import Event
from synthesis.screening.models import ReviewItem
from tests.portal.broadcasts.cast import Official, official
from tests.portal.screening.cast import held

pytestmark = pytest.mark.django_db


def now(item: ReviewItem) -> ReviewItem:
    return ReviewItem.objects.get(pk=item.pk)


def test_the_queue_shows_what_waits_and_what_was_decided(reviewer: Official) -> None:
    item = held()
    page = reviewer.see("review-queue").content.decode()
    assert item.code in page
    assert "<mark>内部消息</mark>" in page
    reviewer.press("review-decide", item.code, decision="once", reason="")
    assert item.code not in reviewer.see("review-queue").content.decode()
    assert item.code in reviewer.see("review-queue", state="decided").content.decode()


def test_a_held_text_is_shown_with_its_context(reviewer: Official) -> None:
    item = held(reason="未公开信息", basis="保密规定")
    later = held("后来的内部消息。")
    page = reviewer.see("review-item", item.code).content.decode()
    told = ("请留意<mark>内部消息</mark>。", "测试热线", "未公开信息 · 保密规定", "测试词库", later.code)
    assert [words for words in told if words not in page] == []


@pytest.mark.parametrize("decision", ["once", "always"])
def test_a_text_is_passed(reviewer: Official, decision: str) -> None:
    item = held()
    assert reviewer.press("review-decide", item.code, decision=decision, reason="").status_code == 302
    assert (now(item).state, now(item).decider_name) == (decision, "reviewer同志")
    assert Event.objects.get(action=f"review.passed_{decision}").object_id == item.code
    assert reviewer.press("review-revoke", item.code).status_code == 302
    assert now(item).state == "spent"


def test_a_refusal_needs_a_reason(reviewer: Official) -> None:
    item = held()
    response = reviewer.press("review-decide", item.code, decision="refused", reason=" ")
    assert response.status_code == 409
    assert "请填写拒绝理由。" in response.content.decode()
    assert now(item).state == "waiting"
    reviewer.press("review-decide", item.code, decision="refused", reason="不宜播出")
    assert (now(item).state, now(item).reason) == ("refused", "不宜播出")


def test_whoever_comes_second_is_told(reviewer: Official) -> None:
    item = held()
    reviewer.press("review-decide", item.code, decision="once", reason="")
    response = official("reviewer", "second").press(
        "review-decide", item.code, decision="refused", reason="x"
    )
    assert response.status_code == 409
    assert "这条文本已由reviewer同志处理。" in response.content.decode()


def test_nobody_decides_on_what_he_tried_himself(reviewer: Official) -> None:
    item = held(caller=staff_actor(reviewer.staff))
    response = reviewer.press("review-decide", item.code, decision="once", reason="")
    assert response.status_code == 403
    assert "不能审核自己试听的文本" in response.content.decode()
    assert 'value="once"' not in reviewer.see("review-item", item.code).content.decode()


def test_nonsense_decides_nothing(reviewer: Official) -> None:
    item = held()
    assert reviewer.press("review-decide", item.code, decision="maybe").status_code == 422
    assert reviewer.press("review-revoke", item.code).status_code == 409
    assert now(item).state == "waiting"


def test_a_text_stays_text(reviewer: Official) -> None:
    item = held("<b>内部消息</b>")
    page = reviewer.see("review-item", item.code).content.decode()
    assert "&lt;b&gt;<mark>内部消息</mark>&lt;/b&gt;" in page
