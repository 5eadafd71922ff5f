"""新建词条 and 修改: what is posted becomes an entry that waits, or comes back with what is wrong."""

from __future__ import annotations

import pytest

from audit.models import Event
from synthesis.lexicon.models import Entry
from tests.portal.broadcasts.cast import Official
from tests.portal.lexicon.cast import POSTED, in_force, now, proposed

pytestmark = pytest.mark.django_db

State = Entry.State


def test_a_proposal_waits_for_a_second_person(editor: Official) -> None:
    response = editor.press("lexicon-new", **POSTED)
    entry = Entry.objects.get()
    assert (response.status_code, response["Location"].rsplit("/", 1)[1]) == (302, str(entry.pk))
    assert (entry.word, entry.reading, entry.state) == ("管网", "guan3 wang4", State.PENDING)
    assert (entry.examples, entry.author_name) == ("因管网检修停水。", "editor同志")
    assert Event.objects.get(action="lexicon.proposed").object_name == "管网"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"word": ""}, "请填写词语。"),
        ({"word": "管😀"}, "词语的第 2 个字“😀”不能用在词典中。"),
        ({"reading": ""}, "请填写读音，例如 chong2 qing4。"),
        ({"reading": "guan3"}, "“管网”有 2 个字，读音有 1 个音节，应一字一音。"),
        ({"reading": "guan3 wang9"}, "读音的第 2 个音节“wang9”不是带声调的拼音"),
        ({"way": "replacement"}, "请填写要读出的文字。"),
        ({"way": "replacement", "replacement": "😀"}, "替换文本中的“😀”无法朗读。"),
        ({"way": "shouting"}, "shouting"),
        ({"place": "channel:nowhere"}, "channel:nowhere"),
        ({"effective_from": "soon"}, "请填写有效的日期，例如 2026-01-31。"),
        ({"effective_to": "2025-12-31"}, "失效日期不能早于生效日期。"),
        ({"examples": "一。\n二。\n三。\n四。\n五。\n六。"}, "例句最多 5 句，每行一句。"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    editor: Official, changed: dict[str, str], sentence: str
) -> None:
    response = editor.press("lexicon-new", **POSTED | changed)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Entry.objects.exists()


def test_a_replacement_leaves_a_reading_aside(editor: Official) -> None:
    editor.press("lexicon-new", **POSTED | {"way": "replacement", "replacement": "水管"})
    entry = Entry.objects.get()
    assert (entry.reading, entry.replacement) == ("", "水管")


def test_an_entry_for_one_channel(editor: Official) -> None:
    editor.press("lexicon-new", **POSTED | {"place": "channel:hall"})
    entry = Entry.objects.get()
    assert (entry.scope, entry.scope_key) == ("channel", "hall")
    assert "渠道：政务大厅广播" in editor.see("lexicon-list").content.decode()


def test_a_word_that_waits_already_is_refused_and_recorded(editor: Official) -> None:
    proposed(editor)
    response = editor.press("lexicon-new", **POSTED)
    assert response.status_code == 422
    assert "该词语在此范围已有待审核的词条。" in response.content.decode()
    assert Event.objects.get(action="lexicon.proposed", outcome="refused").code == "word_waits"
    assert Entry.objects.count() == 1


def test_the_form_comes_filled_in_from_the_editor(editor: Official) -> None:
    page = editor.see("lexicon-new", word="六安", reading="lu4 an1", examples="六安市民").content.decode()
    assert 'value="六安"' in page
    assert 'value="lu4 an1"' in page
    assert "六安市民</textarea>" in page


def test_a_change_is_a_new_revision_and_the_old_one_stays_in_force(
    editor: Official, reviewer: Official
) -> None:
    entry = in_force(editor, reviewer)
    assert 'value="guan3 wang4"' in editor.see("lexicon-change", entry.pk).content.decode()
    response = editor.press("lexicon-change", entry.pk, **POSTED | {"reading": "guan3 wang3"})
    assert response.status_code == 302
    following = Entry.objects.get(state=State.PENDING)
    assert (following.supersedes_id, following.reading, now(entry).state) == (
        entry.pk, "guan3 wang3", State.ACTIVE,
    )  # fmt: skip
    page = editor.see("lexicon-entry", following.pk).content.decode()
    assert "guǎn wǎng" in page
    assert "guǎn wàng" in page, "as it was read before"


def test_texts_stay_text(editor: Official, reviewer: Official) -> None:
    evil = "</script><b>x</b>"
    entry = proposed(editor, note=evil, examples=evil)
    for page in (
        editor.see("lexicon-entry", entry.pk),
        editor.see("lexicon-list"),
        reviewer.see("lexicon-entry", entry.pk),
    ):
        assert evil not in page.content.decode()
    page = editor.see("lexicon-new", word=evil, examples=evil).content.decode()
    assert evil not in page
