"""读音词典: what is there, found again by word, reading, state and scope."""

from __future__ import annotations

from typing import Any

import pytest

from govvoice.broadcasts.lexicon_impact import use_counts
from tests.portal.broadcasts.cast import Official, draft
from tests.portal.lexicon.cast import in_force, proposed

pytestmark = pytest.mark.django_db


def listed(person: Official, **query: str) -> str:
    return person.see("lexicon-list", **query).content.decode()


def test_an_empty_lexicon_offers_the_first_entry(editor: Official, reviewer: Official) -> None:
    assert "词典还没有词条。" in listed(editor)
    assert "新建词条" in listed(editor)
    assert "新建词条" not in listed(reviewer)


def test_a_row_says_who_how_where_and_how_often(editor: Official, reviewer: Official) -> None:
    draft(editor)
    in_force(editor, reviewer, effective_from="2026-01-01", effective_to="2027-12-31")
    page = listed(editor)
    for words in ("管网", "guǎn wàng", "guan3 wang4", "全部", "2026-01-01 至 2027-12-31", "生效"):
        assert words in page
    assert "editor同志 / reviewer同志" in page
    assert "1 个" in page


def test_search_and_filters(editor: Official, reviewer: Official) -> None:
    in_force(editor, reviewer, note="自来水")
    proposed(editor, word="e政通", reading="", replacement="亿政通", scope="channel", scope_key="hall")
    assert "亿政通" not in listed(editor, q="管")
    assert "亿政通" in listed(editor, q="亿")
    assert "guǎn" in listed(editor, q="wang4")
    assert "guǎn" in listed(editor, q="自来")
    assert "亿政通" not in listed(editor, state="active")
    assert "亿政通" in listed(editor, state="pending")
    assert "guǎn" not in listed(editor, scope="channel")
    assert "没有符合条件的词条。" in listed(editor, q="没有这个")
    assert "亿政通" in listed(editor, state="nonsense", page="99")


def test_a_long_list_has_pages(editor: Official) -> None:
    for number in range(21):
        proposed(editor, word=f"第{chr(0x4E00 + number)}词", reading="di4 yi1 ci2")
    assert "共 21 条" in listed(editor)
    assert listed(editor, page="2").count("gv-lexicon__word") == 1


def test_uses_are_counted_in_one_look_at_the_broadcasts(
    editor: Official, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        draft(editor, title=f"第 {number} 条")
    entries = [proposed(editor), proposed(editor, word="停水", reading="ting2 shui3")]
    entries.append(proposed(editor, word="停电", reading="ting2 dian4"))
    with django_assert_max_num_queries(2):
        counts = use_counts(entries)
    assert counts == {entries[0].pk: 5, entries[1].pk: 5, entries[2].pk: 0}
