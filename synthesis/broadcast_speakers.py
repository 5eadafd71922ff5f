"""The speakers for broadcasts that we ship, where their files are (make speakers).

Their names are ours and say how they sound; the files keep the names that they came with.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from django.conf import settings

from synthesis.engines.base import EngineNotInstalled
from synthesis.engines.registry import get_engine
from synthesis.models import Emotion, Speaker, Voice, VoiceEmotion

ENGINE: Final = "kokoro"
LICENCE: Final = "模型与音色文件 Apache-2.0，ONNX 转换 MIT（以软件包内的声明为准）"
_PROVENANCE: Final = (
    "Kokoro-82M v1.0（int8）的 {model}。作者称训练数据以合成语音为主，公开资料称其中一部分出自商业语音合成；"
    "音色文件与某商业云的发音人同名，音色来源没有文件可查。仅供试用；正式使用前请由法务核实授权。"
)


class _Speaker(NamedTuple):
    code: str
    model: str
    name: str
    name_en: str
    gender: Speaker.Gender
    description: str


SPEAKERS: Final = (
    _Speaker(
        "male-deep", "zm_yunjian", "男声·浑厚", "Male, deep", Speaker.Gender.MALE,
        "低沉的男声，音高约 110 Hz，适合通知、公告播报。",
    ),
    _Speaker(
        "male-news", "zm_yunyang", "男声·播音", "Male, newsreader", Speaker.Gender.MALE,
        "播音腔男声，音高约 110 Hz，适合新闻、政策播报。",
    ),
    _Speaker(
        "male-young", "zm_yunxi", "男声·青年", "Male, young", Speaker.Gender.MALE,
        "青年男声，音高约 150 Hz，适合办事指南、提示。",
    ),
    _Speaker(
        "child", "zm_yunxia", "童声", "Child", Speaker.Gender.CHILD,
        "男孩般的声音，音高约 275 Hz，适合校园、少儿活动。",
    ),
    _Speaker(
        "female-even", "zf_xiaoxiao", "女声·平稳", "Female, even", Speaker.Gender.FEMALE,
        "平稳的女声，音高约 230 Hz，适合一般通知。",
    ),
    _Speaker(
        "female-bright", "zf_xiaoyi", "女声·明快", "Female, bright", Speaker.Gender.FEMALE,
        "较高而轻快的女声，音高约 285 Hz，适合活动、节庆。",
    ),
    _Speaker(
        "female-soft", "zf_xiaobei", "女声·柔和", "Female, soft", Speaker.Gender.FEMALE,
        "柔和的女声，音高约 225 Hz；是否带地方口音请试听确认。",
    ),
)  # fmt: skip


def load(emotions: Iterable[Emotion]) -> None:
    """Creates those whose files are here; what staff changed or switched off stays so."""
    offered = list(emotions)
    for speaker in SPEAKERS:
        if is_installed(speaker.model):
            _load(speaker, offered)


def is_installed(model: str) -> bool:
    try:
        get_engine(ENGINE, folder=settings.VOICES_DIR, model=model)
    except EngineNotInstalled:
        return False
    return True


def _load(shipped: _Speaker, emotions: Iterable[Emotion]) -> None:
    position = 10 + SPEAKERS.index(shipped)  # behind the live voices
    speaker, _ = Speaker.objects.get_or_create(
        code=shipped.code,
        defaults={
            "name": shipped.name,
            "name_en": shipped.name_en,
            "gender": shipped.gender,
            "description": shipped.description,
            "position": position,
        },
    )
    engine = get_engine(ENGINE, folder=settings.VOICES_DIR, model=shipped.model)
    voice, _ = Voice.objects.get_or_create(
        code=shipped.code,
        defaults={
            "speaker": speaker,
            "engine": ENGINE,
            "model": shipped.model,
            "sample_rate": engine.sample_rate,
            "speed_class": Voice.SpeedClass.BROADCAST,
            "licence": LICENCE,
            "provenance": _PROVENANCE.format(model=shipped.model),
        },
    )
    for emotion in emotions:
        VoiceEmotion.objects.get_or_create(voice=voice, emotion=emotion)
