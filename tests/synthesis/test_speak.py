"""`manage.py speak`: an operator hears a text, and sees how it was read and what it cost."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from synthesis import audio
from synthesis.engines.tone.engine import SYLLABLE_SECONDS
from synthesis.models import Speech


def speak(text: str, output: Path, **options: Any) -> str:
    shown = StringIO()
    call_command("speak", text, output=output, stdout=shown, **options)
    return shown.getvalue()


def test_it_writes_the_sound_and_tells_how_it_was_made(tmp_path: Path) -> None:
    shown = speak("你好，世界😀。", tmp_path / "out.wav", engine_only="tone")
    samples, rate = audio.decode((tmp_path / "out.wav").read_bytes())
    assert len(samples) / rate > 4 * SYLLABLE_SECONDS
    assert "ni2 hao3" in shown
    assert "shi4 jie4" in shown
    assert "“😀”（emoji）" in shown
    assert "实时率" in shown
    assert "dBFS" in shown


def test_it_needs_no_database_when_only_the_engine_is_tried(tmp_path: Path) -> None:
    # Without the django_db mark every query raises.
    speak("你好", tmp_path / "out.pcm", engine_only="tone", rate=2.0, sample_rate=8000)
    assert (tmp_path / "out.pcm").stat().st_size == round(2 * SYLLABLE_SECONDS / 2 * 8000) * 2


@pytest.mark.usefixtures("voice", "nothing_remembered")
@pytest.mark.django_db
def test_the_platforms_own_way_leaves_evidence(tmp_path: Path) -> None:
    speak("你好世界", tmp_path / "out.wav")
    event = Event.objects.get(action="speech.requested")
    assert (event.actor_kind, event.object_name, event.characters) == ("system", "tone", 4)
    assert not Speech.objects.exists()


@pytest.mark.usefixtures("voice", "nothing_remembered")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        ("", {}, "文本为空"),
        ("。。", {}, "没有可朗读的内容"),
        ("安全账户转账", {}, "不允许播报"),
        ("好", {"voice": "nobody"}, "没有这个发音人"),
        ("好", {"emotion": "bored"}, "不支持情感 bored"),
        ("好", {"rate": 3.0}, "rate is 3"),
        ("好", {"volume": 101}, "101"),
    ],
)
def test_what_cannot_be_spoken_is_told_in_a_line(
    tmp_path: Path, text: str, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(CommandError, match=told):
        speak(text, tmp_path / "out.wav", **options)
    assert not (tmp_path / "out.wav").exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize(("name", "told"), [("out.mp3", "不支持的输出格式"), ("missing/out.wav", "无法写入")])
def test_a_file_that_cannot_be_written_is_told(tmp_path: Path, name: str, told: str) -> None:
    with pytest.raises(CommandError, match=told):
        speak("你好", tmp_path / name, engine_only="tone")
