"""批准, 驳回, 停用 and 重新合成: by a second person, who sees what it touches."""

from __future__ import annotations

import pytest

from audit.models import Event
from govvoice.broadcasts.models import Broadcast
from synthesis.lexicon.models import Entry
from tests.portal.broadcasts.cast import FIELDS as BROADCAST_FIELDS
from tests.portal.broadcasts.cast import Official, approved, draft, official, published, state_of, with_audio
from tests.portal.lexicon.cast import in_force, now, proposed

pytestmark = pytest.mark.django_db

State = Entry.State


def test_the_whole_way(editor: Official, reviewer: Official) -> None:
    broadcast = with_audio(editor)
    entry = proposed(editor)
    page = reviewer.see("lexicon-entry", entry.pk).content.decode()
    assert "影响范围：1 个播报" in page
    assert broadcast.title in page
    assert "<mark>管网</mark>" in page
    assert "批准后，两秒内全平台按此读“管网”；1 个播报的成品音频可以随后重新合成。" in page
    assert reviewer.press("lexicon-approve", entry.pk).status_code == 302
    assert (now(entry).state, now(entry).decider_name) == (State.ACTIVE, "reviewer同志")
    page = reviewer.see("lexicon-entry", entry.pk).content.decode()
    assert "已过时" in page
    assert "将重新合成 1 个播报的成品音频" in page
    before = broadcast.latest.rendition
    assert reviewer.press("lexicon-respeak", entry.pk).status_code == 302
    assert Broadcast.objects.get().latest.rendition != before
    assert "已开始重新合成 1 个播报。" in reviewer.see("lexicon-entry", entry.pk).content.decode()


def test_what_is_on_air_is_left_alone_and_said_so(editor: Official, reviewer: Official) -> None:
    broadcast = published(editor, reviewer)
    entry = in_force(editor, reviewer)
    page = reviewer.see("lexicon-entry", entry.pk).content.decode()
    assert "播出中，保持不变；撤回后可重新合成。" in page
    assert 'data-opens="respeak"' not in page
    reviewer.press("lexicon-respeak", entry.pk)
    assert state_of(broadcast) == Broadcast.State.PUBLISHED
    assert "已过时" in editor.see("rendition-list").content.decode()


def test_an_approved_broadcast_goes_the_whole_way_again(editor: Official, reviewer: Official) -> None:
    broadcast = approved(editor, reviewer)
    entry = in_force(editor, reviewer)
    reviewer.press("lexicon-respeak", entry.pk)
    assert state_of(broadcast) == Broadcast.State.DRAFT
    assert Broadcast.objects.get().latest.number == 2


def test_the_author_is_told_and_makes_the_audio_anew(editor: Official, reviewer: Official) -> None:
    broadcast = with_audio(editor)
    assert "已改读" not in editor.see("broadcast-edit", broadcast.code).content.decode()
    in_force(editor, reviewer)
    assert "其中有词语已改读，请重新生成。" in editor.see("broadcast-edit", broadcast.code).content.decode()
    before = broadcast.latest.rendition
    response = editor.press("broadcast-edit", broadcast.code, **BROADCAST_FIELDS, step="audio")
    assert response.status_code == 302
    revision = Broadcast.objects.get().latest
    assert (revision.number, revision.rendition != before) == (1, True)


def test_what_waits_is_on_the_start_page(editor: Official, reviewer: Official) -> None:
    proposed(editor)
    assert "待我审批的词条" in reviewer.see("index").content.decode()
    assert "待我审批的词条" not in editor.see("index").content.decode()


def test_another_departments_broadcasts_are_counted_only(editor: Official, reviewer: Official) -> None:
    draft(official("editor", "other", organisation="elsewhere"), title="别处的事")
    entry = proposed(editor)
    page = reviewer.see("lexicon-entry", entry.pk).content.decode()
    assert "别处的事" not in page
    assert "另有其他部门的 1 个播报。" in page


def test_nobody_decides_on_his_own_entry(editor: Official, reviewer: Official) -> None:
    entry = proposed(reviewer)
    page = reviewer.see("lexicon-entry", entry.pk).content.decode()
    assert "这是您提交的词条，请由另一位同事审批。" in page
    assert "data-approve" not in page
    for response in (
        reviewer.press("lexicon-approve", entry.pk),
        reviewer.press("lexicon-refuse", entry.pk, reason="改"),
    ):
        assert response.status_code == 403
    assert now(entry).state == State.PENDING
    refused = Event.objects.filter(outcome="refused", code="own_work").order_by("pk")
    assert [(event.action, event.object_id) for event in refused] == [
        ("lexicon.approved", str(entry.pk)),
        ("lexicon.refused", str(entry.pk)),
    ]


def test_a_refusal_needs_a_reason_and_tells_it(editor: Official, reviewer: Official) -> None:
    entry = proposed(editor)
    for reason, sentence in (
        (" ", "请填写驳回原因，让提出人知道要改什么。"),
        ("字" * 301, "驳回原因最多 300 字，现为 301 字。"),
    ):
        response = reviewer.press("lexicon-refuse", entry.pk, reason=reason)
        assert response.status_code == 422
        assert sentence in response.content.decode()
    reviewer.press("lexicon-refuse", entry.pk, reason="读音没有依据")
    assert now(entry).state == State.REFUSED
    assert "reviewer同志驳回：读音没有依据" in editor.see("lexicon-entry", entry.pk).content.decode()


def test_the_second_of_two_is_told_what_the_first_did(editor: Official, reviewer: Official) -> None:
    entry = in_force(editor, reviewer)
    response = official("reviewer", "second").press("lexicon-refuse", entry.pk, reason="不同意")
    assert response.status_code == 409
    assert "词条“管网”处于“生效”" in response.content.decode()


def test_retiring_names_its_consequence(editor: Official, reviewer: Official) -> None:
    with_audio(editor)
    entry = in_force(editor, reviewer)
    page = reviewer.see("lexicon-entry", entry.pk).content.decode()
    assert "停用后，两秒内全平台不再按此词条读“管网”；用到它的 1 个播报的成品音频不会自动改变" in page
    assert reviewer.press("lexicon-retire", entry.pk).status_code == 302
    assert now(entry).state == State.RETIRED


def test_what_collides_is_shown(editor: Official, reviewer: Official) -> None:
    in_force(editor, reviewer)
    longer = proposed(editor, word="管网检修", reading="guan3 wang3 jian3 xiu1")
    page = reviewer.see("lexicon-entry", longer.pk).content.decode()
    assert "guǎn wàng" in page
    assert "互相重叠的词语以较长的为准" in page
