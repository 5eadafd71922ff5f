"""Speakers and voices as staff keep them: order, pictures, licences, samples."""

from __future__ import annotations

import io
import json
import logging
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from audit.models import Event
from audit.parties import SYSTEM, Actor, Origin
from synthesis import audio, pictures, samples, usage
from synthesis.cache.redis import connection
from synthesis.catalogue import clear_licence, doubt_licence, order_speakers, save_speaker
from synthesis.checks import some_voice_may_be_used
from synthesis.errors import VoiceRefused
from synthesis.models import Speaker, Voice, VoiceSample
from synthesis.services import request_samples, request_speech
from synthesis.spec import SpeechSpec
from synthesis.tasks import make_missing_samples
from tests.synthesis.screening.cast import forbid

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_remembered")]

CLERK = Actor(kind="staff", id="7", name="张三")


@pytest.fixture(autouse=True)
def own_store(settings: Settings, tmp_path: Path) -> None:
    backend = "django.core.files.storage.FileSystemStorage"
    store = {"BACKEND": backend, "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "voices": store}


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


# --- samples ---------------------------------------------------------------------------------------------


def test_each_emotion_on_offer_gets_one_sample(voice: Voice, tmp_path: Path) -> None:
    voice.voiceemotion_set.exclude(emotion__code__in=["neutral", "sad"]).update(is_active=False)
    assert samples.missing(voice) == ["neutral", "sad"]
    for emotion in samples.missing(voice):
        samples.make(voice_id=voice.pk, emotion=emotion)
    rows = samples.current(voice)
    assert rows.keys() == {"neutral", "sad"}
    spoken, rate = audio.decode(samples.open_audio(rows["sad"]))
    assert len(spoken) / rate == pytest.approx(rows["sad"].seconds, abs=0.01)
    assert rate == voice.sample_rate
    assert len(rows["sad"].peaks) == 240
    assert files(tmp_path) == sorted(row.path for row in rows.values())
    lines = Event.objects.filter(action="voice.sampled").values_list("details__emotion", flat=True)
    assert sorted(lines) == ["neutral", "sad"]
    samples.make(voice_id=voice.pk, emotion="sad")
    assert Event.objects.filter(action="voice.sampled").count() == 2


def test_a_page_asks_for_what_is_missing_and_asks_once(voice: Voice) -> None:
    Voice.objects.exclude(pk=voice.pk).update(is_active=False)
    voice.voiceemotion_set.exclude(emotion__code="neutral").update(is_active=False)
    request_samples(voice=voice)
    request_samples(voice=voice)
    make_missing_samples()
    (queued,) = connection().lrange("govvoice:broker:renders", 0, -1)
    assert json.loads(queued)["headers"]["task"] == "synthesis.tasks.make_sample"


def test_another_name_or_version_has_the_sample_made_anew(
    voice: Voice, tmp_path: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    samples.make(voice_id=voice.pk, emotion="neutral")
    first = files(tmp_path)
    voice.speaker.name = "另一位"
    voice.speaker.save()
    assert "neutral" in samples.missing(voice)
    with django_capture_on_commit_callbacks(execute=True):
        samples.make(voice_id=voice.pk, emotion="neutral")
    assert "neutral" not in samples.missing(voice)
    assert files(tmp_path) == [VoiceSample.objects.get().path]
    assert files(tmp_path) != first
    VoiceSample.objects.update(engine_version="older")
    assert samples.current(voice) == {}


def test_what_may_not_be_said_gets_no_sample(voice: Voice, caplog: pytest.LogCaptureFixture) -> None:
    forbid(voice.speaker.name)
    with caplog.at_level(logging.ERROR):
        samples.make(voice_id=voice.pk, emotion="neutral")
    assert not VoiceSample.objects.exists()
    assert "no sample of tone in neutral" in caplog.text


def test_a_voice_that_is_not_installed_here_is_not_asked_for_samples(voice: Voice) -> None:
    voice.engine = "sambert"
    voice.model = "gone"
    voice.save()
    assert samples.missing(voice) == []
    assert samples.current(voice) == {}


# --- pictures --------------------------------------------------------------------------------------------


def picture(size: tuple[int, int] = (300, 200), kind: str = "JPEG", colour: str = "#336699") -> bytes:
    drawn = io.BytesIO()
    note = Image.Exif()
    note[0x010E] = "somebody's camera"
    Image.new("RGB", size, colour).save(drawn, kind, exif=note)
    return drawn.getvalue()


def give(speaker: Speaker, data: bytes) -> None:
    save_speaker(speaker=speaker, changed={}, actor=CLERK, origin=Origin(), picture=data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_is_drawn_anew(voice: Voice, kind: str) -> None:
    give(voice.speaker, picture(kind=kind))
    kept = pictures.show(voice.speaker)
    assert b"camera" not in kept
    with Image.open(io.BytesIO(kept)) as shown:
        assert (shown.format, shown.size) == ("PNG", (256, 256))
    assert Event.objects.get(action="speaker.changed").details["picture"][1] == voice.speaker.picture


def test_a_picture_is_replaced_and_taken_away(
    voice: Voice, tmp_path: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    for data in (picture(colour="red"), picture(colour="blue")):
        with django_capture_on_commit_callbacks(execute=True):
            give(voice.speaker, data)
        assert files(tmp_path) == [voice.speaker.picture]
    with django_capture_on_commit_callbacks(execute=True):
        give(voice.speaker, b"")
    assert (voice.speaker.picture, files(tmp_path)) == ("", [])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"GIF89a" + b"\0" * 100, "picture_invalid"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture_invalid"),
        (picture()[:200], "picture_invalid"),
        (picture((20, 300)), "picture_too_small"),
        (picture((5_000, 4_000), "PNG"), "picture_too_large"),
        (b"\xff\xd8" + b"\0" * (2 * 1024 * 1024), "picture_too_large"),
    ],
)
def test_what_is_no_fit_picture_is_refused(voice: Voice, data: bytes, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        give(voice.speaker, data)
    assert refused.value.error_dict["picture"][0].code == code
    assert Speaker.objects.get(pk=voice.speaker.pk).picture == ""


# --- order and usage -------------------------------------------------------------------------------------


def test_speakers_stand_in_the_order_that_staff_give(voice: Voice) -> None:
    order_speakers(codes=["tone", "qinghe"], actor=CLERK, origin=Origin())
    order_speakers(codes=["tone"], actor=CLERK, origin=Origin())
    assert list(Speaker.objects.values_list("code", flat=True))[:2] == ["tone", "qinghe"]
    order_speakers(codes=["nobody", "qinghe"], actor=CLERK, origin=Origin())
    assert list(Speaker.objects.values_list("code", flat=True))[:2] == ["qinghe", "tone"]
    lines = Event.objects.filter(action="speaker.ordered").order_by("pk")
    assert [line.details["order"][1][:2] for line in lines] == [["tone", "qinghe"], ["qinghe", "tone"]]


def test_what_a_voice_has_spoken_is_counted(voice: Voice, worker: None) -> None:
    for text in ("您好。", "您好，请稍候。"):
        request_speech(spec=SpeechSpec(text=text), actor=CLERK, origin=Origin())
    spoken = usage.spoken_by(["tone", "qinghe"])
    assert spoken["tone"].calls == 2
    assert spoken["tone"].seconds > 0.5
    assert spoken["qinghe"] == usage.Spoken()


# --- licences --------------------------------------------------------------------------------------------


def test_nothing_but_voices_in_doubt_is_warned_of(db: None) -> None:
    call_command("load_reference", verbosity=0)
    shipped = Voice.objects.get(code="qinghe")
    assert [warning.id for warning in some_voice_may_be_used()] == ["synthesis.W001"]
    clear_licence(voice=shipped, note=" 合同 2026-17 ", actor=CLERK, origin=Origin())
    shipped.refresh_from_db()
    assert (shipped.licence_note, shipped.licence_cleared_by) == ("合同 2026-17", "张三")
    assert some_voice_may_be_used() == []
    assert Event.objects.get(action="voice.licence_cleared").details == {"reason": "合同 2026-17"}
    doubt_licence(voice=shipped, actor=SYSTEM, origin=Origin())
    doubt_licence(voice=shipped, actor=SYSTEM, origin=Origin())
    assert Event.objects.get(action="voice.licence_doubted").details == {"before": "合同 2026-17"}
    assert len(some_voice_may_be_used()) == 1


def test_a_voice_of_the_operators_own_is_enough(voice: Voice) -> None:
    assert some_voice_may_be_used() == []
    Voice.objects.filter(pk=voice.pk).update(is_active=False, is_default=False)
    assert len(some_voice_may_be_used()) == 1
    Voice.objects.update(is_active=False)
    assert some_voice_may_be_used() == []


@pytest.mark.parametrize("note", ["", "  ", "长" * 301])
def test_clearing_a_licence_takes_a_ground(voice: Voice, note: str) -> None:
    with pytest.raises(VoiceRefused):
        clear_licence(voice=voice, note=note, actor=CLERK, origin=Origin())
    voice.refresh_from_db()
    assert voice.licence_cleared_at is None


def test_no_test_voice_is_in_the_catalogue_we_ship(db: None) -> None:
    call_command("load_reference", verbosity=0)
    assert not Voice.objects.filter(engine="tone").exists()
