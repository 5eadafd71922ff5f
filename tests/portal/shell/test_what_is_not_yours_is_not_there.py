"""Rights are on objects: another department's broadcasts, readings and sounds answer 404."""

from __future__ import annotations

import pytest

from accounts.models import Client, Organisation
from synthesis.lexicon import services as lexicon
from synthesis.lexicon.models import Entry
from synthesis.models import Speech, Voice
from tests.portal.broadcasts.cast import Official, draft, official

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clean_stage(flushable: None, nothing_remembered: None, voice: Voice) -> None:
    """Roles, a voice, and no counters."""


@pytest.fixture
def stranger() -> Official:
    return official("editor", "stranger", organisation="elsewhere")


def own_entry(author: Official) -> Entry:
    fields = {
        "word": "单县", "reading": "shan4 xian4", "scope": "organisation",
        "scope_key": author.staff.organisation.code,
    }  # fmt: skip
    return lexicon.propose(fields=fields, staff=author.staff, origin=None)


def spoken_for(kind: str, caller: str) -> Speech:
    return Speech.objects.create(
        caller_kind=kind, caller_id=caller, caller_name=caller, text_sha256="0" * 64, characters=1,
        voice="tone", engine_version="1", emotion="neutral", format="wav", sample_rate=16000, seconds=1.0,
        milliseconds=1, cache="miss", rendition_key="gone",
    )  # fmt: skip


def test_a_broadcast(editor: Official, stranger: Official) -> None:
    broadcast = draft(editor)
    for route in ("broadcast-edit", "broadcast-review", "broadcast-status"):
        assert editor.see(route, broadcast.code).status_code == 200
        assert stranger.see(route, broadcast.code).status_code == 404
    assert broadcast.title not in stranger.see("broadcast-list").content.decode()


def test_a_reading(editor: Official, stranger: Official) -> None:
    entry = own_entry(editor)
    assert editor.see("lexicon-entry", entry.pk).status_code == 200
    for route in ("lexicon-entry", "lexicon-change"):
        assert stranger.see(route, entry.pk).status_code == 404
    assert stranger.press("lexicon-change", entry.pk, word="单县", reading="dan1 xian4").status_code == 404
    judge = official("reviewer", "judge", organisation="elsewhere")
    for route in ("lexicon-approve", "lexicon-refuse", "lexicon-retire", "lexicon-respeak"):
        assert judge.press(route, entry.pk, reason="x").status_code == 404
    assert "单县" not in stranger.see("lexicon-list").content.decode()
    assert "单县" not in stranger.see("lexicon-export", format="csv").content.decode()
    entry.refresh_from_db()
    assert entry.state == Entry.State.PENDING


def test_nobody_writes_a_reading_for_another_department(editor: Official, stranger: Official) -> None:
    page = stranger.see("lexicon-new").content.decode()
    assert "organisation:elsewhere" in page
    assert "organisation:default" not in page
    answer = stranger.press(
        "lexicon-new", way="reading", word="单县", reading="shan4 xian4", place="organisation:default"
    )
    assert answer.status_code != 302
    assert not Entry.objects.exists()


def test_a_sound_that_another_department_asked_for(editor: Official, stranger: Official) -> None:
    own = Client.objects.create(
        code="own-hotline", name="本部门热线", organisation=Organisation.objects.get(code="default")
    )
    spoken_for("client", own.code)
    spoken_for("staff", str(editor.staff.pk))
    spoken_for("client", "unknown-hotline")
    assert "unknown-hotline" not in editor.see("synthesis_speech_changelist").content.decode()
    assert "own-hotline" in editor.see("synthesis_speech_changelist").content.decode()
    assert (
        "own"
        not in stranger.see("synthesis_speech_changelist")
        .content.decode()
        .split("<main")[1]
        .split("result")[-1]
    )
    for speech in Speech.objects.all():
        assert stranger.see("speech-audio", speech.pk).status_code == 404
        assert stranger.see("desk-audio", speech.pk).status_code == 404
