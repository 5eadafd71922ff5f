"""Finished audio is made once, kept under its hash, and says so when it cannot be made."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone

from synthesis import renditions
from synthesis.models import Rendition, Speaker, Voice
from synthesis.spec import SpeechSpec
from tests.embedded.running import free_port

pytestmark = pytest.mark.django_db

ACCESS_KEY, SECRET_KEY = "govvoicetestkey1", "govvoicetestsecret01"  # rclone knows no shorter ones
TEXT = "今天下午三点停水，请提前储水。"


@pytest.fixture
def tone_voice() -> Voice:
    """A voice of the tone engine, which needs no model."""
    call_command("load_reference", verbosity=0)
    speaker = Speaker.objects.create(code="tone", name="测试音", gender="female")
    voice = Voice.objects.create(
        code="tone",
        speaker=speaker,
        engine="tone",
        sample_rate=16000,
        speed_class="live",
        licence="-",
        provenance="-",
    )
    voice.emotions.set(Voice.objects.get(code="qinghe").emotions.all())
    return voice


def queued(**changes: object) -> Rendition:
    spec = {**asdict(SpeechSpec(text=TEXT, voice="tone", strict=True)), **changes}
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    return Rendition.objects.create(spec=spec, text_sha256=digest, voice="tone")


def test_a_rendition_is_kept_with_its_hash_length_and_marks(tone_voice: Voice) -> None:
    rendition = queued()
    renditions.make(rendition.pk)
    rendition.refresh_from_db()
    data = renditions.open_audio(rendition)
    assert rendition.state == Rendition.State.READY
    assert data[:4] == b"RIFF"
    assert rendition.size == len(data)
    assert rendition.sha256 == hashlib.sha256(data).hexdigest()
    assert rendition.seconds == pytest.approx((len(data) - 44) / 2 / rendition.sample_rate, abs=0.01)
    assert [TEXT[start:end] for start, end, _begin, _finish in rendition.phrases] == [
        "今天下午三点停水",
        "请提前储水",
    ]


def test_making_it_twice_changes_nothing(tone_voice: Voice) -> None:
    rendition = queued()
    renditions.make(rendition.pk)
    before = Rendition.objects.get(pk=rendition.pk).touched_at
    renditions.make(rendition.pk)
    assert Rendition.objects.get(pk=rendition.pk).touched_at == before


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"text": "今天😀停水"}, "第 3 个字"),
        ({"voice": "nobody"}, "没有这个发音人"),
        ({"emotion": "bored"}, "不支持情感"),
    ],
)
def test_what_cannot_be_made_says_why(tone_voice: Voice, changes: dict[str, object], reason: str) -> None:
    rendition = queued(**changes)
    renditions.make(rendition.pk)
    rendition.refresh_from_db()
    assert rendition.state == Rendition.State.FAILED
    assert reason in rendition.failure


def test_altered_bytes_are_not_handed_out(tone_voice: Voice) -> None:
    rendition = queued()
    renditions.make(rendition.pk)
    rendition.refresh_from_db()
    path = Path(storages["renditions"].path(rendition.path))
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-2] + b"\x01\x01")
    with pytest.raises(ValueError, match="does not match its hash"):
        renditions.open_audio(rendition)


def test_only_what_stopped_moving_is_queued_again(tone_voice: Voice) -> None:
    fresh, late, done = queued(), queued(), queued()
    renditions.make(done.pk)
    long_ago = timezone.now() - timedelta(minutes=5)
    Rendition.objects.filter(pk__in=[late.pk, done.pk]).update(touched_at=long_ago)
    assert list(renditions.stalled()) == [late.pk]
    assert fresh.state == Rendition.State.QUEUED


@pytest.fixture
def object_store(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A real S3 server that refuses a wrong secret."""
    (tmp_path / "audio").mkdir()
    rclone = Path(sys.executable).with_name("rclone")
    address = f"127.0.0.1:{free_port()}"
    keys = f"{ACCESS_KEY},{SECRET_KEY}"
    server = subprocess.Popen(
        [rclone, "serve", "s3", "--auth-key", keys, "--addr", address, str(tmp_path)], stderr=subprocess.PIPE
    )
    try:
        assert server.stderr is not None
        for line in server.stderr:  # it says so once it listens
            if b"Starting s3 server" in line:
                break
        yield {"endpoint_url": f"http://{address}", "access_key": ACCESS_KEY, "secret_key": SECRET_KEY}
    finally:
        server.terminate()
        server.wait()


def test_the_store_may_be_s3(tone_voice: Voice, object_store: dict[str, str]) -> None:
    options = {**object_store, "bucket_name": "audio", "region_name": "us-east-1", "addressing_style": "path"}
    backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    with override_settings(STORAGES={"renditions": backend}):
        rendition = queued()
        renditions.make(rendition.pk)
        rendition.refresh_from_db()
        assert rendition.state == Rendition.State.READY
        assert hashlib.sha256(renditions.open_audio(rendition)).hexdigest() == rendition.sha256
