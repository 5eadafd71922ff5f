"""Texts on record: sealed under the key of their month, read by few, and ended by destroying the key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from django.utils import timezone

from audit import texts
from audit.canonical import event_bytes
from audit.errors import AuditUnavailable, TextsKept, TextUnreadable
from audit.models import Event, Hold, TextKey
from audit.originals import destroy_texts, reveal
from audit.parties import SYSTEM
from audit.texts import OpenedText, open_text
from tests.audit.cast import EDITOR, committed

pytestmark = pytest.mark.django_db

TEXT = "市民张三来电反映：小区停水。"
PAST = "2026-05"


@pytest.fixture(autouse=True)
def fresh_keys() -> Iterator[None]:
    """Each test begins with a key that is really there."""
    texts.forget()
    yield
    texts.forget()


def kept(**more: object) -> Event:
    return Event.objects.get(id=committed("speech.requested", text=TEXT, **more).id)


def now_is_long_after(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """The platform's clock; the database's, by which its trigger judges, goes on as it is."""
    later = timezone.now() + timedelta(days=days)
    monkeypatch.setattr(timezone, "now", lambda: later)


@pytest.mark.parametrize("cipher", ["aes", "sm4"])
def test_a_text_is_kept_where_only_its_months_key_opens_it(cipher: str) -> None:
    month = texts.month_of(timezone.now())
    with connection.cursor() as cursor:  # whichever test came first has made this month's key
        cursor.execute("ALTER TABLE audit_textkey DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM audit_textkey")
        cursor.execute("ALTER TABLE audit_textkey ENABLE TRIGGER USER")
        with override_settings(DATA_CIPHER=cipher):
            cursor.execute(
                texts._MAKE_KEY,
                [month, cipher, texts.seal(texts.make_key(cipher), purpose=texts._purpose(month))],
            )
    event = kept()
    assert TextKey.objects.get().algorithm == cipher
    assert event.sealed_text is not None
    assert len(event.sealed_text) == 12 + len(TEXT.encode()) + 16
    assert TEXT.encode() not in bytes(event.sealed_text)
    assert open_text(event) == OpenedText(TEXT)


def test_two_alike_look_different(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept().sealed_text != kept().sealed_text


def test_a_text_opens_under_no_other_data_key() -> None:
    event = kept()
    with override_settings(DATA_KEYS=["another key of this deployment"]), pytest.raises(TextUnreadable):
        open_text(event)


def test_bytes_put_in_its_place_are_not_read() -> None:
    event, other = kept(), kept()
    event.sealed_text = other.sealed_text
    with pytest.raises(TextUnreadable, match="not the bytes"):
        open_text(event)


def test_without_its_key_no_text_is_recorded_and_nothing_happens() -> None:
    kept()
    texts.forget()
    with override_settings(DATA_KEYS=["lost"]), pytest.raises(AuditUnavailable):
        committed("speech.requested", text=TEXT)
    assert Event.objects.count() == 1


def test_a_deployment_may_keep_digests_only() -> None:
    with override_settings(AUDIT_TEXT_SEALED=False):
        event = kept()
    assert (event.sealed_text, event.sealed_sha256, event.characters) == (None, "", len(TEXT))
    assert open_text(event) is None


def test_a_key_stays_when_the_act_that_needed_it_first_is_undone() -> None:
    before = TextKey.objects.count()
    with transaction.atomic():
        texts._key_to_write_with("2031-01")
        transaction.set_rollback(True)
    assert TextKey.objects.count() == before + 1


def test_destroyed_texts_are_gone_and_their_events_still_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    event, month = kept(), texts.month_of(timezone.now())
    sealed_as = event_bytes(event)
    now_is_long_after(monkeypatch, days=40)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_textkey DISABLE TRIGGER audit_textkey_destroyed_once")
    assert destroy_texts(month=month, actor=EDITOR) == 1
    event.refresh_from_db()
    opened = open_text(event)
    assert opened is not None
    assert (opened.text, opened.destroyed_at is not None) == (None, True)
    assert event_bytes(event) == sealed_as
    told = Event.objects.get(action="audit.texts_destroyed")
    assert (told.object_id, told.details) == (month, {"texts": 1})
    with pytest.raises(TextsKept, match="没有可销毁"):
        destroy_texts(month=month, actor=EDITOR)


def test_this_months_texts_and_held_ones_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    event, month = kept(), texts.month_of(timezone.now())
    with pytest.raises(TextsKept, match="已经过去"):
        destroy_texts(month=month, actor=EDITOR)
    now_is_long_after(monkeypatch, days=40)
    Hold.objects.create(kind=Hold.Kind.HOLD, month=f"{month}-01", reason="诉讼", by="法务")
    with pytest.raises(TextsKept, match="保全"):
        destroy_texts(month=month, actor=EDITOR)
    assert open_text(event) == OpenedText(TEXT)


@pytest.mark.parametrize(
    "change",
    ["sealed_key = 'x'", "sealed_key = '', destroyed_at = now()", "algorithm = 'sm4'", "month = '2026-05'"],
)
def test_the_database_lets_no_key_of_this_month_go(change: str) -> None:
    kept()
    with (
        pytest.raises(IntegrityError, match="destroyed once"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE audit_textkey SET {change}")  # noqa: S608 - our own changes
    with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic():
        TextKey.objects.all().delete()


def test_whoever_sees_an_original_is_on_record() -> None:
    event = kept(actor=EDITOR)
    assert reveal(event=event, actor=EDITOR, origin=None).text == OpenedText(TEXT)
    told = Event.objects.get(action="audit.revealed")
    assert (told.actor_id, told.object_type, told.object_id) == (EDITOR.id, "event", str(event.pk))
    assert told.details == {"text": "shown"}
    assert reveal(event=told, actor=EDITOR, origin=None).text is None


def test_the_command_asks_and_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    kept()
    out, month = StringIO(), texts.month_of(timezone.now())
    with pytest.raises(CommandError, match="不是月份"):
        call_command("audit_texts", "destroy", "2026-13", stdout=out)
    with pytest.raises(CommandError, match="未确认"):
        call_command("audit_texts", "destroy", month, "--confirm", PAST, stdout=out)
    monkeypatch.setattr("sys.stdin", StringIO())  # no terminal: nobody answers
    with pytest.raises(CommandError, match="未确认"):
        call_command("audit_texts", "destroy", PAST, stdout=out)
    with pytest.raises(CommandError, match="已经过去"):
        call_command("audit_texts", "destroy", month, "--confirm", month, stdout=out)
    TextKey.objects.create(month=PAST, algorithm="aes", sealed_key="a key of then")
    call_command("audit_texts", "destroy", PAST, "--confirm", PAST, stdout=out)
    call_command("audit_texts", "list", stdout=out)
    assert f"{PAST}: 0 texts can no longer be read" in out.getvalue()
    assert f"{PAST}  aes  destroyed" in out.getvalue()
    assert Event.objects.get(action="audit.texts_destroyed").actor_kind == SYSTEM.kind
