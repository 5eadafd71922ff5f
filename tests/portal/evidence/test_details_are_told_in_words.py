"""An auditor reads names and Chinese words where the log holds codes, booleans and times."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import Event
from govvoice.portal.evidence.details import Teller
from synthesis.models import Voice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def names(flushable: None, voice: Voice) -> None:
    """Voices, emotions, categories and roles."""


def told(action: str, **details: Any) -> list[tuple[str, str]]:
    return Teller().facts(Event(action=action, details=details))


def test_a_broadcasts_state_category_and_emotion() -> None:
    details = {"state": "in_review", "category": "obituary", "emotion": "sad", "sha256": ""}
    assert told("broadcast.submitted", **details) == [
        ("状态", "待初审"),
        ("类别", "讣告"),
        ("情感", "悲伤"),
        ("摘要 (SHA-256)", "—"),
    ]


def test_two_networks_are_no_change_of_one_into_the_other() -> None:
    details = {"before": ["127.0.0.1/32", "::1/128"], "after": ["10.0.0.0/8"]}
    assert told("network.changed", **details) == [
        ("修改前", "127.0.0.1/32、::1/128"),
        ("修改后", "10.0.0.0/8"),
    ]


def test_a_changed_field_by_its_name_from_one_value_to_the_other() -> None:
    details = {
        "is_active": ["True", "False"],
        "default_voice": ["", "tone"],
        "characters_per_month": ["None", "5"],
    }
    assert told("client.changed", **details) == [
        ("启用", "是 → 否"),
        ("默认发音人", "— → 测试音 (tone)"),
        ("每月字数限额", "— → 5"),
    ]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("expires_at", "2026-11-21T01:05:12.5+00:00", "2026-11-21 09:05:12"),
        ("proof", "password+totp", "密码和验证器应用"),
        ("cache", "hit-l2", "是"),
        ("share", 0.05, "5%"),
        ("ssml", True, "是"),
        ("emotions", "neutral, sad", "中性、悲伤"),
        ("role", "security_admin", "安全管理员"),
        ("files", [{"name": "a.csv", "bytes": 3}], "a.csv"),
        ("first", [{"code": "leaf", "message": "第 3 条被改动"}], "第 3 条被改动"),
        ("changed", {"spoken": ["guan3", "guan1"]}, "读作 guan3 → guan1"),
    ],
)
def test_a_value_in_words(name: str, value: Any, words: str) -> None:
    [(_, text)] = told("x.y", **{name: value})
    assert text == words


def test_personal_numbers_stay_masked() -> None:
    assert told("x.y", contact="13812345678") == [("联系人", "138****5678")]
