"""Rules beside words: personal data, patterns of staff, wrong titles, dates of events."""

from __future__ import annotations

from typing import Any

import pytest

from synthesis.screening.matcher import Matcher
from synthesis.screening.rules import RuleRefused
from synthesis.screening.verdicts import Level, Rule, RuleKind


def _found(kind: RuleKind, text: str, **parameters: Any) -> list[str]:
    rule = Rule("the rule", "privacy", kind, Level.REVIEW, parameters)
    hits = Matcher([], rules=[rule]).judge(text).hits
    assert all(
        (hit.rule, hit.level, text[hit.start : hit.end]) == ("the rule", Level.REVIEW, hit.text)
        for hit in hits
    )
    return [hit.text for hit in hits]


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        # Numbers made up, with the check digit that their standard gives.
        ("identity_card", "证号11010519491231002X。", "11010519491231002X"),
        ("identity_card", "１１０１０５ 19491231 002ｘ", "１１０１０５ 19491231 002ｘ"),
        ("identity_card", "110105\u200b19491231002X", "110105\u200b19491231002X"),
        ("mobile", "请拨13800138000", "13800138000"),
        ("mobile", "+86 138-0013-8000", "+86 138-0013-8000"),
        ("mobile", "一三八零零一三八零零零", "一三八零零一三八零零零"),
        ("bank_card", "卡号6222 0212 3456 7894", "6222 0212 3456 7894"),
        ("address", "住幸福路12号阳光小区3号楼2单元501室", "住幸福路12号阳光小区3号楼2单元501室"),
        ("email", "发到 a.b@example.com 即可", "a.b@example.com"),
        ("url", "见 https://example.com/a?b=1 查看", "https://example.com/a?b=1"),
        ("ip", "访问127.0.0.1。", "127.0.0.1"),
        ("number", "微信：9989123456", "9989123456"),
    ],
)
def test_personal_data_is_found(kind: RuleKind, text: str, found: str) -> None:
    assert _found(kind, text) == [found]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("identity_card", "110105194912310021"),  # check digit
        ("identity_card", "11010519491331002X"),  # month 13
        ("identity_card", "99010519491231002X"),  # no such province
        ("mobile", "工单2138001380001"),
        ("mobile", "12345"),
        ("bank_card", "6222021234567890"),
        ("address", "文三路199号政务服务中心"),
        ("ip", "3.14.159"),
        ("number", "电话1234567"),
    ],
)
def test_what_only_looks_like_it_passes(kind: RuleKind, text: str) -> None:
    assert not _found(kind, text)


def test_a_pattern_of_staff_sees_the_text_undressed() -> None:
    assert _found("pattern", "第一轮的消费补贴", pattern="第[一二]轮.{0,5}补贴") == ["第一轮的消费补贴"]
    assert _found("pattern", "ＱＱ群１２３", pattern=r"qq群\d+") == ["ＱＱ群１２３"]
    assert not _found("pattern", "qq群123", pattern=r"QQ群\d+", case=True)


def test_a_pattern_that_would_run_away_elsewhere_does_not() -> None:
    assert not _found("pattern", "a" * 50_000, pattern=r"(a+)+$b")


@pytest.mark.parametrize(
    ("kind", "parameters", "reason"),
    [
        ("pattern", {"pattern": "("}, "missing"),
        ("pattern", {"pattern": ""}, "1 to 500"),
        ("pattern", {}, "'pattern'"),
        ("number", {"length": 1}, "3 to 30"),
        ("name_title", {"name": "李"}, "'titles'"),
        ("name_title", {"name": "李", "titles": []}, "two characters"),
        ("event_date", {"words": ["聚会"], "dates": ["13-40"]}, "month"),
        ("event_date", {"words": [], "dates": ["06-04"]}, "needed"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(
    kind: RuleKind, parameters: dict[str, Any], reason: str
) -> None:
    with pytest.raises(RuleRefused, match=reason) as refused:
        Matcher([], rules=[Rule("7", "other", kind, parameters=parameters)])
    assert "rule 7" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("李明副市长出席", ["李明副市长"]),
        ("市委书记李明", ["市委书记李明"]),
        ("李明市长出席", []),
        ("市长李明", []),
        ("李明同志", []),
    ],
)
def test_a_leader_with_a_title_that_is_not_his(text: str, found: list[str]) -> None:
    assert _found("name_title", text, name="李明", titles=["市长"]) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("八月二十五日去广场聚集", "八月二十五日去广场聚集"),
        ("聚集就在08-25", "聚集就在08-25"),
        ("8.25聚\u200b集", "8.25聚\u200b集"),
        ("18.25元聚集", None),
        ("八月二十五日" + "一" * 60 + "聚集", None),
    ],
)
def test_an_event_on_its_date(text: str, found: str | None) -> None:
    hits = _found("event_date", text, words=["聚集"], dates=["08-25"])
    assert hits == ([found] if found else [])
