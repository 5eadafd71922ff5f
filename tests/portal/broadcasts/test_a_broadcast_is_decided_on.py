"""审核, 发布 and 撤回: a second person, who heard exactly this audio, and nobody twice."""

from __future__ import annotations

import pytest

from audit.models import Event
from govvoice.broadcasts import services
from govvoice.broadcasts.models import Broadcast
from synthesis import renditions
from synthesis.models import Rendition
from synthesis.screening import current
from tests.portal.broadcasts.cast import (
    Official,
    approved,
    official,
    published,
    sha256_of,
    state_of,
    submitted,
)
from tests.synthesis.screening.cast import forbid

pytestmark = pytest.mark.django_db

State = Broadcast.State


def hear(reviewer: Official, broadcast: Broadcast) -> str:
    """As the page's player reports it at the end of the sound."""
    sha256 = sha256_of(broadcast)
    assert reviewer.press("broadcast-heard", broadcast.code, sha256=sha256).status_code == 204
    return sha256


def test_the_whole_way(editor: Official, reviewer: Official) -> None:
    broadcast = submitted(editor)
    sha256 = hear(reviewer, broadcast)
    assert reviewer.press("broadcast-approve", broadcast.code, sha256=sha256).status_code == 302
    assert (state_of(broadcast), broadcast.latest.approved_sha256) == (State.APPROVED, sha256)
    reviewer.press("broadcast-publish", broadcast.code)
    assert state_of(broadcast) == State.PUBLISHED
    page = reviewer.see("broadcast-review", broadcast.code).content.decode()
    assert "撤回后，1 个渠道将不再获取到此播报。" in page
    reviewer.press("broadcast-withdraw", broadcast.code)
    assert state_of(broadcast) == State.WITHDRAWN
    actions = Event.objects.filter(object_id=broadcast.code).order_by("pk").values_list("action", flat=True)
    steps = ["created", "submitted", "approved", "published", "withdrawn"]
    assert [action for action in actions if action != "rendition.made"] == [f"broadcast.{s}" for s in steps]


def test_unheard_audio_cannot_be_approved(editor: Official, reviewer: Official) -> None:
    broadcast = submitted(editor)
    page = reviewer.see("broadcast-review", broadcast.code).content.decode()
    assert "请先完整听完成品音频，“通过”才会开放。" in page
    for sha256 in (sha256_of(broadcast), "0" * 64, "", "not a hash"):
        response = reviewer.press("broadcast-approve", broadcast.code, sha256=sha256)
        assert response.status_code == 422
        assert "请先把成品音频完整听一遍" in response.content.decode()
    assert state_of(broadcast) == State.IN_REVIEW


def test_only_the_present_audio_counts_as_heard(editor: Official, reviewer: Official) -> None:
    broadcast = submitted(editor)
    assert reviewer.press("broadcast-heard", broadcast.code, sha256="0" * 64).status_code == 409
    assert reviewer.press("broadcast-heard", broadcast.code).status_code == 409


def test_audio_that_changed_since_it_was_heard_is_not_approved(editor: Official, reviewer: Official) -> None:
    broadcast = submitted(editor)
    heard = hear(reviewer, broadcast)
    services.send_back(broadcast=broadcast, reason="重写", staff=reviewer.staff, origin=None)
    content = services.Content(title="停水通知", text="停水取消。", voice="tone")
    services.edit(
        broadcast=broadcast,
        content=content,
        channels=broadcast.channels.all(),
        staff=editor.staff,
        origin=None,
    )
    renditions.make(services.make_audio(broadcast=broadcast, staff=editor.staff, origin=None).pk)
    services.submit(broadcast=broadcast, staff=editor.staff, origin=None)
    response = reviewer.press("broadcast-approve", broadcast.code, sha256=heard)
    assert response.status_code == 409
    assert "成品音频已变化，请重新试听后再审核。" in response.content.decode()
    assert state_of(broadcast) == State.IN_REVIEW


@pytest.mark.abuse(100)
def test_nobody_decides_on_his_own_work(reviewer: Official, editor: Official) -> None:
    broadcast = submitted(reviewer)
    page = reviewer.see("broadcast-review", broadcast.code).content.decode()
    assert "这是您撰写的播报，请由另一位同事审核。" in page
    assert "data-decide" not in page
    sha256 = hear(reviewer, broadcast)
    for response in (
        reviewer.press("broadcast-approve", broadcast.code, sha256=sha256),
        reviewer.press("broadcast-return", broadcast.code, reason="改"),
    ):
        assert response.status_code == 403
        assert "不能审核自己撰写的播报" in response.content.decode()
    refused = Event.objects.filter(outcome="refused", code="own_work").order_by("pk")
    assert [event.action for event in refused] == ["broadcast.approved", "broadcast.returned"]
    assert state_of(broadcast) == State.IN_REVIEW


