"""The voices as staff choose among them: cards with what each can do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from synthesis.casting import engine_of
from synthesis.errors import SpeechUnavailable
from synthesis.models import Category, Emotion, Voice

WIDEST_PITCH = (-12.0, 12.0)  # semitones, as SpeechSpec allows; an engine may do less


@dataclass(frozen=True, slots=True)
class VoiceCard:
    """One choice. `emotions` are (code, name) in the catalogue's order, `pitch` is in semitones."""

    code: str
    name: str
    gender: str
    tag: str
    description: str
    sample: str
    emotions: tuple[tuple[str, str], ...]
    pitch: tuple[float, float]
    is_default: bool


def voice_cards() -> list[VoiceCard]:
    """Every voice in service, the default one first."""
    voices = (
        Voice.objects.filter(is_active=True, speaker__is_active=True)
        .select_related("speaker")
        .prefetch_related("voiceemotion_set__emotion")
        .order_by("-is_default", "speaker__position", "code")
    )
    return [_card(voice) for voice in voices]


def in_place_of(code: str) -> str:
    """The voice that speaks for one out of service, if somebody was named; else the code itself."""
    seen: set[str] = set()
    while code not in seen:
        seen.add(code)
        gone = Voice.objects.filter(code=code, is_active=False, successor__isnull=False)
        code = gone.values_list("successor__code", flat=True).first() or code
    return code


def cards_for_script(cards: Iterable[VoiceCard]) -> dict[str, dict[str, Any]]:
    """What the editor's script needs of each card, by code."""
    return {card.code: asdict(card) for card in cards}


def speaker_names() -> dict[str, str]:
    """Code of a voice to the name staff know it by, those out of service included."""
    return {voice.code: str(voice.speaker) for voice in Voice.objects.select_related("speaker")}


def emotion_names() -> dict[str, str]:
    return {emotion.code: str(emotion) for emotion in Emotion.objects.all()}


def category_names() -> dict[str, str]:
    return {category.code: str(category) for category in Category.objects.all()}


def _card(voice: Voice) -> VoiceCard:
    speaker = voice.speaker
    offered = [row.emotion for row in voice.voiceemotion_set.all() if row.is_active]
    return VoiceCard(
        code=voice.code,
        name=str(speaker),
        gender=speaker.get_gender_display(),
        tag=voice.get_speed_class_display(),
        description=speaker.description,
        sample=_("您好，我是%(name)s。") % {"name": speaker.name},
        emotions=tuple((emotion.code, str(emotion)) for emotion in offered),
        pitch=_pitch_range(voice),
        is_default=voice.is_default,
    )


def _pitch_range(voice: Voice) -> tuple[float, float]:
    try:
        return engine_of(voice).pitch_range
    except SpeechUnavailable:
        return WIDEST_PITCH  # the page must open all the same; speaking then says what is wrong
