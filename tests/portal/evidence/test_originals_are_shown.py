"""What the log masks, and the text itself: to whom may see it, on his asking, and on record."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test import override_settings

from accounts.models import Role
from audit import texts
from audit.models import Event, TextKey
from audit.parties import Actor, Origin, Target
from audit.services import record
from synthesis.models import Voice
from tests.portal.broadcasts.cast import official

pytestmark = pytest.mark.django_db

CALLER = Actor(kind="client", id="hotline", name="热线 13812345678", organisation="热线中心")
PHONE = "13812345678"
TEXT = "请回拨 13912345678。"


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> Iterator[None]:
    """Roles, and a key for texts that is really there."""
    yield
    texts.forget()


@pytest.fixture
def spoken() -> Event:
    origin = Origin(forwarded_for=PHONE, user_agent=f"Client {PHONE}")
    with transaction.atomic():
        return record(
            action="speech.requested",
            actor=CALLER,
            target=Target("speech", "s1", PHONE),
            origin=origin,
            text=TEXT,
        )


def test_the_page_of_an_event_masks_and_offers_the_original(spoken: Event) -> None:
    page = official("auditor").see("evidence-event", spoken.pk).content.decode()
    assert PHONE not in page
    assert TEXT not in page
    assert page.count("138****5678") >= 4
    assert "显示原文" in page


def test_the_original_is_shown_once_and_on_record(spoken: Event) -> None:
    auditor = official("auditor")
    answer = auditor.press("evidence-original", spoken.pk)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert TEXT in page
    assert page.count(PHONE) >= 4
    assert "no-store" in answer["Cache-Control"]
    told = Event.objects.get(action="audit.revealed")
    assert (told.actor_id, told.object_id) == (str(auditor.staff.pk), str(spoken.pk))
    assert auditor.see("evidence-original", spoken.pk).status_code == 405


def test_without_the_right_there_is_neither_button_nor_answer(spoken: Event) -> None:
    auditor = official("auditor")
    role = Role.objects.get(code="auditor")
    role.permissions.remove("audit.reveal_event")
    role.save()
    assert "显示原文" not in auditor.see("evidence-event", spoken.pk).content.decode()
    answer = auditor.press("evidence-original", spoken.pk)
    assert (answer.status_code, PHONE in answer.content.decode()) == (403, False)
    assert not Event.objects.filter(action="audit.revealed").exists()


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "editor", "reviewer", "duty_officer"])
def test_no_other_role_has_it(spoken: Event, role: str) -> None:
    assert official(role).press("evidence-original", spoken.pk).status_code == 403


def test_a_destroyed_text_and_one_that_does_not_open_say_so(spoken: Event) -> None:
    auditor = official("auditor")
    with override_settings(DATA_KEYS=["lost"]):
        assert "文本无法打开" in auditor.press("evidence-original", spoken.pk).content.decode()
    with connection.cursor() as cursor:  # as its superuser could, before the month is over
        cursor.execute("ALTER TABLE audit_textkey DISABLE TRIGGER USER")
    TextKey.objects.update(sealed_key="", destroyed_at=spoken.at)
    page = auditor.press("evidence-original", spoken.pk).content.decode()
    assert "已销毁" in page
    assert TEXT not in page


def test_an_event_without_text_and_one_that_is_not_there() -> None:
    auditor = official("auditor")
    with transaction.atomic():
        event = record(action="auth.login", actor=CALLER)
    assert "没有留存文本" in auditor.press("evidence-original", event.pk).content.decode()
    assert auditor.press("evidence-original", 999_999_999).status_code == 404
