"""The workflow itself, whoever drives it: numbering, versions, and two people at the same moment."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from audit.models import Event
from govvoice.broadcasts import services
from govvoice.broadcasts.errors import WorkflowError
from govvoice.broadcasts.models import Broadcast, Revision
from synthesis.models import Rendition
from tests.portal.broadcasts.cast import (
    Official,
    approved,
    draft,
    official,
    published,
    sha256_of,
    state_of,
    submitted,
    with_audio,
)

pytestmark = pytest.mark.django_db

CONTENT = services.Content(title="停水通知", text="改过的通知。", voice="tone")


def edit(broadcast: Broadcast, author: Official, content: services.Content = CONTENT) -> Revision:
    channels = broadcast.channels.all()
    return services.edit(
        broadcast=broadcast, content=content, channels=channels, staff=author.staff, origin=None
    )


def test_codes_count_up_within_a_day(editor: Official) -> None:
    codes = [draft(editor).code for _ in range(3)]
    assert [code[-4:] for code in codes] == ["0001", "0002", "0003"]
    assert len({code[:10] for code in codes}) == 1


def test_a_draft_is_rewritten_in_place_by_its_author(editor: Official) -> None:
    broadcast = draft(editor)
    edit(broadcast, editor)
    assert broadcast.revisions.count() == 1


def test_a_colleague_begins_a_version_of_his_own(editor: Official) -> None:
    broadcast = draft(editor)
    revision = edit(broadcast, official("editor", "colleague"))
    assert (revision.number, revision.author_name) == (2, "colleague同志")


def test_what_was_decided_on_stays_as_it_was(editor: Official, reviewer: Official) -> None:
    broadcast = submitted(editor)
    services.send_back(broadcast=broadcast, reason="改", staff=reviewer.staff, origin=None)
    edit(broadcast, editor)
    texts = list(broadcast.revisions.order_by("number").values_list("text", "return_reason"))
    assert [reason for _, reason in texts] == ["改", ""]
    assert texts[0][0] != texts[1][0] == CONTENT.text


def test_a_new_title_keeps_the_audio_and_a_new_text_does_not(editor: Official) -> None:
    broadcast = with_audio(editor)
    same = services.Content(title="新标题", text=broadcast.latest.text, voice="tone")
    assert edit(broadcast, editor, same).rendition is not None
    assert edit(broadcast, editor, replace(same, rate=1.5)).rendition is None


def test_a_title_that_is_too_long_is_refused_on_edit_too(editor: Official) -> None:
    broadcast = draft(editor)
    with pytest.raises(ValidationError):
        edit(broadcast, editor, replace(CONTENT, title="字" * 101))


def test_audio_is_made_once_however_often_it_is_asked_for(editor: Official) -> None:
    broadcast = with_audio(editor)
    services.make_audio(broadcast=broadcast, staff=editor.staff, origin=None)
    assert Rendition.objects.count() == 1
    assert Event.objects.filter(action="rendition.made").count() == 1


def test_the_database_refuses_a_decision_on_ones_own_work(editor: Official, reviewer: Official) -> None:
    broadcast = approved(editor, reviewer)
    with pytest.raises(IntegrityError, match="nobody_decides_on_his_own_revision"), transaction.atomic():
        Revision.objects.filter(broadcast=broadcast).update(decided_by=editor.staff)


def test_the_database_refuses_an_approval_without_its_audio(editor: Official, reviewer: Official) -> None:
    broadcast = approved(editor, reviewer)
    with (
        pytest.raises(IntegrityError, match="an_approved_revision_is_bound_to_its_audio"),
        transaction.atomic(),
    ):
        Revision.objects.filter(broadcast=broadcast).update(rendition=None)


def test_a_withdrawn_broadcast_goes_the_whole_way_again(editor: Official, reviewer: Official) -> None:
    broadcast = published(editor, reviewer)
    services.withdraw(broadcast=broadcast, staff=reviewer.staff, origin=None)
    with pytest.raises(WorkflowError, match="只有已批准的播报可以发布"):
        services.publish(broadcast=broadcast, staff=reviewer.staff, origin=None)
    with pytest.raises(WorkflowError, match="只有草稿可以提交"):
        services.submit(broadcast=broadcast, staff=editor.staff, origin=None)
    assert edit(broadcast, editor).number == 2


@pytest.mark.abuse(100)
@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_the_same_moment_one_wins(editor: Official, reviewer: Official) -> None:
    broadcast, other = submitted(editor), official("reviewer", "other")
    sha256 = sha256_of(broadcast)
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def decide(step: str) -> None:
        start.wait()
        try:
            if step == "approve":
                services.approve(broadcast=broadcast, sha256=sha256, staff=reviewer.staff, origin=None)
            else:
                services.send_back(broadcast=broadcast, reason="改", staff=other.staff, origin=None)
            outcomes.append(step)
        except WorkflowError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    people = [threading.Thread(target=decide, args=(step,)) for step in ("approve", "return")]
    for person in people:
        person.start()
    for person in people:
        person.join(timeout=30)
    assert "state_conflict" in outcomes
    won = next(outcome for outcome in outcomes if outcome != "state_conflict")
    assert state_of(broadcast) == {"approve": "approved", "return": "returned"}[won]
    assert Event.objects.filter(action__in=["broadcast.approved", "broadcast.returned"]).count() == 1
