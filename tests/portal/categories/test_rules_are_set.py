"""Who sets the rules on emotions, and what that leaves in the evidence."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import Event
from synthesis.models import Category
from tests.portal.broadcasts.cast import Official, official

pytestmark = pytest.mark.django_db


@pytest.fixture
def security_admin(voice: object) -> Official:
    return official("security_admin")


def fields(code: str, **changed: Any) -> dict[str, Any]:
    row = Category.objects.get(code=code)
    kept = {
        "name": row.name, "name_en": row.name_en, "description": row.description, "emotions": row.emotions,
        "default_emotion": row.default_emotion, "default_intensity": row.default_intensity,
        "position": row.position,
    }  # fmt: skip
    return kept | ({"is_solemn": "on"} if row.is_solemn else {}) | changed


def test_a_rule_is_changed_and_that_is_recorded(security_admin: Official) -> None:
    changed = fields("notice", emotions=["neutral", "serious"], default_emotion="serious")
    assert security_admin.press("category-change", "notice", **changed).status_code == 302
    event = Event.objects.get(action="category.changed")
    assert (event.object_id, event.actor_id) == ("notice", str(security_admin.staff.pk))
    assert event.details == {
        "default_emotion": ["neutral", "serious"],
        "emotions": ["neutral gentle serious", "neutral serious"],
    }


def test_a_category_is_added(security_admin: Official) -> None:
    made = {
        "code": "traffic", "name": "交通提示", "emotions": ["neutral"], "default_emotion": "neutral",
        "default_intensity": "1.0", "position": "9",
    }  # fmt: skip
    assert security_admin.press("category-new", **made).status_code == 302
    assert Event.objects.get(action="category.created").object_id == "traffic"
    assert "交通提示" in security_admin.see("category-list").content.decode()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"emotions": ["neutral", "happy"], "default_emotion": "neutral"}, "庄重类别不得使用"),
        ({"is_solemn": ""}, "始终是庄重类别"),
        ({"default_emotion": "angry"}, "默认情感须在可用情感之内"),
        ({"default_intensity": "3"}, "2.0"),
        ({"emotions": []}, "请至少选择一种"),
        ({"emotions": ["joy"]}, "joy"),
    ],
)
def test_a_rule_that_must_not_be_is_refused(
    security_admin: Official, changed: dict[str, Any], words: str
) -> None:
    before = Category.objects.filter(code="obituary").values().get()
    answer = security_admin.press("category-change", "obituary", **fields("obituary", **changed))
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert Category.objects.filter(code="obituary").values().get() == before


def test_business_staff_read_the_rules_and_change_none(editor: Official, security_admin: Official) -> None:
    assert "讣告" in editor.see("category-list").content.decode()
    assert editor.see("category-change", "notice").status_code == 403
    assert editor.press("category-change", "notice", **fields("notice")).status_code == 403
    assert security_admin.see("category-change", "wedding").status_code == 404
