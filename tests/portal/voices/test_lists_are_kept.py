"""Accounts, departments, records of speech: saving is one service and one line of evidence."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from accounts.models import Client, Organisation, Role, Staff
from audit.models import Event
from audit.parties import Origin
from synthesis.models import Speech, Voice
from synthesis.services import request_speech
from synthesis.spec import SpeechSpec
from tests.portal.broadcasts.cast import Official, official

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    """Roles, a voice, and no counters."""


@pytest.fixture
def system_admin() -> Official:
    return official("system_admin")


def staff_fields(**changed: Any) -> dict[str, Any]:
    return {
        "username": "zhang",
        "display_name": "张三",
        "organisation": Organisation.objects.get(code="default").pk,
        **changed,
    }


def test_a_new_account_is_recorded_without_its_first_password(system_admin: Official) -> None:
    page = system_admin.press("accounts_staff_add", **staff_fields()).content.decode()
    staff = Staff.objects.get(username="zhang")
    found = re.search(r'id="initial">([^<]+)<', page)
    assert found
    assert staff.check_password(found[1])
    assert staff.role.code == "pending"
    event = Event.objects.get(action="staff.created", object_name="张三")
    assert event.address == "127.0.0.1"
    assert found[1] not in str(event.details)


@pytest.mark.parametrize("name", ["SYSTEM_ADMIN", "ｓｙｓｔｅｍ_admin", "two words", ""])
def test_a_taken_or_strange_name_is_refused(system_admin: Official, name: str) -> None:
    page = system_admin.press("accounts_staff_add", **staff_fields(username=name)).content.decode()
    assert "gv-field--wrong" in page or "errorlist" in page or "errornote" in page
    assert not Staff.objects.filter(display_name="张三").exists()


def test_a_disabled_account_is_out_at_once_and_keeps_its_role(
    system_admin: Official, editor: Official
) -> None:
    auditors = Role.objects.get(code="auditor").pk
    system_admin.press(
        "accounts_staff_change",
        editor.staff.pk,
        display_name="编辑",
        organisation=editor.staff.organisation_id,
        role=auditors,
    )
    editor.staff.refresh_from_db()
    assert editor.staff.role.code == "editor"
    assert editor.see("index").status_code == 302
    assert Event.objects.get(action="staff.disabled").object_name == "编辑"


def test_nobody_disables_himself(system_admin: Official) -> None:
    staff = system_admin.staff
    system_admin.press(
        "accounts_staff_change", staff.pk, display_name="改名", organisation=staff.organisation_id
    )
    staff.refresh_from_db()
    assert (staff.display_name, staff.is_active) == ("改名", True)


def test_a_department_is_made_and_its_code_stays(system_admin: Official) -> None:
    system_admin.press("accounts_organisation_add", name="民政局", code="mz", is_active="on")
    row = Organisation.objects.get(code="mz")
    system_admin.press("accounts_organisation_change", row.pk, name="民政局", code="xx", is_active="on")
    row.refresh_from_db()
    assert row.code == "mz"
    assert Event.objects.filter(action="organisation.created", object_id="mz").exists()
    system_admin.press("accounts_organisation_change", row.pk, name="民政事务局", is_active="on")
    renamed = Event.objects.filter(action="organisation.changed", details__has_key="name").get()
    assert renamed.details["name"] == ["民政局", "民政事务局"]


def test_djangos_own_log_stays_empty(system_admin: Official) -> None:
    system_admin.press("accounts_organisation_add", name="民政局", code="mz", is_active="on")
    assert not LogEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_answered_request_is_heard_again_and_that_is_recorded(editor: Official, worker: None) -> None:
    from audit.parties import Actor

    hotline = Actor(kind="client", id="hotline", name="热线")
    Client.objects.create(code="hotline", name="热线", organisation=editor.staff.organisation)
    for form in ("wav", "pcm"):
        spec = SpeechSpec(text="您好。", voice="tone", format=form)
        speech = request_speech(spec=spec, actor=hotline, origin=Origin()).speech
        answer = editor.browser.get(reverse("admin:speech-audio", args=[speech.pk]))
        assert answer.status_code == 200
        assert answer.content[:4] == b"RIFF"
        assert Event.objects.filter(action="speech.replayed", object_id=str(speech.pk)).exists()
    page = editor.see("synthesis_speech_changelist", caller="client").content.decode()
    assert "热线" in page
    assert "中性" in page


def test_a_request_the_cache_has_forgotten_is_not_found(editor: Official) -> None:
    speech = Speech.objects.create(
        caller_kind="client", caller_id="h", caller_name="热线", text_sha256="0" * 64, characters=1,
        voice="tone", engine_version="1", emotion="neutral", format="wav", sample_rate=16000, seconds=1.0,
        milliseconds=1, cache="miss", rendition_key="gone",
    )  # fmt: skip
    assert editor.browser.get(reverse("admin:speech-audio", args=[speech.pk])).status_code == 404