def test_the_second_of_two_reviewers_is_told_what_the_first_did(editor: Official, reviewer: Official) -> None:
    broadcast = submitted(editor)
    second = official("reviewer", "second")
    sha256 = hear(reviewer, broadcast)
    hear(second, broadcast)
    reviewer.press("broadcast-approve", broadcast.code, sha256=sha256)
    response = second.press("broadcast-return", broadcast.code, reason="我不同意")
    assert response.status_code == 409
    page = response.content.decode()
    assert "该播报不在待审核状态，现为“已批准”。" in page
    assert "reviewer同志已批准。" in page


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("", "请填写退回原因，让撰稿人知道要改什么。"),
        ("  ", "请填写退回原因，让撰稿人知道要改什么。"),
        ("字" * 301, "退回原因最多 300 字，现为 301 字。"),
    ],
)
def test_a_return_needs_a_reason(editor: Official, reviewer: Official, reason: str, sentence: str) -> None:
    broadcast = submitted(editor)
    response = reviewer.press("broadcast-return", broadcast.code, reason=reason)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert state_of(broadcast) == State.IN_REVIEW


@pytest.mark.parametrize(
    ("route", "sentence"),
    [
        ("broadcast-publish", "只有已批准的播报可以发布，该播报处于“待初审”。"),
        ("broadcast-withdraw", "只有播出中的播报可以撤回，该播报处于“待初审”。"),
    ],
)
def test_a_step_out_of_turn_is_refused(
    editor: Official, reviewer: Official, route: str, sentence: str
) -> None:
    broadcast = submitted(editor)
    response = reviewer.press(route, broadcast.code)
    assert response.status_code == 409
    assert sentence in response.content.decode()


def test_a_word_forbidden_meanwhile_stops_publishing(editor: Official, reviewer: Official) -> None:
    broadcast = approved(editor, reviewer)
    forbid("管网")
    current.forget()  # the list is read again within two seconds
    response = reviewer.press("broadcast-publish", broadcast.code)
    assert response.status_code == 422
    assert state_of(broadcast) == State.APPROVED


def test_what_was_approved_and_may_not_be_said_goes_back_to_its_author(
    editor: Official, reviewer: Official
) -> None:
    broadcast, publisher = approved(editor, reviewer), official("publisher")
    heard = sha256_of(broadcast)
    forbid("管网")
    assert 'data-opens="return"' in publisher.see("broadcast-review", broadcast.code).content.decode()
    assert publisher.press("broadcast-take-back", broadcast.code, reason=" ").status_code == 422
    assert state_of(broadcast) == State.APPROVED
    publisher.press("broadcast-take-back", broadcast.code, reason="“管网”今天起禁播")
    assert state_of(broadcast) == State.RETURNED
    page = editor.see("broadcast-review", broadcast.code).content.decode()
    assert "publisher同志退回：“管网”今天起禁播" in page
    assert "reviewer同志批准<br>发布前退回：“管网”今天起禁播" in page
    assert "reviewer同志已批准。" not in page
    event = Event.objects.get(action="broadcast.returned", outcome="succeeded")
    assert (event.actor_name, event.details["sha256"]) == ("publisher同志", heard)
    assert event.details["reason"] == "“管网”今天起禁播"
    assert publisher.press("broadcast-publish", broadcast.code).status_code == 409


def test_a_broadcast_that_was_taken_back_goes_the_whole_way_again(
    editor: Official, reviewer: Official
) -> None:
    broadcast = approved(editor, reviewer)
    services.take_back(broadcast=broadcast, reason="改", staff=reviewer.staff, origin=None)
    content = services.Content(title="停水通知", text="今晚停水。", voice="tone")
    channels = broadcast.channels.all()
    services.edit(broadcast=broadcast, content=content, channels=channels, staff=editor.staff, origin=None)
    first, second = broadcast.revisions.order_by("number")
    assert (first.approved_sha256 != "", second.approved_sha256) == (True, "")
    assert reviewer.press("broadcast-publish", broadcast.code).status_code == 409
    assert reviewer.press("broadcast-take-back", broadcast.code, reason="改").status_code == 409
    assert state_of(broadcast) == State.DRAFT


def test_damaged_audio_is_not_played(editor: Official, reviewer: Official) -> None:
    broadcast = submitted(editor)
    Rendition.objects.update(path="renditions/00/nothing.wav")
    response = reviewer.see("broadcast-audio", broadcast.code, 1)
    assert response.status_code == 503
    assert "成品音频无法读取或已损坏" in response.content.decode()


def test_the_reviewer_sees_what_changed_since_the_last_approval(editor: Official, reviewer: Official) -> None:
    broadcast = published(editor, reviewer)
    services.withdraw(broadcast=broadcast, staff=reviewer.staff, origin=None)
    content = services.Content(
        title="停水通知", text="因管网检修，明晚十点至后天六点停水。", voice="tone", rate=1.2
    )
    channels = broadcast.channels.all()
    services.edit(broadcast=broadcast, content=content, channels=channels, staff=editor.staff, origin=None)
    page = reviewer.see("broadcast-review", broadcast.code).content.decode()
    assert "与上次批准的第 1 版相比" in page
    assert "<del>今</del><ins>明</ins>晚十点至" in page
    assert "<del>1 ×</del> → <ins>1.2 ×</ins>" in page
