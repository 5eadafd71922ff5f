"""From a hub or a folder to sound: fetched, checked, enrolled, spoken by a worker, kept and had again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from pytest_django import Settings

from audit.models import Event
from audit.parties import SYSTEM
from synthesis import audio, enrolment, presence, versions
from synthesis.engines.registry import get_engine
from synthesis.engines.sambert.snapshot import MODEL
from synthesis.errors import VersionRefused
from synthesis.installation import root
from synthesis.models import Speech, Voice
from synthesis.tasks import load_engines
from tests.api.cast import Hotline
from tests.portal.broadcasts.cast import official
from tests.synthesis.engines.sambert import loopback_hub, tiny_model
from tests.synthesis.engines.sambert.loopback_hub import Hub

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("nothing_remembered"),
]

MODEL_ID = "damo/speech_sambert-hifigan_tts_tiny_emo_zh-cn_16k"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model.make(tmp_path_factory.mktemp("release") / "model")


@pytest.fixture(scope="module")
def other_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model.make(tmp_path_factory.mktemp("release") / "model", seed=5)


@pytest.fixture
def hub(release: Path) -> Iterator[Hub]:
    with loopback_hub.running() as hub:
        hub.models[MODEL_ID] = release
        yield hub


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path, voice: Voice) -> None:
    settings.VOICES_DIR = tmp_path / "voices"
    settings.STORAGES = {
        **settings.STORAGES,
        "models": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "archive"},
        },
    }
    presence.forget()


def voices(*words: str, **options: Any) -> str:
    told = StringIO()
    call_command("voices", *words, stdout=told, **options)
    return told.getvalue()


def add(release: Path, *words: str) -> str:
    return voices("add", str(release), "--voice", "tiny_emo", "--gender", "female", *words)


def test_a_model_goes_the_whole_way_from_a_hub_to_a_callers_sound(
    hub: Hub, hotline: Hotline, worker: None
) -> None:
    told = voices("fetch", MODEL_ID, "--endpoint", hub.url, "--gender", "female")
    assert "下载完成：20 个文件" in told
    assert "许可：Apache License 2.0" in told
    assert "音色 tiny_emo（tiny）：新音色，已启用" in told
    assert "检查通过" in voices("check", next(root().glob("tiny*")).name)
    assert not any((root() / ".fetching").glob("damo*"))

    voice = Voice.objects.get(code="tiny_emo")
    assert (voice.engine, voice.sample_rate, voice.licence) == ("sambert", 16_000, "Apache License 2.0")
    assert voice.provenance == f"{MODEL_ID}@master"
    offered = voice.voiceemotion_set.filter(is_active=True).values_list("emotion__code", flat=True)
    assert list(offered) == ["neutral"]  # the others are there, and wait for somebody to have heard them
    assert voice.emotions.count() == 9
    assert Event.objects.filter(action="voice.enrolled", object_id="tiny_emo").exists()

    answer = hotline.say("您好，今天下午停水。", voice="tiny_emo")
    assert (answer.status_code, answer["X-Engine"]) == (200, "sambert"), answer.content
    samples, rate = audio.decode(answer.content)
    assert rate == 16_000
    assert len(samples) / rate > 1.0
    speech = Speech.objects.get()
    assert speech.engine_version == get_engine("sambert", folder=root().parent, model=voice.model).version

    load_engines(sender="worker@here")
    page = official("system_admin").see("synthesis_voice_change", voice.pk).content.decode()
    for words in (speech.engine_version, "worker@here", "已加载", "Apache License 2.0", "试听高兴"):
        assert words in page


def test_a_broken_download_goes_on_where_it_stopped(hub: Hub) -> None:
    name = "voices/tiny_emo/am/ckpt/checkpoint_90.pth"
    hub.breaks[name] = 50_000
    voices("fetch", MODEL_ID, "--endpoint", hub.url, "--gender", "female")
    assert hub.asked.count((name, "bytes=50000-")) == 1


def test_what_the_hub_did_not_promise_is_refused(hub: Hub, tmp_path: Path) -> None:
    fetch = ("fetch", MODEL_ID, "--endpoint", hub.url, "--gender", "female")
    for name in ("../../outside.txt", "/outside.txt", "a\\..\\outside.txt", "*/outside.txt"):
        hub.lists_also = [{"Path": name, "Type": "blob", "Size": 3}]
        with pytest.raises(CommandError, match=r"不安全的文件名.*outside\.txt"):
            voices(*fetch)
    hub.lists_also = []
    with pytest.raises(CommandError, match="没有这个模型或版本"):
        voices("fetch", "damo/nothing", "--endpoint", hub.url)
    with pytest.raises(CommandError, match="模型编号或版本有误"):
        voices("fetch", "../etc", "--endpoint", hub.url)
    assert not Voice.objects.filter(engine="sambert").exists()
    assert not list(tmp_path.rglob("outside.txt"))


def test_adding_a_folder_leaves_it_alone_and_twice_changes_nothing(release: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in release.rglob("*")}
    assert "新音色" in add(release)
    assert "已在使用，没有变化" in add(release)
    assert {path: path.stat().st_mtime_ns for path in release.rglob("*")} == before
    installed = next(root().glob("model-*")) / MODEL
    assert all(path.stat().st_mode & 0o222 == 0 for path in installed.rglob("*.pth"))


def test_a_model_that_does_not_hold_is_not_added(release: Path, tmp_path: Path) -> None:
    spoilt = Path(shutil.copytree(release, tmp_path / "spoilt"))
    checkpoint = spoilt / "voices/tiny_emo/am/ckpt/checkpoint_90.pth"
    checkpoint.write_bytes(checkpoint.read_bytes()[:20_000])
    told = StringIO()
    with pytest.raises(CommandError, match="1 处错误"):
        call_command("voices", "add", str(spoilt), "--gender", "female", stdout=told)
    assert "错误：voices/tiny_emo/am/ckpt/checkpoint_90.pth：is cut off" in told.getvalue()
    assert not Voice.objects.filter(engine="sambert").exists()
    assert not list(root().glob("*"))


def test_a_speaker_nobody_knows_must_be_described(release: Path) -> None:
    with pytest.raises(CommandError, match="--gender"):
        voices("add", str(release))
    with pytest.raises(CommandError, match="tone 已被引擎 tone 的音色占用"):
        add(release, "--code", "tone")


def test_only_proven_emotions_are_offered(release: Path, hotline: Hotline, worker: None) -> None:
    add(release)
    assert hotline.say(voice="tiny_emo", emotion="happy").status_code == 422
    staff = official("system_admin")
    voice = Voice.objects.get(code="tiny_emo")
    assert staff.see("voice-sample", voice.pk, "happy").content.startswith(b"RIFF")
    assert Event.objects.filter(action="voice.auditioned").count() == 1
    staff.press("voice-emotions", voice.pk, emotion=["neutral", "happy"])
    assert Event.objects.filter(action="voice.emotions_offered").count() == 1
    assert hotline.say(voice="tiny_emo", emotion="happy").status_code == 200
    assert "现提供：neutral" in voices("emotions", "tiny_emo", "neutral")
    with pytest.raises(CommandError, match="没有情感 bored"):
        voices("emotions", "tiny_emo", "bored")


def test_a_candidate_takes_its_share_and_is_promoted_or_called_back(
    release: Path, other_release: Path, hotline: Hotline, worker: None
) -> None:
    add(release)
    assert "候选版本" in add(other_release)
    voice = Voice.objects.get(code="tiny_emo")
    first, second = voice.model, voice.candidate_model
    assert first != second

    def spoken_by() -> set[str]:
        Speech.objects.all().delete()
        for number in "一二三四五六":
            assert hotline.say(f"第{number}号窗口", voice="tiny_emo").status_code == 200
        return set(Speech.objects.values_list("engine_version", flat=True))

    known = {
        get_engine("sambert", folder=root().parent, model=model).version: model for model in (first, second)
    }
    assert [known[version] for version in spoken_by()] == [first]
    staff = official("system_admin")
    staff.press("voice-versions", voice.pk, deed="share", share="50")
    assert {known[version] for version in spoken_by()} == {first, second}
    assert staff.see("voice-sample", voice.pk, "neutral", version="candidate").status_code == 200
    staff.press("voice-versions", voice.pk, deed="promote")
    assert [known[version] for version in spoken_by()] == [second]
    staff.press("voice-versions", voice.pk, deed="roll_back")
    assert [known[version] for version in spoken_by()] == [first]
    done = Event.objects.filter(action__startswith="voice.").values_list("action", flat=True)
    assert {"voice.candidate_shared", "voice.promoted", "voice.rolled_back"} <= set(done)


def test_the_same_text_is_always_spoken_by_the_same_version(release: Path) -> None:
    voice = Voice(code="v", model="a", candidate_model="b", candidate_share=20)
    spoken = {text: versions.model_for(voice, text) for text in map(str, range(1000))}
    assert spoken == {text: versions.model_for(voice, text) for text in spoken}
    assert 150 < sum(model == "b" for model in spoken.values()) < 250


def test_a_candidate_that_is_not_installed_costs_no_answer(
    release: Path, other_release: Path, hotline: Hotline, worker: None
) -> None:
    add(release)
    voice = Voice.objects.get(code="tiny_emo")
    versions.propose(voice=voice, model="elsewhere-12345678/tiny_emo", actor=SYSTEM, origin=None)
    versions.share(voice=voice, percent=100, actor=SYSTEM, origin=None)
    assert hotline.say(voice="tiny_emo").status_code == 200
    with pytest.raises(VersionRefused):
        versions.share(voice=voice, percent=101, actor=SYSTEM, origin=None)


def test_an_archived_model_comes_back_with_its_hashes(release: Path, hotline: Hotline, worker: None) -> None:
    add(release)
    voice = Voice.objects.get(code="tiny_emo")
    name = voice.model.split("/")[0]
    before = hotline.say(voice="tiny_emo").content
    assert f"已归档 {name}" in voices("archive", name)
    assert f"已删除模型 {name}" in voices("remove", "tiny_emo")
    assert not (root() / name).exists()
    assert hotline.say(voice="tiny_emo").status_code == 422

    told = voices("restore", name, "--voice", "tiny_emo", "--gender", "female")
    assert "摘要全部一致" in told
    assert "已重新启用" in told
    assert hotline.say(voice="tiny_emo").content == before

    store = storages["models"]
    file = store.listdir("files")[1][0]
    damaged = Path(store.path(f"files/{file}"))
    damaged.chmod(0o600)
    damaged.write_bytes(b"?")
    voices("remove", "tiny_emo")
    with pytest.raises(CommandError, match=f"{file} 已损坏"):
        voices("restore", name)
    assert not (root() / name).exists()
    with pytest.raises(CommandError, match="没有名为 nothing 的归档"):
        voices("restore", "nothing")


def test_a_damaged_voice_leaves_the_others_speaking(release: Path, hotline: Hotline, worker: None) -> None:
    add(release)
    voice = Voice.objects.get(code="tiny_emo")
    checkpoint = next(
        (root() / voice.model.split("/")[0] / MODEL).rglob("tiny_emo/voc/ckpt/checkpoint_90.pth")
    )
    checkpoint.chmod(0o644)
    checkpoint.write_bytes(checkpoint.read_bytes()[:-7])
    load_engines(sender="worker@here")
    told = presence.workers()[0].of("sambert", voice.model)
    assert told is not None
    assert "checkpoint_90.pth: is damaged" in told.failure
    assert hotline.say(voice="tiny_emo").status_code == 503
    assert hotline.say().status_code == 200  # the default voice


def test_the_default_voice_and_models_in_use_stay(release: Path) -> None:
    add(release)
    voice = Voice.objects.get(code="tiny_emo")
    with pytest.raises(CommandError, match="仍有音色在使用它"):
        voices("remove", voice.model.split("/")[0])
    with pytest.raises(CommandError, match="随平台提供"):
        voices("remove", "tone")
    assert voice.code in voices("list")
    enrolment.retire(voice=voice, actor=SYSTEM, origin=None)
    assert "已删除模型" in voices("remove", voice.model.split("/")[0])
