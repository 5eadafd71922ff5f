"""播报列表, 待审核 and 成品音频: rows, filters, search, pages, and their empty states."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from govvoice.broadcasts.models import Broadcast
from tests.portal.broadcasts.cast import Official, draft, published, submitted, with_audio

pytestmark = pytest.mark.django_db


def titles(visitor: Official, route: str = "broadcast-list", **query: str) -> list[str]:
    response = visitor.see(route, **query)
    assert response.status_code == 200
    return [row.broadcast.title for row in response.context_data["rows"]]  # type: ignore[attr-defined]


def test_an_empty_list_says_so_and_offers_the_first_step(editor: Official, reviewer: Official) -> None:
    page = editor.see("broadcast-list").content.decode()
    assert "还没有播报。" in page
    assert page.count("新建播报") >= 2
    assert "没有等待审核的播报。" in reviewer.see("broadcast-queue").content.decode()
    assert "还没有成品音频" in editor.see("rendition-list").content.decode()


def test_a_row_shows_state_channel_voice_length_and_button(editor: Official, reviewer: Official) -> None:
    broadcast = published(editor, reviewer)
    page = editor.see("broadcast-list").content.decode()
    for shown in (
        "停水通知",
        broadcast.code,
        "播出中",
        "政务大厅广播",
        "测试音 / 中性",
        "reviewer同志",
        "刚刚",
    ):
        assert shown in page
    assert f"/broadcasts/{broadcast.code}/audio/1" in page


def test_chips_filter_by_state_and_channel(editor: Official, reviewer: Official) -> None:
    draft(editor, title="草稿一")
    submitted(editor, title="待审一", channels=["hotline-menu"])
    assert titles(editor, state="draft") == ["草稿一"]
    assert titles(editor, channel="hotline-menu") == ["待审一"]
    assert titles(editor, state="draft", channel="hotline-menu") == []
    assert "没有符合条件的播报。" in editor.see("broadcast-list", state="published").content.decode()


@pytest.mark.parametrize(
    ("words", "found"),
    [("停水", ["停水通知"]), ("医院门诊", ["放假安排"]), ("BC", ["放假安排", "停水通知"]), ("100%", [])],
)
def test_the_search_reads_titles_texts_and_codes(editor: Official, words: str, found: list[str]) -> None:
    draft(editor)
    draft(editor, title="放假安排", text="医院门诊照常。")
    assert titles(editor, q=words) == found


@pytest.mark.parametrize(
    "query", [{"state": "x"}, {"channel": "x"}, {"q": "\x00"}, {"page": "-1"}, {"page": "x"}]
)
def test_a_strange_filter_filters_nothing(editor: Official, query: dict[str, str]) -> None:
    draft(editor)
    assert titles(editor, **query) == ["停水通知"]


def test_pages_are_cut_and_keep_the_filter(editor: Official) -> None:
    for number in range(21):
        draft(editor, title=f"通知{number}")
    assert len(titles(editor)) == 20
    assert titles(editor, page="2") == ["通知0"]
    assert "?state=draft&amp;page=2" in editor.see("broadcast-list", state="draft").content.decode()


def test_a_longer_list_asks_the_database_no_more_often(editor: Official) -> None:
    with_audio(editor)
    editor.see("broadcast-list")
    with CaptureQueriesContext(
        connection,
    ) as one:
        editor.see("broadcast-list")
    for _ in range(5):
        with_audio(editor)
    with CaptureQueriesContext(connection) as six:
        editor.see("broadcast-list")
    assert len(six) == len(one)


def test_the_longest_waiting_comes_first_in_the_queue(editor: Official, reviewer: Official) -> None:
    submitted(editor, title="先交的")
    submitted(editor, title="后交的")
    draft(editor, title="没交的")
    assert titles(reviewer, "broadcast-queue") == ["先交的", "后交的"]


def test_finished_audio_shows_size_hash_and_whether_it_still_counts(
    editor: Official, reviewer: Official
) -> None:
    broadcast = published(editor, reviewer)
    rendition = broadcast.latest.rendition
    assert rendition is not None
    page = editor.see("rendition-list").content.decode()
    assert rendition.sha256[:16] in page
    assert "就绪" in page
    assert "已过时" not in page
    Broadcast.objects.update(state="returned", published_revision=None, published_at=None)
    later = broadcast.latest
    later.pk, later.number, later.rendition, later.approved_sha256 = None, 2, None, ""
    later.created_at = timezone.now()
    later.save()
    assert "已过时" in editor.see("rendition-list").content.decode()
