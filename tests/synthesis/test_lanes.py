"""Two lanes: those who wait on the telephone, and texts of the large voices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from pytest_django import Settings

from govvoice.embedded.places import Places
from govvoice.embedded.supervision import QUEUES, SLOW_QUEUES, platform_programs
from synthesis import casting, presence, renditions, services, tasks
from synthesis.broadcast_speakers import SPEAKERS
from synthesis.cache.redis import connection
from synthesis.engines import engine_names
from synthesis.engines.registry import made_engines
from synthesis.models import Rendition, Voice
from synthesis.spec import SpeechSpec
from tests.api.cast import Hotline, assert_refused
from tests.synthesis.engines.kokoro import tiny_network

SPOKEN_BY_ALL = "您好，今天停水。"
SSML = '<speak>您好。<voice name="male-young">今天停水。</voice></speak>'


@pytest.fixture
def speakers(voice: Voice, tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """The speakers for broadcasts, of the tiny network."""
    (tmp_path / "fastspeech2").symlink_to(settings.VOICES_DIR / "fastspeech2")
    settings.VOICES_DIR = tmp_path.resolve()
    tiny_network.install(tmp_path / "kokoro")
    call_command("load_reference", verbosity=0)
    yield tmp_path
    presence.forget()


def test_speakers_are_offered_where_their_files_are(speakers: Path) -> None:
    there = Voice.objects.filter(engine="kokoro")
    assert {voice.code for voice in there} == {speaker.code for speaker in SPEAKERS}
    assert {voice.speed_class for voice in there} == {"broadcast"}
    assert all(voice.licence and "法务" in voice.provenance for voice in there)
    assert not any("xiaoni" in voice.model for voice in there)


def test_no_speakers_without_their_files(voice: Voice) -> None:
    assert not Voice.objects.filter(engine="kokoro").exists()


def test_every_engine_is_served_in_one_lane() -> None:
    usual, slow = (set(queues.split(",")) for queues in (QUEUES, SLOW_QUEUES))
    assert not usual & slow
    assert {*engine_names()} - {"tone"} <= usual | slow
    assert {casting.USUAL_LANE, casting.SLOW_LANE} <= usual | slow


def test_the_slow_lane_runs_where_the_speakers_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOVVOICE_VOICES", str(tmp_path))
    here = Places(tmp_path)

    def names() -> set[str]:
        return {program.name for program in platform_programs(here, host="127.0.0.1", port=8000)}

    assert "slow" not in names()
    tiny_network.install(tmp_path / "kokoro")
    assert "slow" in names()


def test_a_worker_loads_no_large_voice_before_it_is_asked_for(speakers: Path) -> None:
    tasks.load_engines(sender="worker@here")
    made = {name: engine for (name, home), engine in made_engines().items() if speakers in home.parents}
    assert made["fastspeech2"].held.devices
    assert not made["kokoro"].held.devices


def queued(name: str) -> int:
    return int(connection().llen(f"govvoice:broker:{name}"))


@pytest.mark.django_db(transaction=True)
def test_finished_audio_is_made_in_the_lane_of_its_voices(
    speakers: Path, nothing_remembered: None, flushable: None
) -> None:
    connection().delete("govvoice:broker:slow")
    for spec in (
        SpeechSpec(text=SPOKEN_BY_ALL),
        SpeechSpec(text=SPOKEN_BY_ALL, voice="male-young"),
        SpeechSpec(text=SSML, is_ssml=True),
    ):
        with transaction.atomic():
            services.request_rendition(spec=spec)
    assert (queued("renders"), queued("slow")) == (1, 2)
    connection().delete("govvoice:broker:renders", "govvoice:broker:slow")


@pytest.mark.django_db
def test_a_task_handed_out_twice_is_done_once(speakers: Path, nothing_remembered: None) -> None:
    with transaction.atomic():
        rendition = services.request_rendition(spec=SpeechSpec(text=SPOKEN_BY_ALL, voice="male-young"))
    renditions._touch(rendition, progress=10)  # somebody is at it
    renditions.make(rendition.pk)
    assert Rendition.objects.get(pk=rendition.pk).progress == 10
    Rendition.objects.update(touched_at=rendition.touched_at - renditions.STALL)
    renditions.make(rendition.pk)
    assert Rendition.objects.get(pk=rendition.pk).state == Rendition.State.READY


@pytest.mark.django_db(transaction=True)
def test_a_broadcast_voice_says_only_short_texts_to_a_caller(
    hotline: Hotline, worker: None, nothing_remembered: None, flushable: None, settings: Settings
) -> None:
    settings.BROADCAST_VOICE_SYLLABLES = 6
    Voice.objects.filter(code="tone").update(speed_class="broadcast")
    refused = hotline.say("今天下午停水了。")
    problem = assert_refused(refused, 422, "voice_not_live")
    assert "6 个音节" in problem["detail"]
    assert hotline.say("今天下午停水。").status_code == 200
    Voice.objects.filter(code="tone").update(speed_class="live")
    assert hotline.say("今天下午停水了。").status_code == 200
