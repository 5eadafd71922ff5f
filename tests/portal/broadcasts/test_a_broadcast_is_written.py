"""新建播报 and 编辑: saved, given its audio, handed in; every refusal stands beside its field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from audit.models import Event
from govvoice.broadcasts.models import Broadcast
from synthesis import renditions
from synthesis.models import Rendition
from tests.portal.broadcasts.cast import (
    FIELDS,
    Official,
    approved,
    draft,
    official,
    state_of,
    submitted,
    with_audio,
)
from tests.synthesis.screening.cast import forbid

pytestmark = pytest.mark.django_db


def form_of(broadcast: Broadcast, **changed: Any) -> dict[str, Any]:
    channels = [channel.code for channel in broadcast.channels.all()]
    return {
        **FIELDS,
        "title": broadcast.title,
        "text": broadcast.latest.text,
        "channels": channels,
        **changed,
    }


def test_a_draft_is_saved_and_opened_again(editor: Official) -> None:
    response = editor.press("broadcast-new", **FIELDS, step="")
    broadcast = Broadcast.objects.get()
    assert response["Location"] == reverse("admin:broadcast-edit", args=[broadcast.code])
    page = editor.see("broadcast-edit", broadcast.code).content.decode()
    assert "草稿已保存" in page
    assert FIELDS["text"] in page
    assert Event.objects.filter(action="broadcast.created", object_id=broadcast.code).exists()


def test_the_audio_is_queued_made_and_shown(editor: Official) -> None:
    editor.press("broadcast-new", **FIELDS, step="audio")
    broadcast = Broadcast.objects.get()
    told = json.loads(editor.see("broadcast-status", broadcast.code).content)
    assert (told["state"], told["word"]) == ("queued", "排队中")
    rendition = Rendition.objects.get()
    renditions.make(rendition.pk)
    rendition.refresh_from_db()
    told = json.loads(editor.see("broadcast-status", broadcast.code).content)
    assert (told["state"], told["sha256"]) == ("ready", rendition.sha256)
    sound = editor.browser.get(told["audio"])
    assert (sound["Content-Type"], sound.content) == ("audio/wav", renditions.open_audio(rendition))


def test_saving_the_audio_to_disk_leaves_a_line(editor: Official) -> None:
    broadcast = with_audio(editor)
    response = editor.see("broadcast-audio", broadcast.code, 1, save="", format="wav")
    assert response["Content-Disposition"] == f'attachment; filename="{broadcast.code}-v1.wav"'
    assert Event.objects.get(action="broadcast.fetched").object_id == broadcast.code


def test_a_failed_audio_says_why_and_is_tried_again(editor: Official) -> None:
    broadcast = with_audio(editor)
    Rendition.objects.update(state="failed", failure="引擎没有应答")
    page = editor.see("broadcast-edit", broadcast.code).content.decode()
    assert "成品音频生成失败：引擎没有应答" in page
    assert "重试生成" in page
    editor.press("broadcast-edit", broadcast.code, **form_of(broadcast), step="audio")
    assert Rendition.objects.get().state == "queued"


def test_going_on_with_an_unchanged_text_keeps_the_audio(editor: Official) -> None:
    broadcast = with_audio(editor)
    response = editor.press("broadcast-edit", broadcast.code, **form_of(broadcast), step="submit")
    assert response["Location"] == reverse("admin:broadcast-review", args=[broadcast.code])
    assert state_of(broadcast) == Broadcast.State.IN_REVIEW
    assert not Event.objects.filter(action="broadcast.edited").exists()


def test_a_changed_text_needs_a_new_audio(editor: Official) -> None:
    broadcast = with_audio(editor)
    fields = form_of(broadcast, text="改过的通知。")
    response = editor.press("broadcast-edit", broadcast.code, **fields, step="submit")
    assert response.status_code == 409
    assert "成品音频尚未就绪，请先生成并试听。" in response.content.decode()
    assert (state_of(broadcast), broadcast.latest.text) == (Broadcast.State.DRAFT, "改过的通知。")


def test_a_channel_is_needed_to_submit(editor: Official) -> None:
    broadcast = with_audio(editor, channels=[])
    response = editor.press("broadcast-edit", broadcast.code, **form_of(broadcast), step="submit")
    assert response.status_code == 422
    assert "请先选择发布渠道。" in response.content.decode()
    event = Event.objects.get(outcome="refused")
    assert (event.action, event.code, event.object_id) == (
        "broadcast.submitted",
        "channel_required",
        broadcast.code,
    )


def test_a_forbidden_word_stops_the_audio(editor: Official) -> None:
    forbid("违禁词")
    response = editor.press("broadcast-new", **FIELDS | {"text": "有违禁词"}, step="audio")
    assert response.status_code == 422
    page = response.content.decode()
    assert page.count("第 2 个字起的内容不允许播报") == 2  # above the form and beside the text
    assert 'data-position="1"' in page
    assert Broadcast.objects.get().latest.rendition is None


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"title": ""}, "请填写标题"),
        ({"title": "字" * 101}, "标题最多 100 字，现为 101 字。"),
        ({"text": "   "}, "请输入要合成的文本。"),
        ({"text": "字" * 501}, "文本共 501 字，超过 500 字的上限"),
        ({"rate": "fast"}, "语速必须是数字。"),
        ({"rate": "9"}, "语速须在 0.5 到 2 之间。"),
        ({"volume": ""}, "请填写音量。"),
        ({"channels": ["nowhere"]}, "没有渠道“nowhere”"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    editor: Official, changed: dict[str, Any], sentence: str
) -> None:
    response = editor.press("broadcast-new", **FIELDS | changed)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Broadcast.objects.exists()


def test_line_ends_count_as_one_character(editor: Official) -> None:
    editor.press("broadcast-new", **FIELDS | {"text": "第一行。\r\n第二行。"})
    assert Broadcast.objects.get().latest.text == "第一行。\n第二行。"


def test_what_is_in_review_is_read_and_not_edited(editor: Official) -> None:
    broadcast = submitted(editor)
    response = editor.see("broadcast-edit", broadcast.code)
    assert response["Location"] == reverse("admin:broadcast-review", args=[broadcast.code])
    refused = editor.press("broadcast-edit", broadcast.code, **form_of(broadcast, text="趁机改一改。"))
    assert refused.status_code == 409
    assert "现在不能修改：该播报处于“待初审”。" in refused.content.decode()
    assert broadcast.latest.text == FIELDS["text"]


def test_the_page_says_who_must_act_next(editor: Official, reviewer: Official) -> None:
    page = editor.see("broadcast-edit", draft(editor).code).content.decode()
    assert "由reviewer同志完整听完后决定" in page


def test_a_lonely_author_is_told_that_nobody_can_review(voice: object) -> None:
    author = official("editor", organisation="lonely")
    assert "本部门还没有其他人可以审核" in author.see("broadcast-new").content.decode()


def test_a_returned_broadcast_shows_the_reason_to_its_author(editor: Official, reviewer: Official) -> None:
    broadcast = submitted(editor)
    reviewer.press("broadcast-return", broadcast.code, reason="时间写错了")
    assert "reviewer同志退回：时间写错了" in editor.see("broadcast-edit", broadcast.code).content.decode()


def test_editing_after_approval_is_refused(editor: Official, reviewer: Official) -> None:
    broadcast = approved(editor, reviewer)
    assert editor.press("broadcast-edit", broadcast.code, **form_of(broadcast)).status_code == 409
