"""敏感词库: made, written, compared, tried, decided on by a second person."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from govvoice import __version__
from synthesis.screening import current, vault
from synthesis.screening.models import ListVersion
from synthesis.screening.services import judge
from tests.portal.broadcasts.cast import Official, official, published
from tests.portal.broadcasts.cast import draft as broadcast_draft
from tests.portal.screening.cast import held
from tests.synthesis.screening.cast import draft, forbid, in_force, now, pending

pytestmark = pytest.mark.django_db

SETTINGS: dict[str, Any] = {
    "name": "内部用语",
    "category": "other",
    "level": "block",
    "place": "all:",
    "effective_from": "2026-01-01",
    "effective_to": "",
    "reason": "内部规定",
    "basis": "",
    "is_enabled": "on",
    "folds": ["case", "width"],
    "gap": "8",
}


@pytest.fixture
def author(voice: object) -> Official:
    return official("security_admin")


def of(version: ListVersion) -> tuple[int, int]:
    return version.word_list_id, version.number


def page_of(response: HttpResponse) -> str:
    return response.content.decode()


def test_from_nothing_to_a_list_in_force(author: Official, reviewer: Official) -> None:
    assert author.press("wordlist-new", **SETTINGS).status_code == 302
    version = ListVersion.objects.get(name="内部用语")
    assert version.options["pinyin"] is False
    assert "case" not in version.options
    words = {"words": "内情\n小道消息", "level": "", "substitute": "", "reason": "", "basis": ""}
    assert author.press("wordlist-words", *of(version), **words).status_code == 302
    author.press("wordlist-allowed", *of(version), allowed="了解内情")
    page = page_of(author.see("wordlist-version", *of(version)))
    assert "新增 2 个词" in page
    assert f"版本 {__version__}" in page  # the platform's in the footer, not the list's
    assert author.press("wordlist-submit", *of(version)).status_code == 302
    assert author.press("wordlist-approve", *of(version)).status_code == 403
    assert "批准后，两秒内" in page_of(reviewer.see("wordlist-version", *of(version)))
    assert reviewer.press("wordlist-approve", *of(version)).status_code == 302
    current.look_again()
    assert judge("知道内情").blocked
    assert not judge("了解内情").blocked
    assert "内部用语" in page_of(reviewer.see("wordlist-list"))


def test_wrong_settings_are_told_beside_their_field(author: Official) -> None:
    response = author.press("wordlist-new", **SETTINGS | {"name": "", "effective_to": "2025-01-01"})
    assert response.status_code == 422
    assert "请填写词库名称。" in page_of(response)
    response = author.press("wordlist-new", **SETTINGS | {"effective_to": "2025-01-01"})
    assert "失效日期不能早于生效日期。" in page_of(response)
    assert not ListVersion.objects.filter(name="内部用语").exists()


def test_a_wrong_word_is_told_and_what_was_typed_stays(author: Official) -> None:
    version = draft(author)
    response = author.press("wordlist-words", *of(version), words="好词\n" + "长" * 65)
    assert response.status_code == 422
    assert "超过 64 个字" in page_of(response)
    assert "好词\n" + "长" * 65 in page_of(response)
    assert vault.take(now(version)).words == ()


def test_words_are_found_and_dropped(author: Official) -> None:
    version = draft(author, "甲词", "乙词")
    page = page_of(author.see("wordlist-version", *of(version), q="乙"))
    assert 'value="乙词"' in page
    assert 'value="甲词"' not in page
    author.press("wordlist-words-drop", *of(version), word=["甲词"])
    assert [word.text for word in vault.take(now(version)).words] == ["乙词"]


def test_the_difference_and_the_way_back_are_shown(author: Official, reviewer: Official) -> None:
    first = in_force(author, reviewer, "旧词")
    assert author.press("wordlist-draft", first.word_list_id).status_code == 302
    second = first.word_list.newest
    author.press("wordlist-words-drop", *of(second), word=["旧词"])
    author.press("wordlist-words", *of(second), words="新词")
    author.press("wordlist-settings", *of(second), **SETTINGS | {"level": "review"})
    page = page_of(author.see("wordlist-version", *of(second)))
    for words in ("与第 1 版的差异", "新增 1 个词", "删除 1 个词", "<del>拦截</del>", "<ins>待审</ins>"):
        assert words in page
    author.press("wordlist-submit", *of(second))
    reviewer.press("wordlist-approve", *of(second))
    assert author.press("wordlist-restore", *of(first)).status_code == 302
    third = first.word_list.newest
    assert (third.number, third.restores) == (3, 1)
    assert "恢复自第 1 版" in page_of(author.see("wordlist-version", *of(third)))


def test_a_version_is_refused_with_its_reason(author: Official, reviewer: Official) -> None:
    version = pending(author, "新词")
    response = reviewer.press("wordlist-refuse", *of(version), reason="")
    assert response.status_code == 422
    assert "请填写驳回原因" in page_of(response)
    assert reviewer.press("wordlist-refuse", *of(version), reason="过宽").status_code == 302
    assert "reviewer同志驳回：过宽" in page_of(author.see("wordlist-version", *of(version)))


def test_a_step_out_of_turn_is_told(author: Official, reviewer: Official) -> None:
    version = in_force(author, reviewer, "新词")
    response = author.press("wordlist-words", *of(version), words="再一个")
    assert response.status_code == 409
    assert "处于“生效”" in page_of(response)
    assert author.press("wordlist-discard", *of(version)).status_code == 409


def test_a_file_with_a_broken_row_is_not_brought_in(author: Official) -> None:
    version = draft(author)
    bad = SimpleUploadedFile("words.csv", "词语,处理方式\n甲词,\n乙词,大声\n".encode())
    response = author.press("wordlist-import", *of(version), file=bad)
    assert response.status_code == 422
    assert "没有导入任何词" in page_of(response)
    assert 'data-label="行">3<' in page_of(response)
    good = SimpleUploadedFile("words.txt", "甲词\n乙词\n".encode())
    assert author.press("wordlist-import", *of(version), file=good).status_code == 302
    assert "已导入 2 行：新增 2 个词" in page_of(author.see("wordlist-version", *of(version)))
    assert author.press("wordlist-import", *of(version)).status_code == 422


def test_a_draft_is_tried_on_what_is_kept(author: Official, editor: Official, reviewer: Official) -> None:
    published(editor, reviewer)
    broadcast_draft(editor, text="与此无关。", title="别的")
    item = held("管网的内部消息")
    version = pending(author, "管网")
    page = page_of(reviewer.see("wordlist-trial", *of(version)))
    assert "试了 3 段不同的文本：2 个播报" in page
    assert "data-met>2<" in page
    assert "data-on-air>1<" in page
    assert "停水通知" in page
    assert "<mark>管网</mark>" in page
    assert "接口调用的文本依规定不留存" in page
    assert item.code not in page
    seen_by_author = page_of(author.see("wordlist-trial", *of(version)))
    assert "停水通知" not in seen_by_author
    assert "另有 1 个播报属于其他部门，或您无权查看" in seen_by_author


def test_hits_are_shown_by_word_caller_and_day(reviewer: Official) -> None:
    from audit.parties import Actor
    from synthesis.screening import statistics

    forbid("内部消息", level="record")
    statistics.count(judge("内部消息").hits, Actor(kind="client", id="hotline", name="测试热线"))
    page = page_of(reviewer.see("screening-hits", days="30"))
    for words in ("内部消息", "测试热线", "测试词库", "仅记录"):
        assert words in page
    assert "这段时间没有命中" in page_of(reviewer.see("screening-hits", days="x")) or "内部消息" in page


@pytest.mark.parametrize(
    ("kind", "value", "parameters"),
    [
        ("pattern", r"\d{6}", {"pattern": r"\d{6}"}),
        ("number", "10", {"length": 10}),
        ("number", "", {}),
        ("mobile", "", {}),
        ("name_title", "张三：局长、党组书记", {"name": "张三", "titles": ["局长", "党组书记"]}),
        (
            "event_date",
            "停电、检修\n6月30日、10-01",
            {"words": ["停电", "检修"], "dates": ["06-30", "10-01"]},
        ),
    ],
)
def test_a_rule_is_added_and_dropped(
    author: Official, kind: str, value: str, parameters: dict[str, Any]
) -> None:
    version = draft(author)
    added = author.press("wordlist-rule", *of(version), kind=kind, value=value, level="review", reason="")
    assert added.status_code == 302
    (rule,) = vault.take(now(version)).rules
    assert (rule.kind, dict(rule.parameters), rule.level) == (kind, parameters, "review")
    assert author.see("wordlist-version", *of(version)).status_code == 200
    author.press("wordlist-rule-drop", *of(version), key=rule.key)
    assert vault.take(now(version)).rules == ()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("pattern", ""),
        ("pattern", "("),
        ("pattern", r"(?<=a)b"),
        ("number", "many"),
        ("number", "99"),
        ("mobile", "138"),
        ("name_title", "张三"),
        ("event_date", "停电"),
        ("event_date", "停电\n2月30日"),
    ],
)
def test_a_wrong_rule_is_told(author: Official, kind: str, value: str) -> None:
    version = draft(author)
    response = author.press("wordlist-rule", *of(version), kind=kind, value=value, level="", reason="")
    assert response.status_code == 422
    assert vault.take(now(version)).rules == ()
