"""What the editor shows: one component for the desk and for broadcasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from govvoice.portal.desk.forms import SpokenForm
from govvoice.portal.desk.voices import VoiceCard, cards_for_script, in_place_of, voice_cards
from govvoice.portal.desk.words import words


@dataclass(frozen=True, slots=True)
class Slider:
    """A number as slider and field. `step` is the slider's, `fine` the field's; `neutral` changes nothing."""

    name: str
    hint: str
    unit: str
    low: float
    high: float
    step: float
    fine: float
    neutral: float
    label: str = ""
    value: Any = None
    error: str = ""


def neutral_values(cards: list[VoiceCard], default_voice: str = "") -> dict[str, Any]:
    """A blank text in the default voice, or the platform's where that is not in service, spoken plainly."""
    voice = cards[0].code if cards else ""
    if any(card.code == default_voice for card in cards):
        voice = default_voice
    plain = {"emotion": "neutral", "intensity": 1.0, "rate": 1.0, "pitch": 0.0, "volume": 50}
    return {"text": "", "voice": voice, **plain}


def editor_context(
    chosen: Mapping[str, Any], form: SpokenForm | None = None, *, default_voice: str = "", **more: Any
) -> dict[str, Any]:
    """The context of the editor's templates; `more` goes to the page's script.

    `default_voice` speaks what names no voice. What names one out of service is offered its successor.
    """
    cards = voice_cards()
    chosen = {**neutral_values(cards, default_voice), **chosen}
    chosen["voice"] = in_place_of(chosen["voice"])
    return {
        "cards": cards,
        "chosen": chosen,
        "emotions": list(dict.fromkeys(emotion for card in cards for emotion in card.emotions)),
        "sliders": _sliders(chosen, form, _pitch(cards, chosen["voice"])),
        "editor": {
            "voices": cards_for_script(cards),
            "limit": settings.SPEECH_MAX_CHARACTERS,
            "speak": reverse("admin:desk-speak"),
            **more,
        },
        "words": words(),
    }


def _pitch(cards: list[VoiceCard], code: str) -> tuple[float, float]:
    return next((card.pitch for card in cards if card.code == code), (-12, 12))


def _sliders(chosen: Mapping[str, Any], form: SpokenForm | None, pitch: tuple[float, float]) -> list[Slider]:
    low, high = pitch
    sliders = (
        Slider("intensity", _("情感的强弱，1 为标准"), "×", 0.01, 2, 0.01, 0.01, 1),
        Slider("rate", _("0.5 最慢，2 最快"), "×", 0.5, 2, 0.05, 0.01, 1),
        Slider("pitch", _("按半音升降"), _("半音"), low, high, 0.5, 0.1, 0),
        Slider("volume", _("50 为原始音量"), "", 0, 100, 1, 1, 50),
    )
    return [
        replace(
            slider,
            label=str(SpokenForm.base_fields[slider.name].label),
            value=chosen[slider.name],
            error=_error(form, slider.name),
        )
        for slider in sliders
    ]


def _error(form: SpokenForm | None, name: str) -> str:
    return str(next(iter(form.errors.get(name, [])), "")) if form is not None and form.is_bound else ""
